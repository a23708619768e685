/** The store's side of a world: commits whose fate is open, the look after every write, and the word of it to others. */
import type { CommitAnswer } from '../../../packages/pawl/src/store/index.ts';
import type { Chance } from '../plan/chance.ts';
import { judgeFences } from '../rules/fence-rules.ts';
import type { Observer } from '../rules/observer.ts';
import type { Judge } from '../rules/violation.ts';
import type { FaultyWire, StoreCall } from './faulty-store.ts';
import type { Ground } from './ground.ts';
import type { Process } from './process.ts';
import type { Scheduler } from './scheduler.ts';

export interface WireSetup {
  readonly ground: Ground;
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

  async perform(process: Process, call: StoreCall): Promise<unknown> {
    if (!call.isWrite) return await call.run();
    return await this.#setup.ground.alone(() => this.#write(process, call));
  }

  async #write(process: Process, call: StoreCall): Promise<unknown> {
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
    const now = await this.#setup.ground.look();
    if (now === undefined) return;
    this.#writes.set(writer, (this.#writes.get(writer) ?? 0) + 1);
    this.#written++;
    await this.#setup.observer().look(now);
    this.#tell(writer);
  }

  doubt(process: Process, call: StoreCall, isAstray: boolean): void {
    const { ground } = this.#setup;
    const land = async (): Promise<void> => {
      try {
        await ground.land(call);
      } catch {
        // its process has died inside of it meanwhile
      }
      await this.#look(process);
    };
    if (!isAstray) this.#doubtful.push(land);
    const arrive = (): void => void ground.alone(() => (isAstray ? land() : this.#settleDoubts()));
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
