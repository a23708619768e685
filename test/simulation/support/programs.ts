/** Random workflow programs whose result does not depend on when their workers die. */
import type { WorkflowContext } from 'pawl';

export type Op =
  | { readonly type: 'step'; readonly failures: number; readonly isTerminal: boolean }
  | { readonly type: 'sleep'; readonly ms: number }
  | { readonly type: 'all' | 'parallel' | 'settled'; readonly branches: readonly Op[][] }
  | {
      readonly type: 'raceSleeps';
      readonly first: number;
      readonly second: number;
      readonly isScoped: boolean;
    }
  | { readonly type: 'map'; readonly items: number; readonly body: readonly Op[] }
  | { readonly type: 'child'; readonly body: readonly Op[] }
  | { readonly type: 'repeatable'; readonly count: number }
  | { readonly type: 'patched' }
  | { readonly type: 'set' };

/** A seeded source of chance. */
export type Chance = (below: number) => number;

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

/** A list of one to four operations, nested at most `depth` deep. */
export function randomOps(chance: Chance, depth: number): Op[] {
  return Array.from({ length: 1 + chance(4) }, () => randomOp(chance, depth));
}

function randomOp(chance: Chance, depth: number): Op {
  const kind = chance(depth > 0 ? 14 : 8);
  if (kind < 3) return { type: 'step', failures: chance(4) === 0 ? 1 + chance(2) : 0, isTerminal: false };
  if (kind === 3) return { type: 'step', failures: 1, isTerminal: true };
  if (kind === 4) return { type: 'sleep', ms: 1 + chance(5_000) };
  if (kind === 5)
    return {
      type: 'raceSleeps',
      first: 10 + chance(50),
      second: 100 + chance(50),
      isScoped: chance(2) === 0,
    };
  if (kind === 6) return { type: 'repeatable', count: 1 + chance(4) };
  if (kind === 7) return chance(2) === 0 ? { type: 'patched' } : { type: 'set' };
  if (kind === 8) return { type: 'map', items: 1 + chance(4), body: randomOps(chance, depth - 1) };
  if (kind === 9) return { type: 'child', body: randomOps(chance, depth - 1) };
  const branches = Array.from({ length: 2 + chance(2) }, () => randomOps(chance, depth - 1));
  return { type: (['all', 'parallel', 'settled', 'all'] as const)[kind - 10] ?? 'all', branches };
}

/** What a program does to the world, and where its children come from. */
export interface World {
  fire(path: string): void;
  runChild(ctx: WorkflowContext, body: readonly Op[]): Promise<unknown>;
}

/** Runs a program; its result names everything that happened. */
export async function runOps(ctx: WorkflowContext, ops: readonly Op[], world: World): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const op of ops) results.push(await runOp(ctx, op, world));
  return results;
}

async function runOp(ctx: WorkflowContext, op: Op, world: World): Promise<unknown> {
  switch (op.type) {
    case 'step':
      return await flaky(ctx, op, world);
    case 'sleep':
      await ctx.sleep('nap', op.ms);
      return 'slept';
    case 'all':
      return await Promise.all(
        op.branches.map(
          async (branch, index) =>
            (await ctx.parallel(`all-${index}`, { b: (c) => runOps(c, branch, world) })).b,
        ),
      );
    case 'parallel':
      return await ctx.parallel('par', namedBranches(op.branches, world));
    case 'settled': {
      const settled = await ctx.parallel('set', namedBranches(op.branches, world), { failFast: false });
      return Object.values(settled).map((end) => (end.ok ? end.value : end.failure.message));
    }
    case 'raceSleeps':
      return await raceSleeps(ctx, op);
    case 'map':
      return await ctx.map(
        'each',
        Array.from({ length: op.items }, (_, index) => index),
        (_item, c) => runOps(c, op.body, world),
        { concurrency: 2 },
      );
    case 'child':
      return await world.runChild(ctx, op.body);
    case 'repeatable':
      return await repeatables(ctx, op.count);
    case 'patched':
      return ctx.patched('change');
    case 'set':
      ctx.set({ at: ctx.now().getTime() > 0, id: ctx.uuid().length });
      return 'set';
  }
}

async function flaky(
  ctx: WorkflowContext,
  op: Extract<Op, { type: 'step' }>,
  world: World,
): Promise<unknown> {
  const retry = op.isTerminal
    ? ('none' as const)
    : { attempts: 4, initial: 50, factor: 2, max: 500, jitter: 0 };
  try {
    return await ctx.step(
      'work',
      ({ attempt, idempotencyKey }) => {
        world.fire(idempotencyKey);
        if (op.isTerminal || attempt <= op.failures) throw new Error(`attempt fails`);
        return { done: true };
      },
      { retry },
    );
  } catch (error) {
    return `caught ${(error as Error).message}`;
  }
}

async function repeatables(ctx: WorkflowContext, count: number): Promise<number> {
  let sum = 0;
  for (let index = 0; index < count; index++)
    sum += await ctx.step('again', () => index, { repeatable: true });
  return sum;
}

async function raceSleeps(ctx: WorkflowContext, op: Extract<Op, { type: 'raceSleeps' }>): Promise<unknown> {
  if (op.isScoped) {
    const won = await ctx.race('duel', {
      quick: (c) => c.sleep('a', op.first),
      slow: (c) => c.sleep('b', op.second),
    });
    return won.winner;
  }
  return await Promise.race([
    ctx.sleep('one', op.first).then(() => 'one'),
    ctx.sleep('two', op.second).then(() => 'two'),
  ]);
}

function namedBranches(
  branches: readonly (readonly Op[])[],
  world: World,
): Record<string, (c: WorkflowContext) => Promise<unknown>> {
  return Object.fromEntries(
    branches.map((branch, index) => [`b${index}`, (c: WorkflowContext) => runOps(c, branch, world)]),
  );
}
