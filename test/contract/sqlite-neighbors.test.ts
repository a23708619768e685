/** How the SQLite store shares its file, and what it does with more lanes than one look holds. */
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../packages/pawl/src/sqlite.ts';
import {
  claimOf,
  commitOne,
  externalOf,
  newRun,
  SERVES,
  start,
  startOf,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';
import { signalled } from '../../packages/pawl/src/testing/contract/sample-events.ts';
import { openFolder } from './open-sqlite.ts';

/** Commits once a millisecond for a tenth of a second; answers the pauses that were taken. */
async function pausesOfABurst(neighbors: number): Promise<number[]> {
  const clock = new MovedClock(0);
  const pauses: number[] = [];
  const setTimer = (delayMs: number, run: () => void) => {
    pauses.push(delayMs);
    clock.move(delayMs);
    queueMicrotask(run);
    return () => undefined;
  };
  const store = await openSqliteStore({ path: ':memory:', clock, setTimer, random: () => 0 });
  const { run } = await start(store, 'a');
  for (let index = 0; index <= neighbors; index += 1) {
    await store.registerWorker({ id: `w${index}`, hostname: 'h', pid: 1, startedAt: 1, serves: [] });
  }
  clock.move(1_000);
  for (let index = 0; index < 100; index += 1) {
    clock.move(1);
    await commitOne(store, externalOf(run, [signalled('s')]));
  }
  await store.close();
  return pauses;
}

test('a process that commits back to back lets its neighbors in every 20 ms', async () => {
  expect(await pausesOfABurst(1)).toEqual([2, 2, 2, 2]);
});

test('a process that is alone never pauses', async () => {
  expect(await pausesOfABurst(0)).toEqual([]);
});

test('a due run is found behind thousands of lanes that nobody here serves', async () => {
  const { store, clock } = await openFolder();
  const names = Array.from({ length: 2_500 }, (_, index) => `flow-${index}`);
  await store.commit(names.map((workflow) => startOf(newRun(workflow, { workflow, holder: null }))));
  expect(await store.nextDueAt(SERVES)).toBeUndefined();
  expect(await claimOf({ store, now: clock.now() })).toEqual([]);
  await start(store, 'last', { holder: null });
  expect(await store.nextDueAt(SERVES)).toBe(clock.now());
  expect((await claimOf({ store, now: clock.now() })).map((one) => one.row.run.runId)).toEqual(['last']);
});

test('a store that was closed says so', async () => {
  const { store } = await openFolder();
  await store.close();
  await store.close();
  await expect(store.commit([externalOf({ tenant: 'default', runId: 'a' }, [])])).rejects.toThrow(
    'it is closed',
  );
  await expect(store.getRun('default', 'a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
