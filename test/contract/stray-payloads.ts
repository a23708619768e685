/** Large payloads that nothing refers to any more: the same story on every store, which looks into its own table of them. */
import { expect } from 'vitest';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import {
  commitOne,
  conclusionOf,
  enqueue,
  factsOf,
  start,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import type { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';
import { completed, runCompleted } from '../../packages/pawl/src/testing/contract/sample-events.ts';

const DAY_MS = 86_400_000;
/** More than go in one transaction. */
const STRAYS = 2_500;

interface PayloadTable {
  readonly store: Store;
  readonly clock: MovedClock;
  readonly count: () => Promise<number>;
  /** Adds so many that nothing refers to, last used in 1970. */
  readonly addStrays: (howMany: number) => Promise<void>;
}

async function pruneAll(store: Store): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined; )
    after = (await store.prune({ endedBefore: Number.MAX_SAFE_INTEGER, limit: 100, after })).next;
}

/** They go a day after their last use, however many there are; one that an event refers to stays. */
export async function straysGo({ store, clock, count, addStrays }: PayloadTable): Promise<void> {
  for (const [runId, letter] of [
    ['gone', 'x'],
    ['lives', 'y'],
  ] as const) {
    const held = await start(store, runId);
    const large = completed('large', JSON.stringify(letter.repeat(40_000)));
    const events = runId === 'gone' ? [large, runCompleted] : [];
    if (runId === 'gone') await commitOne(store, conclusionOf(held, { events }));
    else await commitOne(store, factsOf(held, [large]));
  }
  await enqueue(store, 'newest');
  await pruneAll(store);
  expect([await store.getRun('default', 'gone'), await count()]).toEqual([undefined, 2]); // used not long ago
  clock.move(2 * DAY_MS);
  await addStrays(STRAYS);
  await pruneAll(store);
  expect(await count()).toBe(1);
}
