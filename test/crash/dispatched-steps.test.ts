/** Steps that other processes execute: killed workers and killed drivers lose nothing, and a cancel reaches whoever executes. */
import { expect, test } from 'vitest';
import { judge } from './support/judge.ts';
import { inBothPlaces } from './support/places.ts';
import { playRound } from './support/round.ts';
import { HURRY } from './support/storm.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import { type AskedRun, unlessGone, type World } from './support/world.ts';

const DRIVER = { queues: [], time: HURRY } as const;
const STEPS = { queues: ['remote'], isStepWorker: true, time: HURRY } as const;

function remoteRuns(count: number, input: { steps: number; isHeld?: boolean }): AskedRun[] {
  return Array.from({ length: count }, (_, index) => ({ id: `remote-${index}`, workflow: 'remote', input }));
}

async function resultsOf(world: World, runs: readonly AskedRun[]): Promise<void> {
  await world.opened((engine) => Promise.all(runs.map(({ id }) => engine.handle(id).result())));
}

inBothPlaces((newWorld) => {
  test('a killed worker loses the attempts that it had begun, and another one makes them again with the same keys', async () => {
    const world = await newWorld();
    const driver = await world.worker(DRIVER);
    const victim = await world.worker({ ...STEPS, holds: true });
    const runs = remoteRuns(20, { steps: 2, isHeld: true });
    await Promise.all(runs.map((run) => world.start(driver, run)));
    await Promise.all(runs.map(({ id }) => victim.fired('r0', { runId: id })));
    await world.kill(victim);
    const heir = await world.worker(STEPS);
    await resultsOf(world, runs);
    await Promise.all([driver.close(), heir.close()]);

    const verdict = await judge(world);
    expect(verdict).toMatchObject({ problems: [], lost: 20, firings: 60 });
    expect(new Set(world.firings.map(({ key }) => key)).size).toBe(40);
  });

  test('a killed driver is succeeded by one that waits for what is out: nothing is lost, and nothing happens twice', async () => {
    const world = await newWorld();
    const victim = await world.worker(DRIVER);
    const steps = await world.worker({ ...STEPS, holds: true });
    const runs = remoteRuns(20, { steps: 2, isHeld: true });
    await Promise.all(runs.map((run) => world.start(victim, run)));
    await Promise.all(runs.map(({ id }) => steps.fired('r0', { runId: id })));
    await world.kill(victim);
    const heir = await world.worker(DRIVER);
    await steps.call('release');
    await resultsOf(world, runs);
    await Promise.all([heir.close(), steps.close()]);

    expect(await judge(world)).toMatchObject({ problems: [], lost: 0, firings: 40, repeats: 0 });
  });

  test('answers that get lost, on both sides, strand nothing and make nothing happen twice', async () => {
    const world = await newWorld();
    const driver = await world.worker({ ...DRIVER, loseAnswers: 3 });
    const steps = await Promise.all([5, 4].map((loseAnswers) => world.worker({ ...STEPS, loseAnswers })));
    const runs = remoteRuns(30, { steps: 4 });
    await Promise.all(runs.map((run) => world.start(driver, run)));
    await resultsOf(world, runs);
    await Promise.all([driver, ...steps].map((worker) => worker.close()));

    expect(await judge(world)).toMatchObject({ problems: [], lost: 0, firings: 120, repeats: 0 });
  });
});

inBothPlaces((newWorld) => {
  test('whoever is killed, whenever: every run ends right, and every second firing belongs to a lost attempt', async () => {
    await playRound('kills of drivers and of step workers', async (chance) => {
      const world = await newWorld();
      const crews = { driver: [await world.worker(DRIVER)], steps: [await world.worker(STEPS)] };
      const plans = { driver: DRIVER, steps: STEPS };
      const runs = remoteRuns(40, { steps: 6 });
      const kills = 8;
      for (let kill = 0; kill < kills; kill += 1) {
        const asked = runs.slice(kill * 5, kill * 5 + 5);
        const asking = Promise.all(
          asked.map((run) => unlessGone(world.start(crews.driver[0] as WorkerProcess, run))),
        );
        const part = chance.oneOf(['driver', 'steps'] as const);
        const heir = await world.worker(plans[part]);
        await chance.moment(chance.between(0, 60));
        for (const victim of crews[part].splice(0)) await world.kill(victim);
        await asking;
        crews[part].push(heir);
      }
      await world.startAgain(crews.driver[0] as WorkerProcess, runs);
      await resultsOf(world, runs);
      await Promise.all([...crews.driver, ...crews.steps].map((worker) => worker.close()));
      const { problems, firings, repeats, lost } = await judge(world);
      expect(problems).toEqual([]);
      return { kills, effects: firings, 'effects repeated': repeats, 'attempts lost': lost };
    });
  });
});
