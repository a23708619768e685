/** Nothing is accepted and ignored: an option that means nothing here is refused at every door, with the name that was meant. */
import { spawnSync } from 'node:child_process';
import { type Engine, pawl, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { openEngine } from './support/opened-engine.ts';
import { codeOf, storyOf } from './support/run-log.ts';

const done = workflow({ name: 'done' }, async () => 'done');
const asking = workflow({ name: 'asking' }, async (ctx) => {
  await ctx.approval('ship', { message: 'Ship?' });
  return await ctx.input('size');
});
const failing = workflow({ name: 'failing' }, async () => {
  throw new Error('oh');
});

describe('an engine', () => {
  test.each<[string, string, unknown]>([
    ['without options', 'OPTION_INVALID', undefined],
    ['without a store', 'STORE_URL_INVALID', {}],
    ['with a store that is a number', 'STORE_URL_INVALID', { store: 5 }],
    ['with a store that is an empty object', 'STORE_URL_INVALID', { store: {} }],
    ['with a path that holds a NUL', 'STORE_URL_INVALID', { store: 'sqlite:a\u0000b' }],
    ['with a path without an end', 'STORE_UNAVAILABLE', { store: `sqlite:${'x'.repeat(300)}` }],
    ['with one workflow in place of a list', 'OPTION_INVALID', { workflows: done }],
    ['with kinds that are no list', 'OPTION_INVALID', { kinds: 'shell' }],
    ['with a platform that is none', 'OPTION_INVALID', { platform: {} }],
    ['with a logger that is none', 'OPTION_INVALID', { logger: {} }],
    ['with secrets that are no function', 'OPTION_INVALID', { secrets: { KEY: 'x' } }],
    ['with a worker that is a word', 'OPTION_INVALID', { worker: 'yes' }],
    ['with more slots than there can be', 'OPTION_INVALID', { worker: { slots: 1e9 } }],
    ['with a limit nobody knows', 'OPTION_UNKNOWN', { limits: { payloadByte: 1 } }],
    ['with a limit below nothing', 'OPTION_INVALID', { limits: { payloadBytes: -5 } }],
    ['with a limit that is a word', 'OPTION_INVALID', { limits: { payloadBytes: 'x' } }],
    ['with a tenant that is a number', 'NAME_INVALID', { tenant: 5 }],
  ])('is not opened %s: %s', async (what, code, given) => {
    const options = what === 'without options' ? given : { store: 'sqlite::memory:', ...(given as object) };
    const wanted = what === 'without a store' ? {} : options;
    expect(await codeOf(() => pawl.open(wanted as never))).toBe(code);
  });

  test('takes a logger of its own', async () => {
    const lines: string[] = [];
    const engine = await pawl.open({
      store: 'sqlite::memory:',
      workflows: [workflow({ name: 'talks' }, (ctx) => ctx.log.info('hello'))],
      logger: { log: (level, message) => void lines.push(`${level} ${message}`) },
    });
    await (await engine.start('talks')).result();
    await engine.close();
    expect(lines).toContain('info hello');
  });

  test('whose logger throws goes on without it', async () => {
    const engine = await pawl.open({
      store: 'sqlite::memory:',
      workflows: [workflow({ name: 'talks' }, (ctx) => ctx.log.info('hello'))],
      logger: {
        log: () => {
          throw new Error('the sink is away');
        },
      },
    });
    await expect((await engine.start('talks')).result()).resolves.toBeUndefined();
    await engine.close();
  });

  test('that could not be opened leaves nothing behind: its process ends', () => {
    const script = `
      import { pawl, workflow } from 'pawl';
      import { openSqliteStore } from 'pawl/sqlite';
      const store = await openSqliteStore({ path: ':memory:', clock: { now: Date.now, monotonic: () => performance.now() },
        setTimer: (ms, run) => { const t = setTimeout(run, ms); return () => clearTimeout(t); }, random: Math.random });
      store.listWorkers = () => Promise.reject(new Error('the disk is full'));
      await pawl.open({ store, workflows: [workflow({ name: 'w' }, () => 1)] }).catch((error) => console.log(error.message));`;
    const { stdout, status } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
      { encoding: 'utf8', timeout: 8_000, cwd: import.meta.dirname },
    );
    expect([stdout.trim(), status]).toEqual(['the disk is full', 0]);
  });
});

