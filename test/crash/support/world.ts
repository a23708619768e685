/** One database, the effects file beside it, and every process that ever worked on them. */
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { nodePlatform } from '../../../packages/pawl/src/engine/index.ts';
import { type Engine, pawl } from '../../../packages/pawl/src/index.ts';
import type { Store } from '../../../packages/pawl/src/store/index.ts';
import { effectsWriter, readEffects } from './effects.ts';
import type { Firing, WorkerPlan } from './protocol.ts';
import { isOnServer, openStore, urlOf } from './stores.ts';
import { WorkerGone, WorkerProcess } from './worker-process.ts';
import { crashWorkflows } from './workflows.ts';

/** A run that was asked for; its workflow and input say what it must come to. */
export interface AskedRun {
  readonly id: string;
  readonly workflow: string;
  readonly input: unknown;
  /** What it must give, where that depends on what is sent to it. */
  readonly output?: unknown;
}

/** From when until when; by the clock of the world. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

export class World {
  /** The path of a file, or the URL of a database on a server. */
  readonly store: string;
  readonly effects: string;
  readonly asked: AskedRun[] = [];
  readonly processes: WorkerProcess[] = [];
  /** When each process died, by its pid: wall clock, ms. */
  readonly deaths = new Map<number, number>();
  /** When processes stood still. */
  readonly stops: (Span & { readonly pid: number })[] = [];
  /** When nothing could be written. */
  readonly outages: Span[] = [];
  readonly #folder: string;

  /** @param place the folder of the database file, a new temporary one when left out; or the URL of a database on a server. */
  constructor(place?: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'pawl-crash-'));
    this.store = place !== undefined && isOnServer(place) ? place : join(place ?? this.#folder, 'pawl.db');
    this.effects = join(this.#folder, 'effects.jsonl');
    effectsWriter(this.effects).close();
  }

  get firings(): readonly Firing[] {
    return readEffects(this.effects);
  }

  /** Starts a worker process; resolves when it is ready, or gone because its plan says so. */
  async worker(plan: Partial<WorkerPlan> = {}): Promise<WorkerProcess> {
    const worker = this.spawn(plan);
    await worker.ready().catch(async (error: unknown) => {
      const isPlanned = plan.dieAtMoment !== undefined && (await worker.gone).signal === 'SIGKILL';
      if (!isPlanned) throw error;
    });
    return worker;
  }

  spawn(plan: Partial<WorkerPlan> = {}): WorkerProcess {
    const worker = new WorkerProcess({ store: this.store, effects: this.effects, ...plan });
    this.processes.push(worker);
    void worker.gone.then(({ at }) => {
      const words = worker.lines.find((line) => line.type === 'dies');
      if (!this.deaths.has(worker.pid)) this.deaths.set(worker.pid, words?.at ?? at);
    });
    return worker;
  }

  async kill(worker: WorkerProcess): Promise<void> {
    this.deaths.set(worker.pid, this.now());
    await worker.kill();
  }

  /** The clock of the processes of this world, where their time passes by `aheadBy`. */
  now(): number {
    return Date.now() + 1_000 * (statSync(this.aheadBy, { throwIfNoEntry: false })?.size ?? 0);
  }

  /** Does something while which nothing can be written. */
  async away(work: () => Promise<unknown>): Promise<void> {
    const from = this.now();
    await work();
    this.outages.push({ from, until: this.now() });
  }

  /** The file that makes time pass for all processes that are given it. */
  get aheadBy(): string {
    return `${this.effects}-ahead`;
  }

  /** Time passes for all of them. */
  pass(seconds: number): void {
    appendFileSync(this.aheadBy, ' '.repeat(seconds));
  }

  /** Starts a run through a process. @throws `WorkerGone` where nobody knows whether it was started: ask again elsewhere. */
  async start(worker: WorkerProcess, run: AskedRun): Promise<string> {
    if (!this.asked.some(({ id }) => id === run.id)) this.asked.push(run);
    return await worker.call('start', run.workflow, run.input, { id: run.id, key: run.id });
  }

  /** Starts what a dying process may or may not have started; what is there already stays as it is. */
  async startAgain(worker: WorkerProcess, runs: readonly AskedRun[] = this.asked): Promise<void> {
    await Promise.all(runs.map((run) => this.start(worker, run)));
  }

  /** Resolves when the log of the run holds an event of this type. */
  async recorded(runId: string, type: string): Promise<void> {
    await this.opened(async (engine) => {
      for await (const event of engine.handle(runId).events({ follow: true }))
        if (event.type === type) return;
    });
  }

  /** Opens the database in this process, does something, closes it. */
  async opened<T>(use: (engine: Engine) => Promise<T>): Promise<T> {
    const engine = await pawl.open({ store: urlOf(this.store), workflows: [], worker: false });
    try {
      return await use(engine);
    } finally {
      await engine.close();
    }
  }

  /** Opens the store itself in this process, does something, closes it. */
  async stored<T>(use: (store: Store) => Promise<T>): Promise<T> {
    const store = await openStore(this.store, nodePlatform());
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  /** A worker in this very process, for short recoveries: it drives what is left. */
  async driven<T>(use: (engine: Engine) => Promise<T>): Promise<T> {
    const writer = effectsWriter(this.effects);
    const hands = {
      append: (firing: Firing) => writer.append(firing),
      now: () => Date.now(),
      pause: () => Promise.resolve(),
      held: () => Promise.resolve(),
      note: () => undefined,
      die: () => expect.unreachable('a poisoned run was driven in the process of the test'),
      knows: (key: string) => this.firings.some((firing) => firing.key === key),
    };
    const engine = await pawl.open({ store: urlOf(this.store), workflows: crashWorkflows(hands) });
    try {
      return await use(engine);
    } finally {
      await engine.close();
      writer.close();
    }
  }

  /** Kills what is left and removes everything. */
  async dispose(): Promise<void> {
    await Promise.all(this.processes.filter((worker) => !worker.isGone).map((worker) => worker.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What a call gave, or undefined where its process died first. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof WorkerGone) return undefined;
    throw error;
  }
}
