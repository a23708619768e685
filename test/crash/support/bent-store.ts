/** A store whose commits land late, or with their answers lost, or not at all without a word, and that may be deaf to those of others. */
import { pawlError } from '../../../packages/pawl/src/errors/index.ts';
import type { Batch, Store } from '../../../packages/pawl/src/store/index.ts';
import type { WorkerPlan } from './protocol.ts';

export interface Bends {
  /** The answer of every n-th commit is lost; every second of these did not land. */
  readonly loseAnswers?: number | undefined;
  readonly stopsAt?: WorkerPlan['stopsAt'];
  readonly isDeaf?: boolean | undefined;
  /** Called when a commit that gives a waiting run back was answered, before anybody here knows. */
  readonly onRest?: (() => void) | undefined;
  /** Resolves when any commit may reach the store. */
  readonly gate: () => Promise<void>;
  /** Resolves when what `stopsAt` names may go on. */
  readonly stop: Promise<void>;
}

export function bentStore(store: Store, bends: Bends): Store {
  const { loseAnswers = Number.POSITIVE_INFINITY, stopsAt, isDeaf, onRest, gate, stop } = bends;
  let commits = 0;
  const commit: Store['commit'] = async (batches) => {
    await gate();
    if (stopsAt === 'rest' && batches.some(rests)) await stop;
    commits += 1;
    const isDoubtful = commits % loseAnswers === 0;
    if (isDoubtful && (commits / loseAnswers) % 2 === 0) throw unknown();
    const answers = await store.commit(batches);
    if (stopsAt === 'start' && batches.some(starts)) await stop;
    if (batches.some(rests)) onRest?.();
    if (isDoubtful) throw unknown();
    return answers;
  };
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === 'commit') return commit;
      if (name === 'watch' && isDeaf) return () => () => undefined;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function unknown(): Error {
  return pawlError('STORE_UNKNOWN', { problem: 'the test lost the answer of this commit' });
}

function starts({ events }: Batch): boolean {
  return events.some(({ type }) => type === 'step.started');
}

function rests({ conclusion }: Batch): boolean {
  return conclusion?.events.some(({ type }) => type === 'run.waiting') ?? false;
}
