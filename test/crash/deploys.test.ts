/** Two deploys with different versions of a workflow work side by side: each run goes on with its own. */
import { expect, test } from 'vitest';
import { judge, readRuns } from './support/judge.ts';
import { inBothPlaces } from './support/places.ts';
import { HURRY } from './support/storm.ts';
import type { Deploy } from './support/workflows.ts';

const RUNS = 20;
const STEPS = 4;

inBothPlaces((newWorld) => {
  test('P12: runs of two deploys cross nowhere, whoever dies, and each ends with the version that it began with', async () => {
    const world = await newWorld();
    const deployOf = new Map<number, Deploy>();
    const open = async (deploy: Deploy) => {
      const worker = await world.worker({ time: HURRY, deploy });
      deployOf.set(worker.pid, deploy);
      return worker;
    };
    const victims = { 1: await open('1'), 2: await open('2') };
    const heirs = { 1: await open('1'), 2: await open('2') };
    const runs = (['1', '2'] as const).flatMap((deploy) =>
      Array.from({ length: RUNS }, (_, index) => ({ deploy, id: `of-${deploy}-${index}` })),
    );
    await Promise.all(
      runs.map(({ deploy, id }) => {
        const [first, second] = ['first', 'second'].map((name) => Array(STEPS).fill(`${name} of ${deploy}`));
        const output = [...(first ?? []), id, ...(second ?? [])];
        return world.start(victims[deploy], { id, workflow: 'deployed', input: { steps: STEPS }, output });
      }),
    );
    await Promise.all([victims[1], victims[2]].map((victim) => world.kill(victim)));
    await Promise.all(runs.map(({ deploy, id }) => heirs[deploy].call('signal', id, id, id)));
    for (const deploy of ['1', '2'] as const) {
      const own = runs.filter((run) => run.deploy === deploy);
      await heirs[deploy].call(
        'results',
        own.map(({ id }) => id),
      );
    }
    await Promise.all([heirs[1].close(), heirs[2].close()]);

    expect((await judge(world)).problems).toEqual([]);
    const rows = [...(await readRuns(world)).values()].map(({ row }) => `${row.version} ${row.run.runId}`);
    expect(rows.toSorted()).toEqual(runs.map(({ deploy, id }) => `${deploy} ${id}`).toSorted());
    const crossed = world.firings.filter(
      ({ pid, path }) => !path.endsWith('-away') && !path.endsWith(`-of-${deployOf.get(pid)}`),
    );
    expect(crossed).toEqual([]);
  });
});
