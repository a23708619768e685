/** What goes to the store in one group: halves of a large one where it takes two, never two batches of one run, and no more than it can bear. */
import { openSqliteStore } from 'pawl/sqlite';
import { expect, test } from 'vitest';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import type { Batch, CommitAnswer, Store } from '../../packages/pawl/src/store/index.ts';
import {
  after,
  factsOf,
  type Held,
  newRun,
  start,
  startOf,
  typesOf,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import { completed } from '../../packages/pawl/src/testing/contract/sample-events.ts';
import type { CommitSource } from '../../packages/pawl/src/worker/group-commit.ts';
import { Journal } from '../../packages/pawl/src/worker/journal.ts';

const RUNS = 100;
const STEPS = 3;

/** A real store that answers in a later turn, as one behind a network does. */
function slowly(inner: Store, groupsInFlight: number) {
  const sizes: number[] = [];
  let underWay = 0;
  let most = 0;
  const commit = async (batches: readonly Batch[]): Promise<CommitAnswer[]> => {
    sizes.push(batches.length);
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise<void>((resolve) => void nodePlatform().setTimer(1, resolve));
    const answers = await inner.commit(batches);
    underWay -= 1;
    return answers;
  };
  const store = new Proxy(inner, {
    get(target, property) {
      if (property === 'commit') return commit;
      if (property === 'groupsInFlight') return groupsInFlight;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { store, sizes, most: () => most };
}

/** Appends its steps one after the other, and asks more often than it has to. */
class Stepping implements CommitSource {
  readonly run: Held['run'] & { readonly num: number };
  readonly done: Promise<void>;
  readonly #journal: Journal;
  #held: Held;
  #left = STEPS;
  readonly #payload: string;
  #isInFlight = false;
  #resolve: () => void = () => undefined;

  constructor(journal: Journal, held: Held, payload: string) {
    this.#journal = journal;
    this.#held = held;
    this.#payload = payload;
    this.run = { ...held.run, num: held.run.num ?? 0 };
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    journal.request(this);
  }

  takeBatch(): Batch | undefined {
    expect(this.#isInFlight, 'asked while a batch of it is under way').toBe(false);
    if (this.#left === 0) return undefined;
    this.#isInFlight = true;
    this.#journal.request(this);
    return factsOf(this.#held, [completed(`s${this.#left}`, this.#payload)]);
  }

  onAnswer(answer: CommitAnswer): void {
    this.#isInFlight = false;
    if (answer.type !== 'committed') throw new Error(JSON.stringify(answer));
    this.#held = after(this.#held, answer);
    this.#left -= 1;
    if (this.#left === 0) this.#resolve();
  }

  onUnknown(): void {
    throw new Error('its fate is known');
  }
}

async function appendToAll(groupsInFlight: number, { runs = RUNS, payload = '1' } = {}) {
  const inner = await openSqliteStore({ ...nodePlatform(), path: ':memory:' });
  const held: Held[] = [];
  for (let n = 0; n < runs; n += 1) held.push(await start(inner, `r${n}`));
  const { store, sizes, most } = slowly(inner, groupsInFlight);
  const journal = new Journal(store, nodePlatform());
  await Promise.all(held.map((one) => new Stepping(journal, one, payload).done));
  const types = await Promise.all(held.map(({ run }) => typesOf(inner, run)));
  for (const list of types) expect(list.filter((type) => type === 'step.completed')).toHaveLength(STEPS);
  await inner.close();
  return { first: sizes[0], most: most() };
}

test('of a hundred runs, fifty are written while the other fifty are on their way', async () => {
  expect(await appendToAll(2)).toEqual({ first: RUNS / 2, most: 2 });
});

test('a store that takes one group at a time gets all of them in it', async () => {
  expect(await appendToAll(1)).toEqual({ first: RUNS, most: 1 });
});

test('large payloads go in groups that are soon written', async () => {
  const payload = JSON.stringify('x'.repeat(3_000_000));
  expect(await appendToAll(1, { runs: 10, payload })).toEqual({ first: 3, most: 1 });
});

test('what others commit goes with it, a batch of each group at least', async () => {
  const store = await openSqliteStore({ ...nodePlatform(), path: ':memory:' });
  const journal = new Journal(store, nodePlatform());
  const payload = JSON.stringify('x'.repeat(9_000_000));
  const held = await start(store, 'large');
  const stepping = new Stepping(journal, held, payload);
  const run = newRun('other', { holder: null });
  const [answer] = await Promise.all([journal.commit(startOf(run)), stepping.done]);
  expect(answer.type).toBe('committed');
  await store.close();
});
