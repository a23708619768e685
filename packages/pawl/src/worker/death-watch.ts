/** Finds holders that are gone: provably dead ones at once, silent ones after thirty seconds of the observer's own clock. */
import type { Platform } from '../std/index.ts';
import type { Store, WorkerRow } from '../store/index.ts';
import { SILENT_MS } from './defaults.ts';

interface Sighting {
  readonly beatAt: number;
  readonly seenMonotonic: number;
}

/** A holder that is gone: provably, or as far as its silence tells. */
export interface Departed {
  readonly id: string;
  readonly isProven: boolean;
}

export class DeathWatch {
  readonly #store: Store;
  readonly #platform: Platform;
  readonly #self: string;
  readonly #sightings = new Map<string, Sighting>();
  #others: readonly WorkerRow[] = [];

  constructor(store: Store, platform: Platform, self: string) {
    this.#store = store;
    this.#platform = platform;
    this.#self = self;
  }

  /** Whether somebody else holds runs or tasks: only then is anybody watched. */
  get isNeeded(): boolean {
    return this.#others.some(holdsAnything);
  }

  /** Looks at the workers' rows again. */
  async refresh(): Promise<void> {
    const rows = await this.#store.listWorkers();
    this.#others = rows.filter((row) => row.id !== this.#self);
    const now = this.#platform.clock.monotonic();
    for (const row of this.#others) {
      if (this.#sightings.get(row.id)?.beatAt !== row.beatAt)
        this.#sightings.set(row.id, { beatAt: row.beatAt, seenMonotonic: now });
    }
    for (const id of this.#sightings.keys())
      if (!this.#others.some((row) => row.id === id)) this.#sightings.delete(id);
  }

  /** Whether one of them that is not known to be gone, or going, serves this queue. */
  hasPeerFor(queue: string): boolean {
    return this.#others.some(
      ({ id, queues, draining, isOutside = false }) =>
        !draining && !isOutside && (queues === undefined || queues.includes(queue)) && !this.#isSilent(id),
    );
  }

  /** Clears away what dead processes left that held nothing: nobody would ever claim from them. */
  async sweep(): Promise<void> {
    for (const worker of this.#others) {
      const { id } = worker;
      const isGone = (): Promise<boolean> =>
        worker.isOutside ? Promise.resolve(this.#isSilent(id)) : this.#store.isProvablyDead(id);
      if (!holdsAnything(worker) && (await isGone())) await this.#store.retireWorker(id);
    }
  }

  /** Holders of runs or tasks that are dead or silent. */
  async dead(): Promise<readonly Departed[]> {
    const dead: Departed[] = [];
    let wasRefreshed = false;
    for (const { id } of this.#others.filter(holdsAnything)) {
      if (await this.#store.isProvablyDead(id)) dead.push({ id, isProven: true });
      else if (this.#isSilent(id)) {
        // An observer that was stopped itself has seen nothing for a while: it looks again before it judges.
        if (!wasRefreshed) await this.refresh();
        wasRefreshed = true;
        if (this.#isSilent(id)) dead.push({ id, isProven: false });
      }
    }
    return dead;
  }

  #isSilent(id: string): boolean {
    const sighting = this.#sightings.get(id);
    return sighting !== undefined && this.#platform.clock.monotonic() - sighting.seenMonotonic >= SILENT_MS;
  }
}

function holdsAnything({ held, tasks }: WorkerRow): boolean {
  return held > 0 || tasks > 0;
}
