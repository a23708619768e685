/** A process inside a process, which a test kills: from then on nothing of it happens, and nothing answers it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { StopTimer } from '../std/index.ts';
import type { Store } from '../store/index.ts';
import type { FakePlatform } from './fake-platform.ts';

/** Where a process dies: at which call of its store, and whether that call still reached it. */
export interface Kill {
  /** Counted from 1. */
  readonly call: number;
  readonly when: 'before' | 'after';
}

const running = new AsyncLocalStorage<MortalProcess>();
const never = new Promise<never>(() => undefined);

/** The process that the code which runs now belongs to; undefined outside of all. */
export function currentProcess(): MortalProcess | undefined {
  return running.getStore();
}

/** States: alive → dead (`kill`, or the call of its store that its plan names), for ever. */
export class MortalProcess {
  /** Resolves when it dies. */
  readonly death: Promise<void>;
  readonly #kill: Kill | undefined;
  #isDead = false;
  #calls = 0;
  #lastCall = '';
  #holder: string | undefined;
  #die!: () => void;

  constructor(kill?: Kill) {
    this.#kill = kill;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Calls of the store so far. */
  get calls(): number {
    return this.#calls;
  }

  /** What it asked of its store last, for people. */
  get lastCall(): string {
    return this.#lastCall;
  }

  /** The id of its engine, once that is registered. */
  get holder(): string | undefined {
    return this.#holder;
  }

  kill(): void {
    this.#isDead = true;
    this.#die();
  }

  /** Runs something as a part of this process. */
  run<T>(work: () => T): T {
    return running.run(this, work);
  }

  /** What it asks of the outside, answered while it lives. */
  async ask<T>(work: () => Promise<T>): Promise<T | undefined> {
    return await Promise.race([this.run(work), this.death.then(() => undefined)]);
  }

  /** The platform as this process has it: ids of its own, and no turn or timer after its death. */
  platformOn(inner: FakePlatform, ids: FakePlatform): FakePlatform {
    const mine = (work: () => void) => (): void => {
      if (!this.#isDead) this.run(work);
    };
    const setTimer = (delayMs: number, work: () => void): StopTimer => inner.setTimer(delayMs, mine(work));
    return {
      ...inner,
      get nextTimerIn() {
        return inner.nextTimerIn;
      },
      setTimer,
      nextTurn: (work) => inner.nextTurn(mine(work)),
      newId: () => ids.newId(),
      pid: ids.pid,
    };
  }

  /** The store as this process reaches it; `isDead` says of a holder whether its process is gone. */
  storeOn(inner: Store, isDead: (holder: string) => boolean): Store {
    return new Proxy(inner, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        if (property === 'watch') return () => () => undefined;
        if (property === 'close') return async () => undefined;
        if (property === 'isProvablyDead') return async (holder: string) => isDead(holder);
        return (...args: unknown[]): unknown =>
          this.#call(
            String(property),
            args,
            async () => (await Reflect.apply(value, target, args)) as unknown,
          );
      },
    });
  }

  async #call(method: string, args: readonly unknown[], act: () => Promise<unknown>): Promise<unknown> {
    if (this.#isDead) return await never;
    this.#calls += 1;
    this.#lastCall = describeCall(method, args);
    const isFatal = this.#calls === this.#kill?.call;
    if (isFatal && this.#kill?.when === 'before') {
      this.kill();
      return await never;
    }
    if (method === 'registerWorker') this.#holder = (args[0] as { readonly id: string }).id;
    const answer = await act();
    if (isFatal) this.kill();
    return this.#isDead ? await never : answer;
  }
}

function describeCall(method: string, args: readonly unknown[]): string {
  if (method !== 'commit') return method;
  const batches = args[0] as readonly { readonly events: readonly { type: string; path?: string }[] }[];
  const events = batches.flatMap((batch) => batch.events);
  const shown = events.slice(0, 3).map(({ type, path }) => (path === undefined ? type : `${type} ${path}`));
  return `commit (${[...shown, ...(events.length > 3 ? ['…'] : [])].join(', ')})`;
}