describe('a workflow', () => {
  test.each<[string, object]>([
    ['labels', { labels: 'x' }],
    ['labels.team', { labels: { team: 7 } }],
    ['title', { title: 7 }],
    ['compatible', { compatible: '1' }],
    ['onCancel', { onCancel: 'stop' }],
    ['input', { input: {} }],
    ['output', { output: { type: 'object' } }],
  ])('with bad %s is refused', async (option, options) => {
    const declare = () => workflow({ name: 'w', ...options }, () => 1);
    expect(await codeOf(declare)).toBe('OPTION_INVALID');
    expect(declare).toThrow(option);
  });
});

describe('a start', () => {
  test.each<[string, string, unknown]>([
    ['with nothing as its options', 'OPTION_INVALID', null],
    ['by a number', 'OPTION_INVALID', { by: 5 }],
    ['by a name without an end', 'OPTION_INVALID', { by: 'x'.repeat(257) }],
    ['by nobody', 'OPTION_INVALID', { by: '' }],
    ['with a label without a name', 'OPTION_INVALID', { labels: { '': 'a' } }],
    ['triggered by what only the engine does', 'OPTION_INVALID', { trigger: 'child' }],
    ['with labels that are a list', 'OPTION_INVALID', { labels: ['a'] }],
    ['with a label without a text', 'OPTION_INVALID', { labels: { a: undefined } }],
    ['with an id that is a number', 'RUN_ID_INVALID', { id: 5 }],
    ['with a version that is a number', 'OPTION_INVALID', { version: 2 }],
  ])('%s is refused: %s', async (_what, code, options) => {
    const { engine } = await openEngine([done]);
    expect(await codeOf(() => engine.start(done, null, options as never))).toBe(code);
    expect(await engine.runs.list()).toEqual([]);
  });
});

describe('an act', () => {
  const acts: [string, (engine: Engine) => Promise<unknown>][] = [
    ['a list', (engine) => engine.runs.list({ stauts: [] } as never)],
    ['the waits', (engine) => engine.waits({ kind: 'signal' } as never)],
    ['a close', (engine) => engine.close({ timeut: '1s' } as never)],
    ['events', async (engine) => engine.handle('run').events({ folow: true } as never)],
    ['a pause', (engine) => engine.pause('run', { comment: 'x' } as never)],
    ['a resume', (engine) => engine.resume('run', { comment: 'x' } as never)],
    ['a retry', (engine) => engine.retry('run', { reason: 'x' } as never)],
    ['a cancel', (engine) => engine.cancel('run', { comment: 'x' } as never)],
    ['a signal', (engine) => engine.signal('run', 'go', 1, { comment: 'x' } as never)],
    ['an approval', (engine) => engine.approve('run', 'ship', { by: 'ada', reason: 'x' } as never)],
    ['an answer', (engine) => engine.answer('run', 'size', 1, { by: 'ada', comment: 'x' } as never)],
  ];

  test.each(acts)('%s with an option that means nothing there is refused', async (_what, act) => {
    const { engine, platform } = await openEngine([asking]);
    await engine.start(asking, null, { id: 'run' });
    await platform.settle();
    const before = await storyOf(engine, 'run');
    expect(await codeOf(() => act(engine))).toBe('OPTION_UNKNOWN');
    expect(await storyOf(engine, 'run')).toEqual(before);
  });

  test('after the engine was closed says so, the events of a run too', async () => {
    const { engine, platform } = await openEngine([done]);
    const run = await engine.start(done, null);
    const closing = engine.close();
    await platform.advance(15_000);
    await closing;
    expect(await codeOf(() => run.events()[Symbol.asyncIterator]().next())).toBe('ENGINE_CLOSED');
  });
});

