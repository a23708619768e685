/** Bad input of every door gets the code of the catalogue that names it, and changes nothing. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  type AnyWorkflow,
  type CallOptions,
  defineKind,
  isPawlError,
  pawl,
  TerminalError,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { closeEngine, newDatabase, openEngine, pathOfDatabase } from './support/opened-engine.ts';
import { codeOf, eventsOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

const book = 'x'.repeat(1_000_000);
const fn = (): number => 1;
const hang = (): Promise<never> => new Promise(() => undefined);
const done = workflow({ name: 'done' }, async () => 'done');
const waiting = workflow({ name: 'waiting' }, async (ctx) => {
  await ctx.approval('ship', { message: 'Ship?' });
  return await ctx.signal('go');
});
const typed = workflow({ name: 'typed', input: z.object({ n: z.number() }) }, (_ctx, { n }) => n);

/** A definition with options that TypeScript would not let pass. */
function define(options: object, run: unknown = async () => 1): AnyWorkflow {
  return workflow(options as never, run as never);
}

async function openWith(options: object): Promise<void> {
  const engine = await pawl.open({ store: 'sqlite::memory:', ...options });
  await engine.close();
}

async function problemOf(act: () => unknown): Promise<{ readonly code: string; readonly text: string }> {
  try {
    await act();
  } catch (error) {
    if (isPawlError(error)) return { code: error.code, text: `${error.message} ${error.todo}` };
    throw error;
  }
  return { code: 'nothing was refused', text: '' };
}

const NOBODY = 65_534;

