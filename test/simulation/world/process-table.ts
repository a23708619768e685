/** The process table of a world, as the locks of the store see it: whose process is alive, whose is gone. */
import type { LivenessLocks, LockState } from '../../../packages/pawl/src/sqlite.ts';
import type { Owner } from './scheduler.ts';

export class ProcessTable {
  readonly #owners = new Map<string, Owner>();
  readonly #holders = new Map<Owner, string>();
  readonly #canProveDeath: boolean;

  constructor(canProveDeath: boolean) {
    this.#canProveDeath = canProveDeath;
  }

  /** The locks as one process meets them. */
  locksOf(owner: Owner): LivenessLocks {
    return {
      take: (holder) => {
        this.#owners.set(holder, owner);
        this.#holders.set(owner, holder);
      },
      look: (holder) => this.#look(holder, owner),
      clear: (holder) => {
        const found = this.#owners.get(holder);
        if (found === owner || found?.state === 'dead') this.#owners.delete(holder);
      },
      traces: () => (this.#canProveDeath ? [...this.#owners.keys()] : []),
      close: () => undefined,
    };
  }

  ownerOf(holder: string): Owner | undefined {
    return this.#owners.get(holder);
  }

  /** The id under which a process holds runs. */
  holderOf(owner: Owner): string {
    return this.#holders.get(owner) ?? '';
  }

  #look(holder: string, by: Owner): LockState {
    const owner = this.#owners.get(holder);
    if (owner === by) return 'held';
    if (!this.#canProveDeath || owner === undefined) return 'missing';
    return owner.state === 'dead' ? 'free' : 'held';
  }
}
