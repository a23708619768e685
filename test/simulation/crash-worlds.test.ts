/** Random programs whose workers die at random calls of the store: they end as if nobody had died. */
import { type AnyWorkflow, type Engine, pawl, workflow, type WorkflowContext } from 'pawl';
import { type FakePlatform, fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../packages/pawl/src/sqlite.ts';
import { foldAll } from '../../packages/pawl/src/run/index.ts';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import { type Mortal, mortal } from './support/mortal-store.ts';
import { chanceOf, type Op, randomOps, runOps, type World } from './support/programs.ts';

const SEEDS = Number(process.env['PAWL_SIM_SEEDS'] ?? 150);
const FIRST = Number(process.env['PAWL_SIM_FROM'] ?? 1);
const MAX_LIVES = 60;
const MAX_STEPS_OF_TIME = 400;

interface Outcome {
  readonly status: string;
  readonly result: unknown;
  readonly fired: ReadonlyMap<string, number>;
  readonly violations: readonly string[];
  readonly lives: number;
}

function workflowsFor(ops: readonly Op[], fire: (key: string) => void): AnyWorkflow[] {
  const runChild = (ctx: WorkflowContext, body: readonly Op[]): Promise<unknown> =>
    ctx.workflow(child, body, { name: 'kid' });
  const world: World = { fire, runChild };
  const child = workflow(
    { name: 'child' },
    (ctx, body: readonly Op[]): Promise<unknown> => runOps(ctx, body, world),
  );
  const root = workflow({ name: 'root' }, (ctx): Promise<unknown> => runOps(ctx, ops, world));
  return [root, child];
}

async function live(ops: readonly Op[], killer: (() => number) | undefined, seed: number): Promise<Outcome> {
  const platform = fakePlatform({ seed });
  const inner = await openSqliteStore({ ...platform, path: ':memory:' });
  const dead = new Set<string>();
  const recorded = new Set<string>();
  const fired = new Map<string, number>();
  const violations: string[] = [];
  const fire = (key: string): void => {
    if (recorded.has(key)) violations.push(`${key} fired after its outcome was recorded`);
    fired.set(key, (fired.get(key) ?? 0) + 1);
  };
  const onCommit = (batches: readonly unknown[], answers: readonly unknown[]): void =>
    note(batches, answers, recorded);
  let lives = 0;
  for (; lives < MAX_LIVES; lives++) {
    const diesAt = killer && lives < MAX_LIVES - 2 ? killer() : undefined;
    const mind = mortal(inner, { diesAt, isAnswerLost: seed % 2 === lives % 2, dead, onCommit });
    const opening = pawl.open({
      store: mind.store,
      workflows: workflowsFor(ops, fire),
      platform,
      worker: { evictAfter: '2s' },
    });
    const engine = await opened(opening, platform, mind);
    if (!engine) continue;
    if (!(await inner.getRun('default', 'the-run')))
      void engine.start('root', null, { id: 'the-run' }).catch(() => undefined);
    for (let step = 0; step < MAX_STEPS_OF_TIME && !mind.isDead; step++) {
      await platform.advance(500);
      const row = await inner.getRun('default', 'the-run');
      if (row?.status === 'completed' || row?.status === 'failed') break;
      await liftPoison(engine, inner);
    }
    const row = await inner.getRun('default', 'the-run');
    if (row?.status === 'completed' || row?.status === 'failed' || !mind.isDead) break;
  }
  return { ...(await judge(inner, violations)), fired, lives };
}

/** The engine, once time has moved far enough for it to open; undefined where it died before. */
async function opened(
  opening: Promise<Engine>,
  platform: FakePlatform,
  mind: Mortal,
): Promise<Engine | undefined> {
  const opened: Engine[] = [];
  void opening.then((one) => opened.push(one));
  while (opened.length === 0 && !mind.isDead) await platform.advance(5);
  return mind.isDead ? undefined : opened[0];
}

/** A run whose holders die again and again is set apart; here that is no fault of the run. */
async function liftPoison(engine: Engine, store: Store): Promise<void> {
  for (const row of await store.listRuns({ tenant: 'default', status: ['parked'], limit: 100 })) {
    if (row.parkReason === 'poisoned') void engine.retry(row.run.runId).catch(() => undefined);
  }
}

function note(batches: readonly unknown[], answers: readonly unknown[], recorded: Set<string>): void {
  for (const [index, batch] of batches.entries()) {
    const { run, events } = batch as { run: { runId: string }; events: { type: string; path?: string }[] };
    if ((answers[index] as { type: string }).type === 'refused') continue;
    for (const event of events) {
      if (event.type === 'step.completed' || event.type === 'step.failed')
        recorded.add(`${run.runId}:${event.path}`);
    }
  }
}

async function judge(
  store: Store,
  violations: string[],
): Promise<Pick<Outcome, 'status' | 'result' | 'violations'>> {
  const rows = await store.listRuns({ tenant: 'default', limit: 1_000 });
  for (const row of rows) {
    const state = foldAll(row.run, await store.readEvents(row.run, 0, 100_000));
    if (state.status !== row.status)
      violations.push(`${row.run.runId}: the row says ${row.status}, the fold ${state.status}`);
    if (!['completed', 'failed', 'cancelled'].includes(state.status))
      violations.push(`${row.run.runId} is ${state.status}: ${JSON.stringify(state.parked ?? {})}`);
  }
  const root = rows.find((row) => row.run.runId === 'the-run');
  if (!root) return { status: 'missing', result: undefined, violations };
  const state = foldAll(root.run, await store.readEvents(root.run, 0, 100_000));
  return { status: state.status, result: state.output ?? state.failure, violations };
}

describe('a run whose workers die at random calls of the store', () => {
  test.each(Array.from({ length: SEEDS }, (_, index) => FIRST + index))(
    'ends as if nobody had died, and repeats nothing that was recorded (seed %i)',
    async (seed) => {
      const chance = chanceOf(seed);
      const ops = randomOps(chance, 2);
      const calm = await live(ops, undefined, seed);
      expect(calm).toMatchObject({
        status: expect.stringMatching(/^(completed|failed)$/),
        violations: [],
        lives: 0,
      });
      const spread = 3 + chance(25);
      const stormy = await live(ops, () => 4 + chance(spread), seed);
      expect(stormy.violations).toEqual([]);
      expect({ status: stormy.status, result: withoutIds(stormy.result) }).toEqual({
        status: calm.status,
        result: withoutIds(calm.result),
      });
    },
  );
});

/** Ids of children differ from world to world. */
function withoutIds(result: unknown): unknown {
  return typeof result === 'string'
    ? result.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7000-8000-[0-9a-f]{12}/g, 'id')
    : result;
}
