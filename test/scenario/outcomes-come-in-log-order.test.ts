/** A function sees outcomes in the order of its log, live and on every replay: the same winner, the same path. */
import * as fc from 'fast-check';
import { type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { type Gate, newGate } from './support/gate.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

function newGates(count: number): readonly Gate<string>[] {
  return Array.from({ length: count }, () => newGate<string>());
}

/**
 * Runs a function with steps behind gates, opens the gates in an order, kills the process while the run rests, and lets a second
 * process replay it. The function is called with the list in which it notes what it sees.
 */
async function liveAndReplayed(
  count: number,
  order: readonly number[],
  run: (
    ctx: WorkflowContext,
    at: { gates: readonly Gate<string>[]; note: (what: string) => void },
  ) => Promise<unknown>,
) {
  const store = newDatabase();
  const gates = newGates(count);
  const fired: number[] = [];
  const guarded = gates.map((gate, index) => ({
    get opened() {
      fired.push(index);
      return gate.opened;
    },
    open: (value: string) => gate.open(value),
  }));
  const seen = { live: [] as string[], replayed: [] as string[] };
  const first = await openMortal(
    [flow((ctx) => run(ctx, { gates: guarded, note: (what) => seen.live.push(what) }))],
    { store },
  );
  await first.engine.start('flow', null, { id: 'run' });
  await first.platform.advance(50);
  for (const index of order) {
    gates[index]?.open(`s${index}`);
    await first.platform.settle();
  }
  await first.kill();
  const second = await openEngine(
    [flow((ctx) => run(ctx, { gates: guarded, note: (what) => seen.replayed.push(what) }))],
    { store, seed: 2, laterMs: 50 },
  );
  await second.platform.advance(4_000);
  const { status, output } = await second.engine.runs.get('run');
  return { seen, status, output, fired: fired.toSorted((a, b) => a - b) };
}

describe('P2: steps that run side by side', () => {
  test('are replayed in the order in which they ended, not in which they were called', async () => {
    const { seen, status, output, fired } = await liveAndReplayed(
      3,
      [2, 0, 1],
      async (ctx, { gates, note }) => {
        const [a, b, c] = gates;
        const winner = await Promise.race([
          ctx.step('a', () => a?.opened),
          ctx.step('b', () => b?.opened),
          ctx.step('c', () => c?.opened),
        ]);
        note(`winner ${winner}`);
        await ctx.step(`after-${winner}`, () => null);
        await ctx.sleep('rest', '2s');
        return winner;
      },
    );
    expect({ status, output }).toEqual({ status: 'completed', output: 's2' });
    expect(seen).toEqual({ live: ['winner s2'], replayed: ['winner s2'] });
    expect(fired).toEqual([0, 1, 2]);
  });

  test('are seen one by one in the same order, whatever the order is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 }),
        async (order) => {
          const { seen, status, fired } = await liveAndReplayed(6, order, async (ctx, { gates, note }) => {
            await Promise.all(
              gates.map(async (gate, index) => {
                note(`end ${await ctx.step(`s${index}`, () => gate.opened)}`);
                note(`next ${await ctx.step(`t${index}`, () => index)}`);
              }),
            );
            await ctx.sleep('rest', '2s');
          });
          expect(status).toBe('completed');
          expect(seen.replayed).toEqual(seen.live);
          expect(seen.live.filter((line) => line.startsWith('end'))).toEqual(
            order.map((one) => `end s${one}`),
          );
          expect(fired).toEqual([0, 1, 2, 3, 4, 5]);
        },
      ),
      { numRuns: 12, seed: 7 },
    );
  });

  test('give Promise.any and Promise.allSettled the same result again', async () => {
    const { seen, status } = await liveAndReplayed(3, [1, 2, 0], async (ctx, { gates, note }) => {
      const steps = gates.map((gate, index) =>
        ctx.step(
          `s${index}`,
          async () => {
            const name = await gate.opened;
            if (index === 1) throw new Error('no');
            return name;
          },
          { retry: 'none' },
        ),
      );
      note(`any ${await Promise.any(steps)}`);
      const settled = await Promise.allSettled(steps);
      note(settled.map((one) => one.status).join(' '));
      await ctx.sleep('rest', '2s');
    });
    expect(status).toBe('completed');
    const expected = ['any s2', 'fulfilled rejected fulfilled'];
    expect(seen).toEqual({ live: expected, replayed: expected });
  });

  test('race with signals and timers to the same end', async () => {
    const { seen, status } = await liveAndReplayed(2, [0, 1], async (ctx, { gates, note }) => {
      const [a, b] = gates;
      const both = Promise.all([ctx.step('a', () => a?.opened), ctx.step('b', () => b?.opened)]);
      const winner = await Promise.race([
        both.then((names) => names.join(' ')),
        ctx.sleep('timer', '1s').then(() => 'timer'),
        ctx.signal('stop').then(() => 'signal'),
      ]);
      note(winner);
      await ctx.sleep('rest', '2s');
    });
    expect({ seen, status }).toEqual({
      seen: { live: ['s0 s1'], replayed: ['s0 s1'] },
      status: 'completed',
    });
  });
});

