/** Directs the demo: starts a worker, kills it, starts another, and lets the journal tell what happened. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Engine } from '../../engine/index.ts';
import { pawlError } from '../../errors/index.ts';
import type { RunStatus, WaitState } from '../../run/index.ts';
import { deferred, type Platform } from '../../std/index.ts';
import { DEMO_LIMIT_MS } from '../defaults.ts';
import { Pulse } from '../follow/pulse.ts';
import type { Interrupts } from '../interrupts.ts';
import { type Proof, proofOf } from './proof.ts';
import { type DemoService, startService } from './service.ts';
import { type Scene, Story } from './story.ts';
import { WorkerProcess } from './worker-process.ts';

export interface DemoPlan {
  /** The folder that is checked. */
  readonly folder: string;
  /** Where the database lies; effects and the report go beside it. */
  readonly file: string;
  /** Arguments of Node for a worker; `isHolding`: it stops between two steps and says so. */
  readonly workerArgv: (isHolding: boolean) => readonly string[];
  /** Kill inside a step instead of between two. */
  readonly killInside: boolean;
  readonly interrupts: Interrupts;
  /** Decides the approval. */
  readonly decide: (engine: Engine, runId: string, approval: WaitState) => Promise<void>;
  readonly tell: Telling;
}

/** What the audience sees, in order. */
export interface Telling {
  worker(place: number, pid: number): void;
  scene(scene: Scene): void;
  /** `inside`: the step that was running. */
  killed(inside: string | undefined): void;
  remembered(paths: readonly string[]): void;
}

export interface DemoResult {
  readonly runId: string;
  readonly status: RunStatus;
  readonly tookMs: number;
  /** From the kill to the first event of the second worker. */
  readonly gapMs: number;
  readonly workers: readonly {
    readonly pid: number;
    readonly workerId: string;
    readonly steps: readonly string[];
  }[];
  readonly proof: Proof;
}

/** @throws `DEMO_FAILED` where a worker ends by itself, or something that must happen does not */
export async function directDemo(engine: Engine, platform: Platform, plan: DemoPlan): Promise<DemoResult> {
  const stage = new Stage(engine, platform, plan);
  try {
    return await stage.play();
  } finally {
    await stage.close();
  }
}

/** before → first worker → killed → second worker → over; the steps of `play`, in that order. */
class Stage {
  readonly #engine: Engine;
  readonly #platform: Platform;
  readonly #plan: DemoPlan;
  readonly #pulse = new Pulse();
  readonly #story: Story;
  readonly #home: string;
  readonly #reading = new AbortController();
  readonly #workers: WorkerProcess[] = [];
  #service: DemoService | undefined;
  #readerFailure: { readonly error: unknown } | undefined;

  constructor(engine: Engine, platform: Platform, plan: DemoPlan) {
    this.#engine = engine;
    this.#platform = platform;
    this.#plan = plan;
    const runId = platform.newId();
    this.#story = new Story(runId, engine.tenant);
    this.#home = join(dirname(plan.file), 'demo', runId);
  }

