/** A store whose commits all land in the end, but late, or with their answers lost: nobody knows what became of those. */
import { pawlError } from '../../../packages/pawl/src/errors/index.ts';
import type { Store } from '../../../packages/pawl/src/store/index.ts';

export interface Bends {
  /** Every n-th commit lands, and its answer is lost. */
  readonly loseAnswers?: number | undefined;
  /** Resolves when commits may reach the store. */
  readonly gate: () => Promise<void>;
  /** Resolves when the answers of commits that carry a start may come back. */
  readonly startGate: () => Promise<void>;
}

export function bentStore(
  store: Store,
  { loseAnswers = Number.POSITIVE_INFINITY, gate, startGate }: Bends,
): Store {
  let commits = 0;
  const commit: Store['commit'] = async (batches) => {
    await gate();
    const answers = await store.commit(batches);
    if (batches.some(({ events }) => events.some(({ type }) => type === 'step.started'))) await startGate();
    commits += 1;
    if (commits % loseAnswers === 0)
      throw pawlError('STORE_UNKNOWN', { problem: 'the test lost the answer of this commit' });
    return answers;
  };
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === 'commit') return commit;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
