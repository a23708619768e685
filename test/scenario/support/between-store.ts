/** A store with a test standing between it and the engine: before a commit reaches it, and after it answered. */
import type { FakePlatform } from 'pawl/testing';
import type { Batch, CommitAnswer, Store } from '../../../packages/pawl/src/store/index.ts';
import { openStore, privateDatabase } from './store-under-test.ts';

export interface Between {
  /** May write to the store first, as another process would. */
  readonly before?: (batches: readonly Batch[], store: Store) => Promise<void> | void;
  readonly after?: (
    batches: readonly Batch[],
    answers: readonly CommitAnswer[],
    store: Store,
  ) => Promise<void> | void;
  /** Called with the name of every method of the port that the engine uses. */
  readonly onCall?: (method: string) => void;
}

export async function openBetween(
  platform: FakePlatform,
  between: Between,
  url?: string,
): Promise<{ readonly store: Store; readonly inner: Store }> {
  const inner = await openStore(platform, url ?? (await privateDatabase()));
  const commit = async (batches: readonly Batch[]): Promise<CommitAnswer[]> => {
    await between.before?.(batches, inner);
    const answers = await inner.commit(batches);
    await between.after?.(batches, answers, inner);
    return answers;
  };
  const store = new Proxy(inner, {
    get(target, property) {
      if (property === 'commit') return commit;
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        between.onCall?.(String(property));
        return Reflect.apply(value, target, args);
      };
    },
  });
  return { store, inner };
}
