/** A store that a test takes away for a while: it refuses, or says nothing until it is back. */
import { pawlError } from '../../packages/pawl/src/errors/index.ts';
import type { Store } from '../../packages/pawl/src/store/index.ts';

type Fate = 'here' | 'refuses' | 'silent';

export class AwayStore {
  readonly store: Store;
  #fate: Fate = 'here';
  #back: (() => void)[] = [];

  constructor(store: Store) {
    this.store = new Proxy(store, {
      get: (target, name: keyof Store) => {
        const value = target[name];
        if (typeof value !== 'function' || name === 'watch' || name === 'close') {
          return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
        }
        return async (...args: unknown[]) => {
          await this.#pass();
          return await (value as (...all: unknown[]) => Promise<unknown>).apply(target, args);
        };
      },
    });
  }

  goes(fate: Exclude<Fate, 'here'>): void {
    this.#fate = fate;
  }

  returns(): void {
    this.#fate = 'here';
    for (const go of this.#back.splice(0)) go();
  }

  async #pass(): Promise<void> {
    if (this.#fate === 'refuses') throw pawlError('STORE_UNAVAILABLE', { problem: 'nobody is at home' });
    if (this.#fate === 'silent') await new Promise<void>((resolve) => this.#back.push(resolve));
  }
}
