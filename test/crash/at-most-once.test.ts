/** An effect that must not happen twice happens at most once, wherever its process dies; whether it happened is asked, never guessed. */
import { expect, test } from 'vitest';
import type { Engine } from '../../packages/pawl/src/index.ts';
import { seededChance } from './support/chance.ts';
import { judge } from './support/judge.ts';
import { inBothPlaces, worldsInFile } from './support/places.ts';
import { HURRY } from './support/storm.ts';
import type { OnceInput } from './support/workflows.ts';
import { type AskedRun, unlessGone, type World } from './support/world.ts';

const inFile = worldsInFile();
let world: World;

function onceRun(id: string, input: OnceInput): AskedRun {
  return { id, workflow: 'once', input };
}

function payments(runId: string): number {
  return world.firings.filter((firing) => firing.runId === runId && firing.path === 'pay').length;
}

/** What an operator does with a parked run after a look at the world: `answer` where it happened, `retry` where it did not. */
async function decide(engine: Engine, runId: string): Promise<void> {
  if (payments(runId) > 0) await engine.answer(runId, 'pay', 'paid', { by: 'Ada' });
  else await engine.retry(runId, { by: 'Ada' });
}

/** Drives all runs to their ends; resolves with those that had to be decided by a person. */
async function settle(engine: Engine, ids: readonly string[]): Promise<readonly string[]> {
  const decided: string[] = [];
  await Promise.all(
    ids.map(async (id) => {
      for await (const event of engine.handle(id).events({ follow: true })) {
        if (event.type !== 'run.parked') continue;
        expect(event.data.reason).toBe('unknown_effect');
        if ((await engine.handle(id).status()) !== 'parked') continue;
        decided.push(id);
        await decide(engine, id);
      }
    }),
  );
  return decided;
}

/** Kills a payment at each moment after the opening of its process; resolves with how often a person had to decide. */
async function parkedAtAnyMoment(doesReconcile: boolean): Promise<number> {
  let parked = 0;
  let isOver = false;
  for (let moment = (await momentsOfOpening()) + 1; !isOver; moment += 1) {
    world = await inFile();
    const run = onceRun('once', { doesReconcile, ms: 0 });
    const worker = await world.worker({ dieAtMoment: moment });
    isOver =
      (await unlessGone(world.start(worker, run).then(() => worker.call('results', ['once'])))) !== undefined;
    if (isOver) await world.kill(worker);
    const decided = await world.driven(async (engine) => {
      await engine.start('once', run.input, { id: 'once', idempotencyKey: 'once' });
      return await settle(engine, ['once']);
    });
    const { problems } = await judge(world);
    expect({ moment, payments: payments('once'), problems }).toEqual({ moment, payments: 1, problems: [] });
    parked += decided.length;
    await world.dispose();
  }
  return parked;
}

test('without reconcile, killed at any moment, it never fires twice, and the run parks where nobody knows', async () => {
  expect(await parkedAtAnyMoment(false)).toBeGreaterThan(0);
});

test('with reconcile, killed at any moment, it fires exactly once, and nobody has to be asked', async () => {
  expect(await parkedAtAnyMoment(true)).toBe(0);
});

/** Transactions that a process makes before it can be asked for anything. */
async function momentsOfOpening(): Promise<number> {
  world = await inFile();
  const worker = await world.worker();
  const moments = await worker.call('moments');
  await world.kill(worker);
  await world.dispose();
  return moments;
}

inBothPlaces((newWorld) => {
  test('of 60 payments that are killed at random, each happens exactly once in the end, and not one twice', async () => {
    world = await newWorld();
    const chance = seededChance();
    const runs = Array.from({ length: 60 }, (_, index) =>
      onceRun(`pay-${index}`, { doesReconcile: index % 2 === 1, ms: chance.between(0, 40) }),
    );
    for (let round = 0; round < 4; round += 1) {
      const worker = await world.worker({ time: HURRY });
      const batch = runs.slice(round * 15, round * 15 + 15);
      const starting = Promise.all(batch.map((run) => unlessGone(world.start(worker, run))));
      const wanted = chance.between(5, 50);
      await unlessGone(
        worker.heard(() => worker.firings.length >= wanted || batch.every(({ id }) => payments(id) > 0)),
      );
      await world.kill(worker);
      await starting;
    }
    const decided = await world.driven(async (engine) => {
      for (const { id, input } of runs) await engine.start('once', input, { id, idempotencyKey: id });
      return await settle(
        engine,
        runs.map(({ id }) => id),
      );
    });

    expect(runs.map(({ id }) => payments(id))).toEqual(runs.map(() => 1));
    expect((await judge(world)).problems).toEqual([]);
    expect(decided.filter((id) => Number(id.slice(4)) % 2 === 1)).toEqual([]);
  });
});