describe('a resend with the same dedupe id', () => {
  test('of a decision and of an answer is answered as the first one was, also when the run has ended', async () => {
    const { engine, platform } = await openEngine([asking]);
    const run = await engine.start(asking, null, { id: 'run' });
    await platform.settle();
    const approve = () => engine.approve('run', undefined, { by: 'ada', dedupeId: 'd1' });
    const answer = () => engine.answer('run', 'size', 'xl', { by: 'ada', dedupeId: 'd2' });
    await approve();
    await approve();
    await platform.settle();
    await approve();
    await answer();
    await answer();
    await platform.settle();
    expect(await run.result()).toBe('xl');
    const story = await storyOf(engine, 'run');
    await approve();
    await answer();
    expect(await storyOf(engine, 'run')).toEqual(story);
    expect(await codeOf(() => engine.approve('run', 'ship', { by: 'ada', dedupeId: 'd3' }))).toBe(
      'RUN_TERMINAL',
    );
  });

  test('of another act, or of another signal, is no resend', async () => {
    const { engine, platform } = await openEngine([asking]);
    const run = await engine.start(asking, null, { id: 'run' });
    await platform.settle();
    for (const name of ['x', 'y', 'x']) await engine.signal('run', name, name, { dedupeId: 'd' });
    await engine.pause('run', { dedupeId: 'd' });
    expect(await run.status()).toBe('paused');
    const { bufferedSignals } = await engine.runs.get('run');
    expect(bufferedSignals).toEqual([
      { name: 'x', count: 1 },
      { name: 'y', count: 1 },
    ]);
  });

  test('of a retry gives the run that the first one started', async () => {
    const { engine, platform } = await openEngine([failing]);
    await engine.start(failing, null, { id: 'run' });
    await platform.advance(60_000);
    const first = await engine.retry('run', { dedupeId: 'again' });
    const second = await engine.retry('run', { dedupeId: 'again' });
    expect(second.id).toBe(first.id);
    expect((await engine.retry('run', { dedupeId: 'once more' })).id).not.toBe(first.id);
  });
});

describe('a call of ctx', () => {
  const calls: [string, (ctx: WorkflowContext) => Promise<unknown>, RegExp][] = [
    ['signal', (ctx) => ctx.signal('a', undefined, { timout: '3d' } as never), /did you mean "timeout"/],
    ['input', (ctx) => ctx.input('a', undefined, { deadlin: '1h' } as never), /did you mean "deadline"/],
    ['map', (ctx) => ctx.map('a', [1], () => 1, { concurency: 1 } as never), /did you mean "concurrency"/],
    [
      'parallel',
      (ctx) => ctx.parallel('a', { b: () => 1 }, { failfast: false } as never),
      /did you mean "failFast"/,
    ],
    ['workflow', (ctx) => ctx.workflow(done, null, { nam: 'x' } as never), /did you mean "name"/],
    ['step', (ctx) => ctx.step('a', () => 1, { timout: '1s' } as never), /did you mean "timeout"/],
    ['signal', (ctx) => ctx.signal('a', { timeout: '3d' } as never), /must be a Standard Schema/],
    ['input', (ctx) => ctx.input('a', {} as never), /must be a Standard Schema/],
    ['step', (ctx) => ctx.step('a', () => 1, { timeout: 0 }), /nothing ends in no time/],
    [
      'step',
      (ctx) => ctx.step('a', ({ report }) => report({ tokens: 5 } as never), { retry: 'none' }),
      /report: there is no option "tokens"/,
    ],
  ];

  test.each(calls)(
    '%s with an option nobody knows is refused, with the one that was meant',
    async (...row) => {
      const [, call, meant] = row;
      const one = workflow({ name: 'one' }, async (ctx) => {
        try {
          await call(ctx);
          return 'nothing was refused';
        } catch (error) {
          return String(error);
        }
      });
      const { engine, platform } = await openEngine([one]);
      const run = await engine.start(one, null);
      await platform.settle();
      expect(await run.result()).toMatch(meant);
    },
  );
});
