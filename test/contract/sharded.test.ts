/** The store over several clusters keeps the store contract, wherever its runs stand. */
import { describe, expect, test } from 'vitest';
import { MovedClock, type OpenStore, storeContract } from '../../packages/pawl/src/testing/contract/index.ts';
import { inMemory, openOver, START } from './open-sharded.ts';

/** Promises about the order of runs that have nothing to do with each other: kept within a cluster. */
const WITHIN_ONE: ReadonlySet<string> = new Set([
  // each cluster gives its share of a claim, in its own order
  'J7 the oldest of 1,000 due runs are not starved by newer ones',
  'P9 tenants take turns, whatever stands in the line of one of them',
  'turns go on between claims: two claims of one run serve two tenants and then two workflows',
  'within a workflow the higher priority goes first, then the longest due, over all versions',
  // the newest run of each cluster stays, since its numbers are its own
  'what ended before the time goes, with its log; what lives, waits or ended later stays',
  'P14 a family goes together: as long as one of it lives or is young, all of it stays',
  'a few go at a time, large families too, and nothing is forgotten on the way',
  'the family of the newest run stays, so that no number is given twice',
  'a key names a new run when the old one has gone',
  'tenants do not keep each other, nor take each other along',
]);

const spread: OpenStore = async (limits) => {
  const clock = new MovedClock(START);
  return { clock, store: await openOver(await inMemory(3, clock, limits)) };
};

const onTheLast: OpenStore = async (limits) => {
  const clock = new MovedClock(START);
  const store = await openOver(await inMemory(3, clock, limits), { place: (_name, count) => count - 1 });
  return { clock, store };
};

describe('I13: a store over three clusters', () => {
  test.each(storeContract.map((one) => [one.name, one] as const))(
    'keeps the promise: %s',
    async (name, contract) => {
      await contract.run(WITHIN_ONE.has(name) ? onTheLast : spread);
    },
  );

  test('is excused from no promise that does not exist', () => {
    const names = new Set(storeContract.map(({ name }) => name));
    expect([...WITHIN_ONE].filter((name) => !names.has(name))).toEqual([]);
  });
});