describe('I9: an empty wave', () => {
  const afterwards: Run = async (ctx) => {
    await ctx.step('a', () => 'a');
    await ctx.sleep('rest', '2s');
    return await ctx.step('b', () => 'b');
  };

  test.each<[string, (ctx: WorkflowContext) => Promise<unknown>]>([
    ['parallel', (ctx) => ctx.parallel('wave', {})],
    ['map', (ctx) => ctx.map('wave', [], () => null)],
    ['Promise.all', () => Promise.all([])],
  ])('of %s ends at once, and what follows it keeps its place on replay', async (_what, wave) => {
    const results: unknown[] = [];
    const { status, output } = await liveAndReplayed(0, [], async (ctx) => {
      results.push(await wave(ctx));
      return await afterwards(ctx);
    });
    expect({ status, output }).toEqual({ status: 'completed', output: 'b' });
    expect(results).toEqual([results[0], results[0]]);
  });

  test('that an edit adds or takes away shifts nothing', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const once = (name: string) => () => fired.push(name);
    const before = flow(async (ctx) => {
      await ctx.parallel('wave', {});
      await ctx.parallel('checks', {
        lint: (c) => c.step('run', once('lint')),
        test: (c) => c.step('run', once('test')),
      });
      await ctx.sleep('rest', '2s');
      await ctx.step('ship', once('ship'));
    });
    const after = flow(async (ctx) => {
      await ctx.parallel('checks', {
        test: (c) => c.step('run', once('test')),
        lint: (c) => c.step('run', once('lint')),
      });
      await ctx.parallel('new-wave', {});
      await ctx.parallel('second-wave', {});
      await ctx.sleep('rest', '2s');
      await ctx.step('ship', once('ship'));
    });
    const first = await openMortal([before], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(50);
    await first.kill();
    const second = await openEngine([after], { store, seed: 2, laterMs: 50 });
    await second.platform.advance(4_000);
    expect(await second.engine.handle('run').status()).toBe('completed');
    expect(fired.toSorted()).toEqual(['lint', 'ship', 'test']);
  });
});

describe('values that differ from call to call', () => {
  test('are the same on every replay: now, random and uuid', async () => {
    const { seen, status } = await liveAndReplayed(1, [0], async (ctx, { gates, note }) => {
      note(`${ctx.now().toISOString()} ${ctx.random()} ${ctx.uuid()}`);
      await ctx.step('a', () => gates[0]?.opened);
      const inScopes = ctx.parallel('p', { l: (c) => c.uuid(), r: (c) => c.uuid() });
      const right = ctx.uuid();
      const left = await inScopes;
      note(`${ctx.now().toISOString()} ${left.l} ${left.r} ${right} ${ctx.random()} ${ctx.random()}`);
      await ctx.sleep('rest', '2s');
    });
    expect(status).toBe('completed');
    expect(seen.replayed).toEqual(seen.live);
    const [, left, right, own] = (seen.live[1] ?? '').split(' ');
    expect(new Set([left, right, own]).size).toBe(3);
    expect(own).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  test('follow what the run has seen: now is the time of the latest delivery', async () => {
    const one = flow(async (ctx) => {
      const start = ctx.now().getTime();
      await ctx.sleep('rest', '1m');
      const rested = ctx.now().getTime();
      await ctx.signal('go');
      return [rested - start, ctx.now().getTime() - start];
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(100_000);
    await engine.signal('run', 'go');
    await platform.settle();
    expect(await run.result()).toEqual([60_000, 100_000]);
  });
});
