/** The store's side of a world: commits whose fate is open, the look after every write, and the word of it to others. */
import {
  type CommitAnswer,
  DEFAULT_STORE_LIMITS,
  type Store,
} from '../../../packages/pawl/src/store/index.ts';
import type { Connection } from '../../../packages/pawl/src/store/sqlite/connection.ts';
import { query } from '../../../packages/pawl/src/store/sqlite/query.ts';
import { SqliteStore } from '../../../packages/pawl/src/store/sqlite/sqlite-store.ts';
import type { Chance } from '../plan/chance.ts';
import { judgeFences } from '../rules/fence-rules.ts';
import type { Observer } from '../rules/observer.ts';
import type { Judge } from '../rules/violation.ts';
import type { WorldClock } from './clock.ts';
import type { FaultyWire, StoreCall } from './faulty-store.ts';
import type { Process } from './process.ts';
import type { ProcessTable } from './process-table.ts';
import type { Scheduler } from './scheduler.ts';

const totalChanges = query<[], { changes: number }>('select total_changes() as changes');

export interface WireSetup {
  readonly db: Connection;
  readonly clock: WorldClock;
  readonly table: ProcessTable;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly judge: Judge;
  readonly observer: () => Observer;
  readonly latencyMs: number;
  readonly isRemote: boolean;
  /** How often the word of a change does not arrive. */
  readonly deafShare: number;
}

export class Wire implements FaultyWire {
  readonly #setup: WireSetup;
  readonly #listeners = new Map<Process, Set<() => void>>();
  readonly #told = new Set<Process>();
  #doubtful: (() => Promise<void>)[] = [];
  /** Rows that were ever written, at the last look. */
  #changes = 0;
  /** Calls that wrote something, of each process and of all. */
  readonly #writes = new Map<Process, number>();
  #written = 0;

  constructor(setup: WireSetup) {
    this.#setup = setup;
  }

  get latencyMs(): number {
    return this.#setup.latencyMs;
  }

  get isRemote(): boolean {
    return this.#setup.isRemote;
  }

  /** The real store, as a process of its own would have it. */
  storeOf(db: Connection, owner: Process): Store {
    const { clock, table } = this.#setup;
    return new SqliteStore({
      db,
      file: ':memory:',
      platform: {
        clock,
        setTimer: (delayMs, run) => owner.setTimer(delayMs, run),
        random: () => owner.chance.next(),
      },
      limits: DEFAULT_STORE_LIMITS,
      locks: table.locksOf(owner),
    });
  }

  async perform(process: Process, call: StoreCall): Promise<unknown> {
    if (!call.isWrite) return await call.run();
    await this.#settleDoubts();
    const observer = this.#setup.observer();
    const holders = call.batches.map(({ run }) => observer.run(run.runId)?.row);
    const { tasks } = observer;
    try {
      const answer = await call.run();
      if (call.name === 'commit')
        judgeFences(
          { batches: call.batches, answers: answer as CommitAnswer[], rows: holders, tasks },
          this.#setup.judge,
        );
      return answer;
    } finally {
      await this.#look(process);
    }
  }

  /** Only what really wrote something is looked at, and wakes others. */
  async #look(writer: Process): Promise<void> {
    const changes = this.#setup.db.get(totalChanges)?.changes ?? 0;
    if (changes === this.#changes) return;
    this.#changes = changes;
    this.#writes.set(writer, (this.#writes.get(writer) ?? 0) + 1);
    this.#written++;
    await this.#setup.observer().look();
    this.#tell(writer);
  }

  doubt(process: Process, call: StoreCall, isAstray: boolean): void {
    const land = async (): Promise<void> => {
      try {
        await call.run();
      } catch {
        // its process has died inside of it meanwhile
      }
      await this.#look(process);
    };
    if (!isAstray) this.#doubtful.push(land);
    const arrive = (): void => void (isAstray ? land() : this.#settleDoubts());
    this.#setup.scheduler.in(this.#setup.chance.from(1, 900), 'late', arrive);
  }

  /** Whoever writes waits behind the transactions whose fate is open. */
  async #settleDoubts(): Promise<void> {
    for (const land of this.#doubtful.splice(0)) await land();
  }

  changesOfOthers(process: Process): number {
    return this.#written - (this.#writes.get(process) ?? 0);
  }

  later(delayMs: number, run: () => void): void {
    this.#setup.scheduler.in(delayMs, 'call', run);
  }

  watch(process: Process, listener: () => void): () => void {
    const listeners = this.#listeners.get(process) ?? new Set();
    this.#listeners.set(process, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Word of a change reaches the other processes after a moment, or does not. */
  #tell(writer: Process): void {
    for (const [process, listeners] of this.#listeners) {
      if (process === writer || process.state === 'dead' || this.#told.has(process)) continue;
      if (this.#setup.chance.is(this.#setup.deafShare)) continue;
      this.#told.add(process);
      const run = (): void => {
        this.#told.delete(process);
        for (const listener of listeners) listener();
      };
      this.#setup.scheduler.at(this.#setup.scheduler.nowMs + 1, 'change', { owner: process, run });
    }
  }
}