/** Root may write anything: then the act is done as nobody. */
async function withoutRights<T>(act: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe('a definition is refused', () => {
  test.each<[string, string, RegExp, () => unknown]>([
    ['without a name', 'WORKFLOW_NAME_MISSING', /name/, () => define({})],
    ['with an empty name', 'WORKFLOW_NAME_MISSING', /name/, () => define({ name: '' })],
    ['with a name that is none', 'WORKFLOW_NAME_INVALID', /"a b"/, () => define({ name: 'a b' })],
    ['with a name that is a number', 'WORKFLOW_NAME_INVALID', /number/, () => define({ name: 7 })],
    ['with a version that is none', 'NAME_INVALID', /"1#2"/, () => define({ name: 'a', version: '1#2' })],
    ['without a function', 'OPTION_INVALID', /workflow "a"/, () => define({ name: 'a' }, 'code')],
    [
      'with an option nobody knows',
      'OPTION_UNKNOWN',
      /"retires".*retry/,
      () => define({ name: 'a', retires: 3 }),
    ],
    ['with a bad duration', 'DURATION_INVALID', /"soon"/, () => define({ name: 'a', deadline: 'soon' })],
    [
      'with a negative duration',
      'DURATION_INVALID',
      /"-1 \(less than nothing\)"/,
      () => define({ name: 'a', deadline: -1 }),
    ],
    ['with an unknown policy', 'RETRY_INVALID', /"often"/, () => define({ name: 'a', retry: 'often' })],
    [
      'with a policy of no attempts',
      'RETRY_INVALID',
      /attempts/,
      () => define({ name: 'a', retry: { attempts: 0 } }),
    ],
    [
      'with an unknown class',
      'RETRY_INVALID',
      /"broken"/,
      () => define({ name: 'a', retry: { on: ['broken'] } }),
    ],
    ['with a bad delay', 'DURATION_INVALID', /"2 s"/, () => define({ name: 'a', retry: { initial: '2 s' } })],
    [
      'with an option of a policy nobody knows',
      'RETRY_INVALID',
      /"tries"/,
      () => define({ name: 'a', retry: { tries: 3 } }),
    ],
  ])('%s', async (_what, code, says, act) => {
    const problem = await problemOf(act);
    expect(problem.code).toBe(code);
    expect(problem.text).toMatch(says);
  });

  test.each([
    'policy',
    'budget',
    'autonomy',
    'context',
    'contract',
    'contracts',
    'models',
    'agents',
    'tools',
    'quorum',
    'roles',
    'queue',
    'state',
  ])('with %s, which this version does not enforce', async (option) => {
    const problem = await problemOf(() => define({ name: 'flow', [option]: {} }));
    expect(problem.code).toBe('NOT_SUPPORTED_YET');
    expect(problem.text).toContain(`workflow "flow".${option}`);
  });
});

describe('an engine is not opened', () => {
  const other = workflow({ name: 'done', version: '1' }, async () => 'other');
  const kind = defineKind({ name: 'mail', execute: async () => ({ output: null }) });

  test.each<[string, string, object]>([
    ['with two workflows of one name', 'WORKFLOW_DUPLICATE', { workflows: [done, other] }],
    ['with something that is no workflow', 'NOT_A_WORKFLOW', { workflows: [{ name: 'a' }] }],
    ['with nothing where a workflow should be', 'NOT_A_WORKFLOW', { workflows: [undefined] }],
    ['with a kind registered twice', 'KIND_DUPLICATE', { kinds: [kind, kind] }],
    ['with an option nobody knows', 'OPTION_UNKNOWN', { workers: 4 }],
    ['with a tenant that is none', 'NAME_INVALID', { tenant: 'a/b' }],
    ['with a store that is none', 'STORE_URL_INVALID', { store: 'mysql://localhost' }],
    ['with a store without a path', 'STORE_URL_INVALID', { store: 'sqlite:' }],
    ['with a policy', 'NOT_SUPPORTED_YET', { policy: {} }],
    ['with a budget', 'NOT_SUPPORTED_YET', { budget: { usd: 1 } }],
    ['with an autonomy', 'NOT_SUPPORTED_YET', { autonomy: 'full' }],
  ])('%s: %s', async (_what, code, options) => {
    expect(await codeOf(() => openWith(options))).toBe(code);
  });
});

describe('a database file is not touched', () => {
  async function refusedFor(path: string): Promise<{ readonly code: string; readonly isSame: boolean }> {
    const before = readFileSync(path);
    const platform = fakePlatform();
    const opening = codeOf(() => pawl.open({ store: `sqlite:${path}`, workflows: [done], platform }));
    await platform.advance(10_000);
    return { code: await opening, isSame: before.equals(readFileSync(path)) };
  }

  function newPath(): string {
    return pathOfDatabase(newDatabase());
  }

  test('that is not a database', async () => {
    const path = newPath();
    writeFileSync(path, 'shopping list: milk, eggs, bread, and a pound of butter\n'.repeat(100));
    expect(await refusedFor(path)).toEqual({ code: 'STORE_NOT_OURS', isSame: true });
  });

  test('that is the database of another program', async () => {
    const path = newPath();
    const db = new DatabaseSync(path);
    db.exec('create table albums (title text)');
    db.close();
    expect(await refusedFor(path)).toEqual({ code: 'STORE_NOT_OURS', isSame: true });
  });

  test('that is a folder', async () => {
    const path = newPath();
    mkdirSync(path);
    expect(await codeOf(() => pawl.open({ store: `sqlite:${path}` }))).toBe('STORE_NOT_OURS');
  });

  test('that a newer Pawl has written', async () => {
    const store = newDatabase();
    const opened = await openEngine([done], { store });
    await closeEngine(opened);
    const path = pathOfDatabase(store);
    const db = new DatabaseSync(path);
    db.exec('pragma user_version = 99');
    db.exec('pragma wal_checkpoint(truncate)');
    db.close();
    expect(await refusedFor(path)).toEqual({ code: 'STORE_TOO_NEW', isSame: true });
  });

  test('that may only be read', async () => {
    const store = newDatabase();
    await closeEngine(await openEngine([done], { store }));
    const path = pathOfDatabase(store);
    chmodSync(path, 0o444);
    chmodSync(dirname(path), 0o555);
    const refusal = await withoutRights(() => refusedFor(path));
    chmodSync(dirname(path), 0o755);
    expect(refusal).toEqual({ code: 'STORE_READ_ONLY', isSame: true });
  });

  test('in a folder that cannot be made', async () => {
    const path = newPath();
    writeFileSync(path, '');
    expect(await codeOf(() => pawl.open({ store: `sqlite:${join(path, 'deeper', 'pawl.db')}` }))).toBe(
      'STORE_READ_ONLY',
    );
  });

  test('that another program holds alone', async () => {
    const store = newDatabase();
    await closeEngine(await openEngine([done], { store }));
    const path = pathOfDatabase(store);
    const holder = new DatabaseSync(path);
    holder.exec(
      'pragma locking_mode = exclusive; begin exclusive; create table if not exists mine (a); commit;',
    );
    const platform = fakePlatform();
    const opening = codeOf(() => pawl.open({ store, workflows: [done], platform }));
    await platform.advance(10_000);
    expect(await opening).toBe('STORE_LOCKED');
    holder.close();
    await closeEngine(await openEngine([done], { store, seed: 2 }));
  });
});

describe('a start is refused', () => {
  const starts: [
    string,
    string,
    (engine: Awaited<ReturnType<typeof openEngine>>['engine']) => Promise<unknown>,
  ][] = [
    ['of a workflow nobody knows', 'WORKFLOW_UNKNOWN', (engine) => engine.start('no-such-workflow')],
    [
      'of a version nobody knows',
      'WORKFLOW_UNKNOWN',
      (engine) => engine.start('done', null, { version: '9' }),
    ],
    ['of something that is no workflow', 'NOT_A_WORKFLOW', (engine) => engine.start({} as never, null)],
    ['with an input that fails its schema', 'INPUT_INVALID', (engine) => engine.start('typed', { n: 'one' })],
    ['with an input that is missing', 'INPUT_INVALID', (engine) => engine.start('typed')],
    ['with a function in its input', 'VALUE_INVALID', (engine) => engine.start('done', { run: () => 1 })],
    ['with a cycle in its input', 'VALUE_INVALID', (engine) => engine.start('done', cycle)],
    ['with a BigInt in its input', 'VALUE_INVALID', (engine) => engine.start('done', [1n])],
    ['with an id that is none', 'RUN_ID_INVALID', (engine) => engine.start('done', null, { id: '../etc' })],
    [
      'with a priority that is none',
      'OPTION_INVALID',
      (engine) => engine.start('done', null, { priority: 1.5 }),
    ],
    [
      'with a priority beyond 100',
      'OPTION_INVALID',
      (engine) => engine.start('done', null, { priority: 101 }),
    ],
    [
      'with a label that is no text',
      'OPTION_INVALID',
      (engine) => engine.start('done', null, { labels: { a: 1 as never } }),
    ],
    ['with an empty key', 'OPTION_INVALID', (engine) => engine.start('done', null, { idempotencyKey: '' })],
    [
      'with an option nobody knows',
      'OPTION_UNKNOWN',
      (engine) => engine.start('done', null, { prio: 1 } as never),
    ],
    [
      'by somebody whose name is none',
      'OPTION_INVALID',
      (engine) => engine.start('done', null, { by: 'a\0' }),
    ],
    [
      'by a trigger that is none',
      'OPTION_INVALID',
      (engine) => engine.start('done', null, { trigger: 'magic' as never }),
    ],
    [
      'with a key that no store can hold',
      'OPTION_INVALID',
      (engine) => engine.start('done', null, { idempotencyKey: 'a\0' }),
    ],
    [
      'with a budget',
      'NOT_SUPPORTED_YET',
      (engine) => engine.start('done', null, { budget: { usd: 1 } } as never),
    ],
  ];

  test.each(starts)('%s: %s', async (_what, code, act) => {
    const { engine, platform } = await openEngine([done, typed]);
    expect(await codeOf(() => act(engine))).toBe(code);
    await platform.settle();
    expect(await engine.runs.list()).toEqual([]);
  });

  test('with the path of what is wrong in it', async () => {
    const { engine } = await openEngine([done, typed]);
    expect((await problemOf(() => engine.start('typed', { n: 'one' }))).text).toContain('$.n');
    expect((await problemOf(() => engine.start('done', { a: [{ b: () => 1 }] }))).text).toContain('$.a[0].b');
  });
});

describe('an act is refused', () => {
  const ada = { by: 'ada' };
  const acts: [
    string,
    string,
    (engine: Awaited<ReturnType<typeof openEngine>>['engine']) => Promise<unknown>,
  ][] = [
    ['on a run nobody knows: get', 'RUN_NOT_FOUND', (engine) => engine.runs.get('no-such-run')],
    ['on a run nobody knows: why', 'RUN_NOT_FOUND', (engine) => engine.why('no-such-run')],
    ['on a run nobody knows: signal', 'RUN_NOT_FOUND', (engine) => engine.signal('no-such-run', 'go')],
    ['on a run nobody knows: cancel', 'RUN_NOT_FOUND', (engine) => engine.cancel('no-such-run')],
    ['on a run nobody knows: pause', 'RUN_NOT_FOUND', (engine) => engine.pause('no-such-run')],
    ['on a run nobody knows: resume', 'RUN_NOT_FOUND', (engine) => engine.resume('no-such-run')],
    ['on a run nobody knows: retry', 'RUN_NOT_FOUND', (engine) => engine.retry('no-such-run')],
    [
      'on a run nobody knows: approve',
      'RUN_NOT_FOUND',
      (engine) => engine.approve('no-such-run', 'ship', ada),
    ],
    [
      'on a run nobody knows: answer',
      'RUN_NOT_FOUND',
      (engine) => engine.answer('no-such-run', 'ship', 1, ada),
    ],
    ['on a run nobody knows: status', 'RUN_NOT_FOUND', (engine) => engine.handle('no-such-run').status()],
    ['on a run nobody knows: result', 'RUN_NOT_FOUND', (engine) => engine.handle('no-such-run').result()],
    ['on a gate that nobody opened', 'GATE_CLOSED', (engine) => engine.approve('run', 'other', ada)],
    ['without a person', 'PERSON_MISSING', (engine) => engine.approve('run', 'ship', {})],
    ['with a signal name that is none', 'NAME_INVALID', (engine) => engine.signal('run', 'a b')],
    [
      'with a payload that cannot be recorded',
      'VALUE_INVALID',
      (engine) => engine.signal('run', 'go', { at: new Date() }),
    ],
    ['where nothing is paused', 'RUN_NOT_PAUSED', (engine) => engine.resume('run')],
    ['where nothing is parked', 'RUN_NOT_PARKED', (engine) => engine.retry('run')],
    ['on a finished run: signal', 'RUN_TERMINAL', (engine) => engine.signal('finished', 'go')],
    ['on a finished run: pause', 'RUN_TERMINAL', (engine) => engine.pause('finished')],
    ['on a finished run: approve', 'RUN_TERMINAL', (engine) => engine.approve('finished', 'ship', ada)],
    ['with a page that is none', 'OPTION_INVALID', (engine) => engine.runs.list({ limit: 0 })],
    [
      'with a status that is none',
      'OPTION_INVALID',
      (engine) => engine.runs.list({ status: ['stuck' as never] }),
    ],
    [
      'with a kind of wait that is none',
      'OPTION_INVALID',
      (engine) => engine.waits({ kinds: ['timer' as never] }),
    ],
    [
      'with a reason that is no text',
      'OPTION_INVALID',
      (engine) => engine.cancel('run', { reason: {} as never }),
    ],
    ['with a reason as long as a book', 'OPTION_INVALID', (engine) => engine.cancel('run', { reason: book })],
    [
      'with a comment that is no text',
      'OPTION_INVALID',
      (engine) => engine.approve('run', 'ship', { by: 'ada', comment: 7 as never }),
    ],
    [
      'by a person with half a character',
      'OPTION_INVALID',
      (engine) => engine.pause('run', { by: 'a\uD800' }),
    ],
    [
      'by a person whose name is a book',
      'OPTION_INVALID',
      (engine) => engine.signal('run', 'go', 1, { by: book }),
    ],
    [
      'with an empty id of the message',
      'OPTION_INVALID',
      (engine) => engine.signal('run', 'go', 1, { dedupeId: '' }),
    ],
    [
      'with an id of the message that is no text',
      'OPTION_INVALID',
      (engine) => engine.signal('run', 'go', 1, { dedupeId: 7 as never }),
    ],
    [
      'with an option nobody knows',
      'OPTION_UNKNOWN',
      (engine) => engine.signal('run', 'go', 1, { bye: 'ada' } as never),
    ],
    ['with a signal name of half a character', 'NAME_INVALID', (engine) => engine.signal('run', 'a\uD800')],
  ];

  test.each(acts)('%s: %s', async (_what, code, act) => {
    const { engine, platform } = await openEngine([done, waiting]);
    await engine.start(waiting, null, { id: 'run' });
    await engine.start(done, null, { id: 'finished' });
    await platform.settle();
    const before = [await eventsOf(engine, 'run'), await eventsOf(engine, 'finished')];
    expect(await codeOf(() => act(engine))).toBe(code);
    await platform.settle();
    expect([await eventsOf(engine, 'run'), await eventsOf(engine, 'finished')]).toEqual(before);
  });

  test('on a gate that was closed meanwhile', async () => {
    const { engine, platform } = await openEngine([waiting]);
    await engine.start(waiting, null, { id: 'run' });
    await platform.settle();
    await engine.approve('run', 'ship', ada);
    const before = await eventsOf(engine, 'run');
    expect(await codeOf(() => engine.reject('run', 'ship', { by: 'bob' }))).toBe('GATE_CLOSED');
    expect((await eventsOf(engine, 'run')).slice(0, before.length)).toEqual(before);
    expect((await eventsOf(engine, 'run')).filter(({ type }) => type === 'approval.decided')).toHaveLength(1);
  });
});

describe('a call of ctx is refused, and the function may catch that', () => {
  const calls: [string, string, Run][] = [
    ['a step without a name', 'NAME_INVALID', (ctx) => ctx.step('', fn)],
    ['a step whose name is none', 'NAME_INVALID', (ctx) => ctx.step('a/b', fn)],
    ['a step without a function', 'OPTION_INVALID', (ctx) => ctx.step('a', 7 as never)],
    ['a step with a bad timeout', 'DURATION_INVALID', (ctx) => ctx.step('a', fn, { timeout: 'soon' })],
    ['a step with a bad policy', 'RETRY_INVALID', (ctx) => ctx.step('a', fn, { retry: 'often' as never })],
    [
      'a step with an option nobody knows',
      'OPTION_UNKNOWN',
      (ctx) => ctx.step('a', fn, { retries: 3 } as never),
    ],
    [
      'a step with a checked input of a Date',
      'VALUE_INVALID',
      (ctx) => ctx.step('a', fn, { input: new Date(), check: true }),
    ],
    ['a sleep of a bad duration', 'DURATION_INVALID', (ctx) => ctx.sleep('a', '5 minutes')],
    ['a sleep until no date', 'OPTION_INVALID', (ctx) => ctx.sleep('a', new Date(Number.NaN))],
    ['a signal with a bad timeout', 'DURATION_INVALID', (ctx) => ctx.signal('a', undefined, { timeout: '' })],
    ['an approval without a message', 'OPTION_INVALID', (ctx) => ctx.approval('a', {} as never)],
    [
      'an approval of nobody',
      'OPTION_INVALID',
      (ctx) => ctx.approval('a', { message: 'Go?', approvers: [] }),
    ],
    [
      'an approval with a quorum',
      'NOT_SUPPORTED_YET',
      (ctx) => ctx.approval('a', { message: 'Go?', quorum: 2 } as never),
    ],
    [
      'an approval with roles',
      'NOT_SUPPORTED_YET',
      (ctx) => ctx.approval('a', { message: 'Go?', roles: ['r'] } as never),
    ],
    [
      'an approval with a bad deadline',
      'DURATION_INVALID',
      (ctx) => ctx.approval('a', { message: 'Go?', deadline: '1 day' }),
    ],
    [
      'an approval with an option nobody knows',
      'OPTION_UNKNOWN',
      (ctx) => ctx.approval('a', { message: 'Go?', by: 'x' } as never),
    ],
    ['a step whose name no store can hold', 'NAME_INVALID', (ctx) => ctx.step('a\0b', fn)],
    ['a step whose name is half a character', 'NAME_INVALID', (ctx) => ctx.step('a\uD800', fn)],
    [
      'a step with a label that is no text',
      'OPTION_INVALID',
      (ctx) => ctx.step('a', fn, { label: 7 as never }),
    ],
    ['a patch whose id no store can hold', 'NAME_INVALID', async (ctx) => ctx.patched('a\0')],
    [
      'an approval of somebody who is no text',
      'OPTION_INVALID',
      (ctx) => ctx.approval('a', { message: 'Go?', approvers: [7 as never] }),
    ],
    [
      'an approval with a timeout that means nothing',
      'OPTION_INVALID',
      (ctx) => ctx.approval('a', { message: 'Go?', onTimeout: 'explode' as never }),
    ],
    [
      'an approval with a message as long as a book',
      'OPTION_INVALID',
      (ctx) => ctx.approval('a', { message: book }),
    ],
    [
      'an input with a message that is no text',
      'OPTION_INVALID',
      (ctx) => ctx.input('a', undefined, { message: 7 as never }),
    ],
    [
      'a child with a label as long as a book',
      'OPTION_INVALID',
      (ctx) => ctx.workflow('done', null, { label: book }),
    ],
    ['a child that is no workflow', 'NOT_A_WORKFLOW', (ctx) => ctx.workflow({} as never, null)],
    ['a child with an input of a function', 'VALUE_INVALID', (ctx) => ctx.workflow('done', { run: fn })],
  ];

  test.each(calls)('%s: %s', async (_what, code, call) => {
    const one = workflow({ name: 'flow' }, (ctx) => codeOf(() => call(ctx)));
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.settle();
    expect((await engine.runs.get(run.id)).output).toBe(code);
    expect((await engine.runs.get('run')).steps).toEqual([]);
  });

  test.each(['queue', 'policy', 'budget', 'autonomy', 'context', 'contract', 'verify', 'finalize'])(
    'a step with %s, which this version does not enforce',
    async (option) => {
      const options = { [option]: {} } as CallOptions;
      const one = workflow(
        { name: 'flow' },
        async (ctx) => (await problemOf(() => ctx.step('a', fn, options))).text,
      );
      const { engine, platform } = await openEngine([one]);
      const run = await engine.start(one, null);
      await platform.settle();
      expect(await run.result()).toContain(`step "a".${option} is not enforced`);
    },
  );
});

describe('what a function does wrong fails its run', () => {
  const limits = { payloadBytes: 1_000 };
  const wrong: [string, string, string, Run][] = [
    [
      'a step that returns a function',
      'STEP_VALUE_INVALID',
      '$.run',
      (ctx) => ctx.step('a', () => ({ run: fn })),
    ],
    ['a step that returns a cycle', 'STEP_VALUE_INVALID', '$.self', (ctx) => ctx.step('a', () => cycle)],
    ['a step that returns a BigInt', 'STEP_VALUE_INVALID', '$[1]', (ctx) => ctx.step('a', () => [0, 1n])],
    ['a run that returns a function', 'OUTPUT_INVALID', '$.run', async () => ({ run: fn })],
    ['a run that returns a cycle', 'OUTPUT_INVALID', '$.self', async () => cycle],
    ['a run that returns a BigInt', 'OUTPUT_INVALID', '$.n', async () => ({ n: 1n })],
    [
      'an output over the limit',
      'STEP_PAYLOAD_TOO_LARGE',
      '1000',
      (ctx) => ctx.step('a', () => 'x'.repeat(1_000)),
    ],
    ['an exception outside of steps', 'WORKFLOW_THREW', 'no', () => Promise.reject(new Error('no'))],
    [
      'a forgotten step that is open',
      'FORGOTTEN_AWAIT',
      '"a"',
      async (ctx) => void ctx.step('a', () => hang()),
    ],
    [
      'a forgotten step that failed',
      'FORGOTTEN_AWAIT',
      '"a"',
      async (ctx) => {
        void ctx.step('a', () => Promise.reject(new TerminalError('no')));
        await ctx.step('b', () => 1);
        await ctx.step('c', () => 1);
      },
    ],
  ];

  test.each(wrong)('%s: %s', async (_what, code, says, run) => {
    const one = workflow({ name: 'flow' }, run);
    const { engine, platform } = await openEngine([one, done], { limits });
    await engine.start(one, null, { id: 'run' });
    const neighbor = await engine.start(done, null);
    await platform.advance(60_000);
    const { status, failure } = await engine.runs.get('run');
    expect({ status, code: failure?.code }).toEqual({ status: 'failed', code });
    expect(failure?.message).toContain(says);
    expect(await neighbor.result()).toBe('done');
  });
});

describe('an unhandled rejection', () => {
  test('of one run among a thousand is logged on that run, and ends nobody', async () => {
    const bad = workflow({ name: 'bad' }, async (ctx) => {
      void Promise.reject(new Error('nobody looks at me'));
      await ctx.step('a', () => 1);
      await ctx.sleep('rest', '1s');
      return 'still here';
    });
    const good = workflow({ name: 'good' }, async (ctx) => {
      await ctx.sleep('rest', '1s');
      return 'fine';
    });
    const { engine, platform } = await openEngine([bad, good]);
    const others = await Promise.all(Array.from({ length: 999 }, () => engine.start(good, null)));
    const one = await engine.start(bad, null, { id: 'bad-run' });
    await platform.advance(5_000);
    expect(await one.result()).toBe('still here');
    const results = await Promise.all(others.map((run) => run.result()));
    expect(new Set(results)).toEqual(new Set(['fine']));
    const said = platform.lines.filter(({ message }) => message.includes('nobody handled'));
    expect(said.map(({ level, fields }) => [level, fields['runId'], String(fields['error'])])).toEqual([
      ['error', 'bad-run', 'Error: nobody looks at me'],
    ]);
  });
});

describe('a stranger to every run', () => {
  test('keeps the behavior of Node: its unhandled rejection is not swallowed by an engine', async () => {
    await openEngine([done]);
    const seen = vi.fn();
    const others = process
      .listeners('unhandledRejection')
      .filter((listener) => listener.name !== 'onUnhandled');
    for (const listener of others) process.off('unhandledRejection', listener);
    process.on('unhandledRejection', seen);
    void Promise.reject(new Error('of nobody'));
    await vi.waitFor(() => expect(seen).toHaveBeenCalledTimes(1));
    process.off('unhandledRejection', seen);
    for (const listener of others) process.on('unhandledRejection', listener);
  });
});
