/** A run ends once: one terminal event, nothing behind it, and no verb starts it again. */
import { type Engine, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { newGate } from './support/gate.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, eventsOf, storyOf } from './support/run-log.ts';

function flow(run: (ctx: WorkflowContext) => Promise<unknown>): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

async function endsOf(engine: Engine, runId: string): Promise<readonly string[]> {
  const story = await storyOf(engine, runId);
  return story.filter((line) => /^run\.(?:completed|failed|cancelled)$/.test(line));
}

describe('J17: the end of a run', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'is recorded once where it is cancelled %i turns around its completion',
    async (turns) => {
      const gate = newGate();
      const one = flow((ctx) => ctx.step('a', () => gate.opened));
      const { engine, platform } = await openEngine([one]);
      const run = await engine.start(one, null, { id: 'run' });
      await platform.advance(100);
      gate.open();
      for (let turn = 0; turn < turns; turn++) await new Promise<void>((next) => platform.nextTurn(next));
      const code = await codeOf(() => engine.cancel('run'));
      await platform.advance(1_000);
      const ends = await endsOf(engine, 'run');
      const status = await run.status();
      expect(ends).toEqual([`run.${status}`]);
      expect((await storyOf(engine, 'run')).at(-1)).toBe(ends[0]);
      expect(code).toBe(status === 'cancelled' ? 'done' : code);
      expect((await engine.runs.list())[0]?.status).toBe(status);
    },
  );

  test('is recorded once where the function fails while a deadline and a cancel arrive', async () => {
    const gate = newGate();
    const one = workflow({ name: 'flow', deadline: '10s' }, async (ctx) => {
      await ctx.step('a', () => gate.opened);
      throw new Error('no');
    });
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(9_999);
    gate.open();
    const cancelling = engine.cancel('run').catch(() => undefined);
    await platform.advance(1);
    await cancelling;
    await platform.advance(1_000);
    expect(await endsOf(engine, 'run')).toHaveLength(1);
  });

  test('is recorded once where a signal arrives at the same moment', async () => {
    const gate = newGate();
    const one = flow((ctx) => ctx.step('a', () => gate.opened));
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(100);
    gate.open();
    const signals = Array.from({ length: 20 }, () => engine.signal('run', 'x').catch(() => undefined));
    await Promise.all(signals);
    await platform.advance(1_000);
    expect(await endsOf(engine, 'run')).toEqual(['run.completed']);
    expect((await storyOf(engine, 'run')).at(-1)).toBe('run.completed');
  });

  test('stands although a former holder still believes that it drives the run', async () => {
    const store = newDatabase();
    const gate = newGate<string>();
    const one = (result: () => Promise<string> | string) => flow((ctx) => ctx.step('a', result));
    const stopped = await openEngine([one(() => gate.opened)], { store });
    await stopped.engine.start('flow', null, { id: 'run' });
    await stopped.platform.advance(1_000);
    const other = await openEngine([one(() => 'other')], { store, seed: 2, laterMs: 1_000 });
    await other.platform.advance(45_000);
    const before = await eventsOf(other.engine, 'run');
    expect(before.at(-1)?.type).toBe('run.completed');
    gate.open('late');
    await stopped.platform.advance(20_000);
    expect(await eventsOf(other.engine, 'run')).toEqual(before);
    expect(await stopped.engine.handle('run').result()).toBe('other');
  });
});

describe('H9: a finished run', () => {
  const calls: string[] = [];
  const kinds = {
    completed: flow(async () => calls.push('called')),
    failed: flow(async () => {
      calls.push('called');
      throw new Error('no');
    }),
    cancelled: flow(async (ctx) => {
      calls.push('called');
      await ctx.signal('never');
    }),
  };

  async function finished(status: keyof typeof kinds, store = 'sqlite::memory:') {
    calls.length = 0;
    const opened = await openEngine([kinds[status]], { store });
    const run = await opened.engine.start('flow', { n: 1 }, { id: 'run' });
    await opened.platform.settle();
    if (status === 'cancelled') await opened.engine.cancel('run');
    await opened.platform.advance(40_000);
    expect(await run.status()).toBe(status);
    return opened;
  }

  test.each(['completed', 'failed', 'cancelled'] as const)(
    'that is %s is moved by no verb, and its function is not called again',
    async (status) => {
      const { engine, platform } = await finished(status);
      const before = await eventsOf(engine, 'run');
      const by = { by: 'ada' };
      const codes = {
        resume: await codeOf(() => engine.resume('run')),
        pause: await codeOf(() => engine.pause('run')),
        cancel: await codeOf(() => engine.cancel('run')),
        signal: await codeOf(() => engine.signal('run', 'never')),
        approve: await codeOf(() => engine.approve('run', undefined, by)),
        reject: await codeOf(() => engine.reject('run', undefined, by)),
        answer: await codeOf(() => engine.answer('run', undefined, 1, by)),
      };
      await platform.advance(60_000);
      expect(codes).toEqual({
        resume: 'RUN_TERMINAL',
        pause: 'RUN_TERMINAL',
        cancel: status === 'cancelled' ? 'done' : 'RUN_TERMINAL',
        signal: 'RUN_TERMINAL',
        approve: 'RUN_TERMINAL',
        reject: 'RUN_TERMINAL',
        answer: 'RUN_TERMINAL',
      });
      expect(await eventsOf(engine, 'run')).toEqual(before);
      expect(calls).toEqual(['called']);
    },
  );

  test('is not called again by the next process', async () => {
    const store = newDatabase();
    calls.length = 0;
    const first = await openMortal([kinds.completed], { store });
    const run = await first.engine.start('flow', null, { id: 'run' });
    await first.platform.settle();
    expect(await run.status()).toBe('completed');
    await first.kill();
    const second = await openEngine([kinds.completed], { store, seed: 2 });
    await second.platform.advance(60_000);
    expect(await codeOf(() => second.engine.resume('run'))).toBe('RUN_TERMINAL');
    expect(calls).toEqual(['called']);
  });

  test.each(['failed', 'cancelled'] as const)(
    'that is %s is retried as a new run with its input, and stays as it is',
    async (status) => {
      const { engine, platform } = await finished(status);
      const before = await eventsOf(engine, 'run');
      const again = await engine.retry('run', { by: 'ada' });
      await platform.settle();
      expect(again.id).not.toBe('run');
      const [created] = await eventsOf(engine, again.id);
      expect(created).toMatchObject({ data: { trigger: { kind: 'retry', ref: 'run' } }, actor: 'ada' });
      expect((await engine.runs.get(again.id)).input).toEqual({ n: 1 });
      expect(await eventsOf(engine, 'run')).toEqual(before);
    },
  );

  test('that is completed has nothing to retry', async () => {
    const { engine } = await finished('completed');
    expect(await codeOf(() => engine.retry('run'))).toBe('RUN_TERMINAL');
    expect(await engine.runs.list()).toHaveLength(1);
  });
});
