/** Two deploys with different versions of a workflow work side by side: each run goes on with its own. */
import { expect, test } from 'vitest';
import { judge, readRuns } from './support/judge.ts';
import { inBothPlaces } from './support/places.ts';
import { HURRY } from './support/storm.ts';
import { unlessGone } from './support/world.ts';
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
    const crews = { 1: [await open('1'), await open('1')], 2: [await open('2'), await open('2')] };
    const runs = (['1', '2'] as const).flatMap((deploy) =>
      Array.from({ length: RUNS }, (_, index) => ({ deploy, id: `of-${deploy}-${index}` })),
    );
    const start = (run: { readonly deploy: Deploy; readonly id: string }) => {
      const parts = ['first', 'second'].map((name) => Array(STEPS).fill(`${name} of ${run.deploy}`));
      const output = [...(parts[0] ?? []), run.id, ...(parts[1] ?? [])];
      const [, worker] = crews[run.deploy];
      return (
        worker && world.start(worker, { id: run.id, workflow: 'deployed', input: { steps: STEPS }, output })
      );
    };
    await Promise.all(runs.map(start));
    // one of each deploy dies; those of the other one are no heirs
    for (const deploy of ['1', '2'] as const) {
      const [victim] = crews[deploy];
      if (victim) await world.kill(victim);
    }
    await Promise.all(
      runs.map(({ deploy, id }) =>
        unlessGone(crews[deploy][1]?.call('signal', id, id, id) ?? Promise.resolve()),
      ),
    );
    for (const deploy of ['1', '2'] as const) {
      const ids = runs.filter((run) => run.deploy === deploy).map(({ id }) => id);
      await crews[deploy][1]?.call('results', ids);
    }
    await Promise.all([crews[1][1], crews[2][1]].map((worker) => worker?.close()));

    expect((await judge(world)).problems).toEqual([]);
    const rows = [...(await readRuns(world)).values()].map(({ row }) => `${row.version} ${row.run.runId}`);
    expect(rows.toSorted()).toEqual(runs.map(({ deploy, id }) => `${deploy} ${id}`).toSorted());
    const crossed = world.firings.filter(
      ({ pid, path }) => !path.endsWith('-away') && !path.endsWith(`-of-${deployOf.get(pid)}`),
    );
    expect(crossed).toEqual([]);
  });
});
