/** Promises of values that are not steps: the same at every replay, and taken only from what was delivered. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { handDriven, type HandDriven } from '../testing/index.ts';
import type { WorkflowContext } from './context.ts';
import { derivedNumber, derivedUuid } from './derive.ts';

type Fn = (ctx: WorkflowContext) => Promise<unknown>;

function output(run: HandDriven): unknown {
  return run.ending?.type === 'Complete' ? JSON.parse(run.ending.output) : run.ending;
}

async function outputOf(fn: Fn, runId = 'run-1'): Promise<unknown> {
  return output(await handDriven(fn, { runId }).start());
}

const chances: Fn = async (ctx) => [
  ctx.random(),
  ctx.random(),
  ctx.uuid(),
  ctx.uuid(),
  ...Object.values(await ctx.parallel('p', { a: (c) => c.random(), b: (c) => c.uuid() })),
];

describe('random and uuid', () => {
  test('are the same at every replay, and others each time, in each scope and in each run', async () => {
    const first = (await outputOf(chances)) as unknown[];
    expect(await outputOf(chances)).toEqual(first);
    const other = (await outputOf(chances, 'run-2')) as unknown[];
    expect(new Set([...first, ...other]).size).toBe(12);
  });

  test('do not depend on each other or on the steps around them', async () => {
    const plain = await outputOf(async (ctx) => [ctx.random(), ctx.uuid()]);
    const busy = await outputOf(async (ctx) => {
      const id = ctx.uuid();
      void ctx.sleep('nap', '1s');
      return [ctx.random(), id];
    });
    expect(busy).toEqual(plain);
  });

  test('look like what they are', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const number = derivedNumber(seed);
        expect(number >= 0 && number < 1).toBe(true);
        expect(derivedUuid(seed)).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
      }),
    );
  });

  test('are spread evenly', () => {
    const numbers = Array.from({ length: 2_000 }, (_, index) => derivedNumber(`seed ${index}`));
    const tenths = Array.from({ length: 10 }, (_, tenth) =>
      numbers.filter((one) => Math.floor(one * 10) === tenth),
    );
    for (const tenth of tenths) expect(tenth.length).toBeGreaterThan(140);
  });
});

describe('now', () => {
  test('is the time of what was delivered last, at first that of the run, and never goes back', async () => {
    const times: string[] = [];
    const note = (ctx: WorkflowContext): number => times.push(ctx.now().toISOString());
    const run = await handDriven(async (ctx) => {
      note(ctx);
      for (const name of ['a', 'b', 'c']) {
        await ctx.step(name, () => 1);
        note(ctx);
      }
    }).start();
    const day = Date.UTC(2026, 0, 1);
    await run.endWith('a', 'ok', { value: 1, endedAt: day + 5_000 });
    await run.endWith('b', 'ok', { value: 1, endedAt: day + 3_000 });
    await run.endWith('c', 'ok', { value: 1, endedAt: day + 9_000 });
    expect(times).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:05.000Z',
      '2026-01-01T00:00:05.000Z',
      '2026-01-01T00:00:09.000Z',
    ]);
  });

  test('is a fresh date that its reader may change', async () => {
    const fn: Fn = async (ctx) => {
      ctx.now().setFullYear(1999);
      return ctx.now().getUTCFullYear();
    };
    expect(await outputOf(fn)).toBe(2026);
  });
});

describe('usage', () => {
  test('adds up what was delivered, whoever used it', async () => {
    const run = await handDriven(async (ctx) => {
      const before = ctx.usage;
      const call = ctx.workflow('fix', 1);
      await ctx.step('a', () => 1);
      await ctx.sleep('nap', '1s');
      await call;
      return [before, ctx.usage];
    }).start();
    const usage = { inputTokens: 10, outputTokens: 5, costNanoUsd: 2_100_000 };
    await run.endWith('a', 'ok', { value: 1, usage, durationMs: 40 });
    await run.endWith('fix', 'ok', { value: 1, usage, durationMs: 60 });
    await run.end('nap', 'resolved');
    expect(output(run)).toEqual([
      { costUsd: '0', inputTokens: 0, outputTokens: 0, stepMs: 0, wallMs: 0, steps: 0 },
      { costUsd: '0.0042', inputTokens: 20, outputTokens: 10, stepMs: 100, wallMs: 3_000, steps: 1 },
    ]);
  });
});

describe('patched', () => {
  const fn: Fn = async (ctx) => {
    await ctx.step('a', () => 1);
    const isNew = ctx.patched('p');
    await ctx.step(isNew ? 'new' : 'old', () => 1);
    return [isNew, ctx.patched('p')];
  };
  const old: Fn = async (ctx) => {
    await ctx.step('a', () => 1);
    await ctx.step('old', () => 1);
    return [];
  };

  test('is true in a run that has not come that far, and recorded', async () => {
    const run = await handDriven(fn).start();
    await run.end('a', 'ok');
    expect(run.commands.slice(1)).toMatchObject([
      { type: 'RecordMarker', path: 'patched:p', marker: { kind: 'patched', after: { n: 1 } } },
      { type: 'ScheduleStep', step: { path: 'new' } },
    ]);
    await run.end('new', 'ok');
    expect(output(run)).toEqual([true, true]);
  });

  test('is false in a run that has gone the old way, for ever', async () => {
    const before = await handDriven(old).start();
    await before.end('a', 'ok');
    const run = await handDriven(fn, { recording: before.recording }).start();
    expect(run.driver.difference).toBeUndefined();
    await run.end('old', 'ok');
    expect(output(run)).toEqual([false, false]);
    expect(run.commands.some((command) => command.type === 'RecordMarker')).toBe(false);
  });

  test('is true again where its marker is recorded, and not recorded again', async () => {
    const before = await handDriven(fn).start();
    await before.end('a', 'ok');
    const run = await handDriven(fn, { recording: before.recording }).start();
    await run.end('new', 'ok');
    expect(output(run)).toEqual([true, true]);
    expect(run.commands.map((command) => command.type)).toEqual(['ScheduleStep', 'Complete']);
  });

  test('is asked for each change by its own name', async () => {
    const twice: Fn = async (ctx) => [ctx.patched('p'), ctx.patched('q')];
    const run = await handDriven(twice).start();
    expect(run.commands).toMatchObject([{ path: 'patched:p' }, { path: 'patched:q' }, { type: 'Complete' }]);
  });
});

test('a marker counts as a turn that asked for something, live and on replay', async () => {
  const fn: Fn = async (ctx) => {
    await ctx.step('a', () => 1);
    await ctx.map('m', [], () => 1);
    await ctx.sleep('nap', '1s');
    ctx.patched('p');
    await ctx.step('b', () => 1);
    await ctx.step('c', () => 1);
  };
  const live = await handDriven(fn).start();
  for (const path of ['a', 'nap', 'b']) await live.end(path, 'ok');
  const again = await handDriven(fn, { recording: live.recording }).start();
  const last = live.commands.at(-1);
  expect(last).toMatchObject({ type: 'ScheduleStep', step: { path: 'c', after: { n: 3 } } });
  expect(JSON.stringify(again.commands)).toBe(JSON.stringify([last]));
});

describe('what a run shows', () => {
  const fn: Fn = async (ctx) => {
    ctx.set({ stage: 1 });
    await ctx.step('a', () => 1);
    ctx.set({ stage: 2 });
    await ctx.step('b', () => 1);
    ctx.set({ stage: 3 });
  };

  test('is recorded each time, in order', async () => {
    const run = await handDriven(fn).start();
    await run.end('a', 'ok');
    await run.end('b', 'ok');
    const shown = run.commands.filter((command) => command.type === 'PatchState');
    expect(shown).toEqual(
      [1, 2, 3].map((stage, index) => ({ type: 'PatchState', index, payload: `{"stage":${stage}}` })),
    );
  });

  test('is not recorded again at a replay', async () => {
    const before = await handDriven(fn).start();
    await before.end('a', 'ok');
    const run = await handDriven(fn, { recording: before.recording }).start();
    await run.end('b', 'ok');
    expect(run.commands.filter((command) => command.type === 'PatchState')).toMatchObject([{ index: 2 }]);
  });

  test('is plain JSON, or an error at the place of the call', async () => {
    const run = await handDriven(async (ctx) => ctx.set({ at: new Date(0) } as never)).start();
    expect(run.ending).toMatchObject({
      failure: { code: 'VALUE_INVALID', message: expect.stringContaining('the state given to ctx.set') },
    });
  });

  test('is refused at a replay as it was live, so that the function goes the same way', async () => {
    const tolerant: Fn = async (ctx) => {
      let way = 'shown';
      try {
        ctx.set({ at: new Date(0) } as never);
      } catch {
        way = 'refused';
      }
      ctx.set({ way });
      return await ctx.step(way, () => 1);
    };
    const before = await handDriven(tolerant).start();
    const run = await handDriven(tolerant, { recording: before.recording }).start();
    expect(run.driver.missingCalls).toEqual([]);
    expect(run.driver.openCalls).toEqual([{ path: 'refused', kind: 'step' }]);
  });
});

describe('the log of a function', () => {
  test('is written with the run, and not again at a replay', async () => {
    const fn: Fn = async (ctx) => {
      ctx.log('info', 'begin', { n: 1 });
      await ctx.step('a', () => 1);
      ctx.log.warn('end');
    };
    const begin = { level: 'info', message: 'begin', fields: { n: 1, runId: 'run-1' } };
    const end = { level: 'warn', message: 'end', fields: { runId: 'run-1' } };
    const run = await handDriven(fn).start();
    await run.end('a', 'ok');
    expect(run.platform.lines).toEqual([begin, end]);

    const started = await handDriven(fn).start();
    const again = await handDriven(fn, { recording: started.recording }).start();
    await again.end('a', 'ok');
    expect(again.platform.lines).toEqual([end]);
  });
});

describe('ctx', () => {
  test('knows the facts of its run', async () => {
    const fn: Fn = async ({ runId, rootRunId, workflowName, workflowVersion, labels, trigger }) => ({
      runId,
      rootRunId,
      workflowName,
      workflowVersion,
      labels,
      trigger,
    });
    const run = await handDriven(fn, { workflow: { version: '3' } }).start();
    expect(output(run)).toEqual({
      runId: 'run-1',
      rootRunId: 'run-1',
      workflowName: 'hand',
      workflowVersion: '3',
      labels: {},
      trigger: { kind: 'api' },
    });
  });

  test('cannot be changed, and gives the function its own copy of the input', async () => {
    const fn = async (ctx: WorkflowContext, input: { n: number[] }): Promise<unknown> => {
      input.n.push(2);
      return [Object.isFrozen(ctx), input];
    };
    expect(output(await handDriven(fn, { input: { n: [1] } }).start())).toEqual([true, { n: [1, 2] }]);
  });
});