  async play(): Promise<DemoResult> {
    const { tell, killInside, decide } = this.#plan;
    const story = this.#story;
    const startedAt = this.#platform.clock.monotonic();
    this.#service = await startService({ holdsFirst: killInside, onRequest: () => this.#pulse.beat() });
    const first = await this.#startWorker(!killInside);
    await this.#startRun(first);
    await this.#until(() => this.#isTimeToKill(first));
    await first.kill();
    tell.killed(killInside ? this.#story.openStep : undefined);
    story.noteKill(this.#platform.clock.now());
    const second = await this.#startWorker(false);
    await this.#until(() => story.openApproval !== undefined || this.#isOver());
    const approval = story.openApproval;
    if (approval) await decide(this.#engine, story.state.runId, approval);
    await this.#until(() => this.#isOver());
    return this.#result([first, second], this.#platform.clock.monotonic() - startedAt);
  }

  /** Where the run is over its worker drains; where the demo broke off nobody waits for it, and the run is cancelled. */
  async close(): Promise<void> {
    this.#reading.abort();
    if (this.#isOver()) await this.#stopWorkers();
    else await this.#breakOff();
    await this.#service?.close();
  }

  async #stopWorkers(): Promise<void> {
    const stopWaiting = this.#platform.setTimer(DEMO_LIMIT_MS, () => {
      for (const worker of this.#workers) void worker.kill();
    });
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    stopWaiting();
  }

  async #breakOff(): Promise<void> {
    const { runId, lastSeq } = this.#story.state;
    if (lastSeq > 0)
      await this.#engine.cancel(runId, { reason: 'the demo broke off' }).catch(() => undefined);
    await Promise.all(this.#workers.map((worker) => worker.kill()));
  }

  async #startWorker(isHolding: boolean): Promise<WorkerProcess> {
    const worker = new WorkerProcess({
      argv: this.#plan.workerArgv(isHolding),
      onChange: () => this.#pulse.beat(),
    });
    this.#workers.push(worker);
    this.#plan.tell.worker(this.#workers.length, worker.pid);
    await this.#until(() => worker.ready !== undefined);
    return worker;
  }

  async #startRun(worker: WorkerProcess): Promise<void> {
    mkdirSync(this.#home, { recursive: true });
    writeFileSync(this.#effects, '');
    const input = {
      folder: this.#plan.folder,
      effects: this.#effects,
      report: join(this.#home, 'report.md'),
      service: this.#service?.url ?? '',
    };
    const { runId } = this.#story.state;
    await this.#engine.start(worker.ready?.workflow ?? '', input, {
      id: runId,
      trigger: 'cli',
      labels: { demo: 'true' },
    });
    this.#read(runId).catch((error: unknown) => {
      this.#readerFailure = { error };
      this.#pulse.beat();
    });
  }

  async #read(runId: string): Promise<void> {
    const { signal } = this.#reading;
    for await (const event of this.#engine.handle(runId).events({ follow: true, signal })) {
      const scene = this.#story.take(event);
      if (this.#story.isTakingOver) this.#plan.tell.remembered(this.#story.byWorker.first);
      if (scene) this.#plan.tell.scene(scene);
      this.#pulse.beat();
    }
  }

  /**
   * Between two steps: the function stands there, and all it has seen is in the journal. Inside one: the service has accepted
   * the request, and the journal knows of the attempt. Both are told by records, never by a clock.
   */
  #isTimeToKill(worker: WorkerProcess): boolean {
    if (this.#plan.killInside)
      return this.#service?.isHolding() === true && this.#story.openStep !== undefined;
    return worker.heldSteps !== undefined && this.#story.completed.length >= worker.heldSteps;
  }

  #isOver(): boolean {
    return this.#story.state.endedAt !== undefined;
  }

  get #effects(): string {
    return join(this.#home, 'effects.txt');
  }

  async #until(isSo: () => boolean): Promise<void> {
    const { interrupts } = this.#plan;
    const tooLate = deferred<never>();
    const problem = `it waited for more than ${DEMO_LIMIT_MS / 1_000} seconds.`;
    const stopTimer = this.#platform.setTimer(DEMO_LIMIT_MS, () => {
      tooLate.reject(pawlError('DEMO_FAILED', { problem }));
    });
    try {
      for (;;) {
        const next = this.#pulse.next();
        this.#check();
        if (isSo()) return;
        await Promise.race([next, interrupts.first, tooLate.promise]);
      }
    } finally {
      stopTimer();
    }
  }

  #check(): void {
    for (const worker of this.#workers) worker.check();
    if (this.#readerFailure) throw this.#readerFailure.error;
    if (this.#plan.interrupts.signal.aborted)
      throw pawlError('DEMO_FAILED', { problem: 'it was interrupted.' });
  }

  #result(workers: readonly WorkerProcess[], tookMs: number): DemoResult {
    const { state, byWorker, completed } = this.#story;
    const steps = [byWorker.first, byWorker.second];
    const effects = readFileSync(this.#effects, 'utf8');
    return {
      runId: state.runId,
      status: state.status,
      tookMs: Math.round(tookMs),
      gapMs: this.#story.gapMs,
      workers: workers.map((worker, index) => ({
        pid: worker.pid,
        workerId: worker.ready?.workerId ?? '',
        steps: steps[index] ?? [],
      })),
      proof: proofOf({
        steps: completed.length,
        effects,
        requests: this.#service?.requests ?? new Map<string, number>(),
      }),
    };
  }
}
