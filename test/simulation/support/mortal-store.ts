/** A store that its engine loses in the middle of things: from its last call on nothing is answered any more. */
import type { Store } from '../../../packages/pawl/src/store/index.ts';

export interface Mortal {
  readonly store: Store;
  readonly isDead: boolean;
  readonly calls: number;
  kill(): void;
}

export interface MortalOptions {
  /** Dies at this call, counted from 1; undefined: lives. */
  readonly diesAt: number | undefined;
  /** The fatal call still reaches the store; its answer is lost. */
  readonly isAnswerLost: boolean;
  /** Ids of holders whose process is gone. */
  readonly dead: Set<string>;
  readonly onCommit: (batches: readonly unknown[], answers: readonly unknown[]) => void;
}

const never = new Promise<never>(() => undefined);

/** Wraps a store: every method of the port counts, `watch` and `close` excepted. */
export function mortal(inner: Store, options: MortalOptions): Mortal {
  let calls = 0;
  let isDead = false;
  let holder: string | undefined;
  const die = (): void => {
    isDead = true;
    if (holder !== undefined) options.dead.add(holder);
  };
  const call = async (
    name: string,
    args: readonly unknown[],
    run: () => Promise<unknown>,
  ): Promise<unknown> => {
    if (isDead) return await never;
    calls++;
    const isFatal = calls === options.diesAt;
    if (isFatal && !options.isAnswerLost) {
      die();
      return await never;
    }
    if (name === 'registerWorker') holder = (args[0] as { id: string }).id;
    const answer = await run();
    if (name === 'commit') options.onCommit(args[0] as readonly unknown[], answer as readonly unknown[]);
    if (isFatal) die();
    return isDead ? await never : answer;
  };
  const store = new Proxy(inner, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      const method = (value as (...args: unknown[]) => unknown).bind(target);
      if (property === 'watch') return () => () => undefined;
      if (property === 'close') return async () => undefined;
      if (property === 'isProvablyDead') return async (id: string) => options.dead.has(id);
      return (...args: unknown[]) => call(String(property), args, async () => await method(...args));
    },
  });
  return {
    store,
    get isDead() {
      return isDead;
    },
    get calls() {
      return calls;
    },
    kill: die,
  };
}
