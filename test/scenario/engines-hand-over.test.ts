/** Runs pass from process to process: closed ones give back, dead ones are succeeded, resting ones leave memory. */
import { type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { abortOf, newGate } from './support/gate.ts';
import {
  type OpenedEngine,
  closeEngine,
  newDatabase,
  openEngine,
  openMortal,
} from './support/opened-engine.ts';
import { codeOf, eventsOfType, storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

describe('an engine that closes', () => {
  test('lets its attempts finish, records them, starts no others, and a second engine goes on', async () => {
    const store = newDatabase();
    const gate = newGate<string>();
    const fired: string[] = [];
    const one = (where: string): Workflow<unknown, unknown> =>
      flow(async (ctx) => {
        const a = await ctx.step('a', () => {
          fired.push(`a in ${where}`);
          return gate.opened;
        });
        return [a, await ctx.step('b', () => fired.push(`b in ${where}`) && where)];
      });
    const first = await openEngine([one('first')], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    const closing = first.engine.close();
    await first.platform.advance(2_000);
    gate.open('finished');
    await first.platform.settle();
    await closing;
    const second = await openEngine([one('second')], { store, seed: 2, laterMs: 2_100 });
    await second.platform.advance(100);
    expect((await second.engine.runs.get('run')).output).toEqual(['finished', 'second']);
    expect(fired).toEqual(['a in first', 'b in second']);
    expect(await storyOf(second.engine, 'run')).not.toContain('step.lost a');
  });

  test('waits for its attempts no longer than it was told, and aborts what is left', async () => {
    const store = newDatabase();
    const log: string[] = [];
    const one = flow((ctx) =>
      ctx.step('a', ({ attempt, signal }) => {
        if (attempt > 1) return 'second attempt';
        return abortOf(signal).then(() => String(log.push('aborted')));
      }),
    );
    const first = await openEngine([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    const closing = first.engine.close({ timeout: '3s' });
    await first.platform.advance(2_900);
    expect(log).toEqual([]);
    await first.platform.advance(200);
    await closing;
    expect(log).toEqual(['aborted']);
    const second = await openEngine([one], { store, seed: 2, laterMs: 3_200 });
    await second.platform.advance(100);
    expect((await second.engine.runs.get('run')).output).toBe('second attempt');
  });

  test('closes once, and then refuses every call', async () => {
    const one = flow((ctx) => ctx.signal('go'));
    const opened = await openEngine([one]);
    const run = await opened.engine.start(one, null, { id: 'run' });
    const result = codeOf(() => run.result());
    await Promise.all([closeEngine(opened), closeEngine(opened)]);
    expect(await result).toBe('ENGINE_CLOSED');
    const { engine } = opened;
    const calls = [
      () => engine.start(one, null),
      () => engine.signal('run', 'go'),
      () => engine.runs.get('run'),
      () => engine.runs.list(),
      () => engine.cancel('run'),
      () => engine.why('run'),
      () => engine.waits(),
      () => engine.workers(),
    ];
    for (const call of calls) expect(await codeOf(call)).toBe('ENGINE_CLOSED');
    await closeEngine(opened);
  });

  test('is told of its successor: workers are listed while they live', async () => {
    const store = newDatabase();
    const one = flow(async () => 1);
    const first = await openEngine([one], { store });
    const second = await openEngine([one], { store, seed: 2 });
    const alive = await first.engine.workers();
    expect(alive.map(({ isAlive, serves }) => [isAlive, serves])).toEqual([
      [true, ['flow@1']],
      [true, ['flow@1']],
    ]);
    await closeEngine(second);
    expect(await first.engine.workers()).toHaveLength(1);
  });
});

describe('a process that dies', () => {
  test('is succeeded at once by one that is there already', async () => {
    const store = newDatabase();
    const one = flow((ctx) =>
      ctx.step('a', ({ attempt }) => (attempt === 1 ? new Promise(() => undefined) : attempt)),
    );
    const first = await openMortal([one], { store });
    const second = await openEngine([one], { store, seed: 2 });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await second.platform.advance(8_000);
    await first.kill();
    await second.platform.advance(1_000);
    expect((await second.engine.runs.get('run')).output).toBe(2);
  });

  test('holding many runs is succeeded for all of them', async () => {
    const store = newDatabase();
    const one = flow(async (ctx) => {
      await ctx.step('a', () => 1);
      await ctx.step('b', ({ attempt }) => (attempt === 1 ? new Promise(() => undefined) : attempt));
      return await ctx.step('c', () => 'done');
    });
    const first = await openMortal([one], { store });
    for (let run = 0; run < 80; run++) await first.engine.start('flow', null, { id: `run-${run}` });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(3_000);
    const runs = await second.engine.runs.list({ limit: 1_000 });
    expect(runs.map((run) => run.status)).toEqual(Array.from({ length: 80 }, () => 'completed'));
  });

  test('before its first start was written leaves a run that simply begins', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const one = (where: string): Workflow<unknown, unknown> =>
      flow((ctx) =>
        ctx.step('a', () => (where === 'first' ? new Promise(() => fired.push(where)) : fired.push(where))),
      );
    const first = await openMortal([one('first')], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(24);
    await first.kill();
    const second = await openEngine([one('second')], { store, seed: 2, laterMs: 24 });
    await second.platform.advance(2_000);
    expect(fired).toEqual(['first', 'second']);
    const [ended] = await eventsOfType(second.engine, 'run', 'step.completed');
    expect(ended?.data).not.toHaveProperty('attempt');
    expect(await storyOf(second.engine, 'run')).not.toContain('step.lost a');
  });
});

describe('several processes on one database', () => {
  async function openThree(one: Workflow<unknown, unknown>) {
    const store = newDatabase();
    const engines: OpenedEngine[] = [];
    for (const seed of [1, 2, 3]) engines.push(await openEngine([one], { store, seed }));
    const goOn = async (ms: number): Promise<void> => {
      for (const { platform } of engines) await platform.advance(ms);
    };
    return { engines, goOn };
  }

  test('pass a run to and fro, and each of its steps fires once', async () => {
    const fired: string[] = [];
    const one = flow(async (ctx) => {
      const seen: unknown[] = [];
      for (let round = 0; round < 30; round++) {
        const message = await ctx.signal('go');
        seen.push(await ctx.step('work', () => fired.push(message as string) && message));
      }
      return seen;
    });
    const { engines, goOn } = await openThree(one);
    await engines[0]?.engine.start('flow', null, { id: 'run' });
    await goOn(10);
    for (let round = 0; round < 30; round++) {
      await engines[round % 3]?.engine.signal('run', 'go', `message ${round}`);
      await goOn(50);
    }
    await goOn(8_000);
    const expected = Array.from({ length: 30 }, (_, round) => `message ${round}`);
    expect(fired).toEqual(expected);
    expect((await engines[1]?.engine.runs.get('run'))?.output).toEqual(expected);
  });

  test('share many runs: all of them end, and no step of them fires twice', async () => {
    const fired: string[] = [];
    const one = flow(async (ctx) => {
      const note = (name: string) => () => fired.push(`${ctx.runId} ${name}`);
      await ctx.step('a', note('a'));
      await ctx.sleep('rest', 500);
      await Promise.all([ctx.step('b', note('b')), ctx.step('c', note('c'))]);
    });
    const { engines, goOn } = await openThree(one);
    for (let run = 0; run < 60; run++)
      await engines[run % 3]?.engine.start('flow', null, { id: `run-${run}` });
    for (let round = 0; round < 20; round++) await goOn(500);
    const runs = await engines[0]?.engine.runs.list({ limit: 100 });
    expect(new Set(runs?.map(({ status }) => status))).toEqual(new Set(['completed']));
    expect(fired).toHaveLength(180);
    expect(new Set(fired).size).toBe(180);
  });
});

describe('a start of a step', () => {
  const timed = (run: Run) => openEngine([flow(run)]);

  test('is folded into its outcome where that comes within 25 ms', async () => {
    const { engine, platform } = await timed((ctx) => ctx.step('a', () => 1, { input: { n: 1 } }));
    await engine.start('flow', null, { id: 'run' });
    await platform.advance(100);
    expect(await storyOf(engine, 'run')).toEqual([
      'run.created',
      'run.started',
      'step.completed a',
      'run.completed',
    ]);
    const [ended] = await eventsOfType(engine, 'run', 'step.completed');
    expect(ended?.data.start).toMatchObject({ after: { n: 0 }, input: '{"n":1}' });
    const { steps } = await engine.runs.get('run');
    expect(steps[0]).toMatchObject({ input: { n: 1 }, attempt: 1, after: { n: 0 }, durationMs: 0 });
  });

  test('is written in its own right after 25 ms, so that people see what runs', async () => {
    const gate = newGate();
    const { engine, platform } = await timed((ctx) => ctx.step('a', () => gate.opened));
    await engine.start('flow', null, { id: 'run' });
    await platform.advance(24);
    expect(await storyOf(engine, 'run')).not.toContain('step.started a');
    await platform.advance(1);
    expect(await storyOf(engine, 'run')).toContain('step.started a');
    expect((await engine.why('run')).reasons[0]?.text).toContain('Step "a" has been running');
    gate.open();
    await platform.settle();
    const [ended] = await eventsOfType(engine, 'run', 'step.completed');
    expect(ended?.data).not.toHaveProperty('start');
  });

  test('says in the log after how many deliveries it was made', async () => {
    const { engine, platform } = await timed(async (ctx) => {
      await ctx.step('a', () => 1);
      await Promise.all([ctx.step('b', () => 2), ctx.step('c', () => 3)]);
      await ctx.step('d', () => 4);
    });
    await engine.start('flow', null, { id: 'run' });
    await platform.advance(100);
    const { steps } = await engine.runs.get('run');
    expect(Object.fromEntries(steps.map(({ path, after }) => [path, after?.n]))).toEqual({
      a: 0,
      b: 1,
      c: 1,
      d: 3,
    });
  });
});

describe('a repeatable step', () => {
  test('is recorded like any other, and all of them are there at the end', async () => {
    const { engine, platform } = await openEngine([
      flow(async (ctx) => {
        let sum = 0;
        for (let step = 0; step < 50; step++) sum += await ctx.step('read', () => step, { repeatable: true });
        return await ctx.step('write', () => sum);
      }),
    ]);
    const run = await engine.start('flow', null, { id: 'run' });
    await platform.advance(100);
    expect(await run.result()).toBe(1_225);
    expect((await storyOf(engine, 'run')).filter((line) => line.startsWith('step.completed'))).toHaveLength(
      51,
    );
  });

  test('may fire again after a crash; what is not repeatable waited for it and does not', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const one = flow(async (ctx) => {
      const read = await ctx.step('read', () => fired.push('read'), { repeatable: true });
      await ctx.step('write', () => fired.push(`write ${read}`));
      await ctx.sleep('rest', '1s');
      return read;
    });
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(3_000);
    expect((await second.engine.runs.get('run')).output).toBe(1);
    expect(fired).toEqual(['read', 'write 1']);
  });
});

describe('a run that only waits', () => {
  test('leaves memory after a while, and its function is replayed when it is woken', async () => {
    let calls = 0;
    const one = flow(async (ctx) => {
      calls++;
      await ctx.step('a', () => 1);
      const first = await ctx.signal('go');
      return [first, await ctx.signal('go')];
    });
    const { engine, platform } = await openEngine([one], { worker: { evictAfter: '10s' } });
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(5_000);
    await engine.signal('run', 'go', 1);
    await platform.settle();
    expect(calls).toBe(1);
    await platform.advance(20_000);
    await engine.signal('run', 'go', 2);
    await platform.settle();
    expect(calls).toBe(2);
    expect(await run.result()).toEqual([1, 2]);
  });

  test('is driven by whichever process is there when it is due', async () => {
    const store = newDatabase();
    const one = (where: string): Workflow<unknown, unknown> =>
      flow(async (ctx) => {
        await ctx.sleep('rest', '1m');
        return await ctx.step('a', () => where);
      });
    const first = await openEngine([one('first')], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    const second = await openEngine([one('second')], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(61_000);
    expect((await second.engine.runs.get('run')).output).toBe('second');
    await first.platform.advance(61_000);
    expect((await storyOf(first.engine, 'run')).filter((line) => line === 'step.completed a')).toHaveLength(
      1,
    );
  });

  test('sleeps until a date, whatever the clock does meanwhile', async () => {
    const until = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
    const one = flow(async (ctx) => {
      await ctx.sleep('until', until);
      return ctx.now().toISOString();
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.settle();
    expect((await engine.waits())[0]?.dueAt).toBe(until.toISOString());
    await platform.advance(600_000);
    expect(await run.status()).toBe('waiting');
    platform.jump(until.getTime() - platform.clock.now());
    await platform.advance(10_000);
    expect(await run.result()).toBe(until.toISOString());
  });

  test('sleeps no longer than to a date in the past, or for no time', async () => {
    const one = flow(async (ctx) => {
      await ctx.sleep('past', new Date(0));
      await ctx.sleep('none', 0);
      return 'awake';
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null);
    await platform.advance(10);
    expect(await run.result()).toBe('awake');
  });
});
