/** One world: a run from its start to its end, in which a process may be killed and another one takes over. */
import { type Engine, nodePlatform, type RunView } from '../engine/index.ts';
import { isPawlError } from '../errors/index.ts';
import { pawl } from '../index.ts';
import type { NamedFunction } from '../kinds/index.ts';
import { foldAll, isTerminal, type RunState } from '../run/index.ts';
import type { Json } from '../std/index.ts';
import type { Store } from '../store/index.ts';
import { openSqliteStore } from '../sqlite.ts';
import type { AnyWorkflow } from '../run/index.ts';
import type { AnyKind } from '../step/index.ts';
import type { Effect, EffectLog } from './effect-log.ts';
import { type FakePlatform, fakePlatform } from './fake-platform.ts';
import { type Kill, MortalProcess } from './mortal-process.ts';
import { RealTime } from './real-time.ts';
import { type Actor, ResentActs } from './resent-acts.ts';

/** What happens in every world. */
export interface WorldPlan {
  readonly workflow: AnyWorkflow;
  readonly input: unknown;
  readonly workflows: readonly AnyWorkflow[];
  readonly kinds: readonly AnyKind[];
  readonly functions: Readonly<Record<string, NamedFunction>>;
  readonly secrets: ((name: string) => string | undefined) | undefined;
  readonly effects: EffectLog;
  readonly act: ((actor: Actor, run: RunView) => Promise<void> | void) | undefined;
}

/** How a world ended. Ids of runs are replaced by their places, moments of its time by one word: they differ from world to world. */
export interface WorldEnd {
  /** `completed`, `failed`, `cancelled`; else `parked`, or what it still was when nothing moved any more. */
  readonly status: string;
  readonly output: Json | undefined;
  readonly failure: string | undefined;
  readonly effects: readonly SeenEffect[];
  /** Calls of the store by the first process. */
  readonly calls: number;
  /** The call at which it was killed, for people. */
  readonly killedAt: string | undefined;
}

export interface SeenEffect {
  readonly key: string;
  readonly value: string;
  readonly isInStep: boolean;
  /** It happened by the second process, although its step was recorded when the first one died. */
  readonly isRepeated: boolean;
}

const RUN_ID = 'crash-safe';
const START_MS = Date.UTC(2026, 0, 1);
/** RFC 3339 as `toISOString` writes it, and milliseconds since 1970 as JSON has them. */
const MOMENT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
const MOMENT_MS = /(?<![\w."-])\d{13}(?![\w."])/g;
/** Rounds without an end: such a run does not come to one. */
const MAX_ROUNDS = 10_000;
/** So many rounds in which nothing moves are an end. */
const STILL_ROUNDS = 3;
/** Waits that are longer than this are leapt over. */
const LEAP_MS = 60_000;
/** Virtual time that a run may take. */
const MAX_VIRTUAL_MS = 366 * 86_400_000;

export async function playWorld(plan: WorldPlan, kill?: Kill): Promise<WorldEnd> {
  return await new CrashWorld(plan, kill).play();
}

class CrashWorld {
  readonly #plan: WorldPlan;
  readonly #clock: FakePlatform = fakePlatform({ seed: 1, startMs: START_MS });
  readonly #first: MortalProcess;
  readonly #acts = new ResentActs(RUN_ID);
  readonly #real = new RealTime(nodePlatform());
  readonly #dead = new Set<string>();
  #store!: Store;
  #process: MortalProcess;
  #engine: Engine | undefined;
  /** Steps whose ends were in the log when the first process died: `RUN:PATH`. */
  #recorded: ReadonlySet<string> = new Set();
  #spentMs = 0;
  /** Rounds in a row in which nothing moved. */
  #still = 0;

  constructor(plan: WorldPlan, kill: Kill | undefined) {
    this.#plan = plan;
    this.#first = new MortalProcess(kill);
    this.#process = this.#first;
  }

  async play(): Promise<WorldEnd> {
    this.#plan.effects.clear();
    this.#store = await openSqliteStore({ ...this.#clock, path: ':memory:' });
    try {
      await this.#boot(this.#first, 2);
      this.#acts.note(this.#start);
      for (const _ of ['sent', 'and sent once more'])
        await this.#tell(async (engine) => await this.#acts.sendAgain(engine));
      for (let round = 0; round < MAX_ROUNDS && this.#spentMs < MAX_VIRTUAL_MS; round++)
        if (!(await this.#round())) break;
      return await this.#end();
    } finally {
      for (const process of [this.#first, this.#process]) process.kill();
      await this.#store.close();
    }
  }

  readonly #start = async (engine: Engine): Promise<void> => {
    const { workflow, input } = this.#plan;
    await engine.start(workflow as never, input as never, { id: RUN_ID, idempotencyKey: RUN_ID });
  };

  async #boot(process: MortalProcess, seed: number): Promise<void> {
    const { workflow, workflows, kinds, functions, secrets } = this.#plan;
    this.#process = process;
    const platform = process.platformOn(this.#clock, fakePlatform({ seed }));
    const store = process.storeOn(this.#store, (holder) => this.#dead.has(holder));
    const opening = process.ask(
      async () =>
        await pawl.open({
          store,
          platform,
          kinds,
          functions,
          workflows: [...new Set([workflow, ...workflows])],
          ...(secrets ? { secrets } : {}),
        }),
    );
    this.#engine = await this.#whileTimePasses(opening);
  }

  /** A second process takes over: it finds the lock of the first one free. Callers that were not answered send again. */
  async #takeOver(): Promise<void> {
    if (this.#first.holder !== undefined) this.#dead.add(this.#first.holder);
    this.#recorded = await this.#recordedSteps();
    await this.#boot(new MortalProcess(), 3);
    await this.#tell(async (engine) => await this.#acts.sendAgain(engine));
  }

  /** One look: whatever can move without time does, then what people do, then time passes. False where the run is over or stuck. */
  async #round(): Promise<boolean> {
    await this.#clock.settle();
    if (this.#process.isDead) {
      await this.#takeOver();
      return true;
    }
    const state = await this.#state(RUN_ID);
    if (state && isTerminal(state.status) && state.continuedTo === undefined) return false;
    if (await this.#real.isWorking(() => this.#mark())) return true;
    if ((await this.#act()) || this.#process.isDead) return true;
    this.#still = (await this.#passTime()) ? 0 : this.#still + 1;
    if (this.#still > 0) await this.#real.pause(); // a step may have ended between the look and the judgement
    return this.#still < STILL_ROUNDS;
  }

  /** Changes whenever the log grows or something happens outside. */
  async #mark(): Promise<string> {
    await this.#clock.settle();
    const runs = await this.#store.listRuns({ tenant: 'default', limit: 1_000 });
    const steps = await Promise.all(
      runs.map(async ({ run }) => (await this.#state(run.runId))?.steps.values().some(isRunning) ?? false),
    );
    const sum = runs.reduce((total, { lastSeq }) => total + lastSeq, 0);
    return steps.some(Boolean) ? `${sum} ${this.#process.calls}` : '';
  }

  /** True where somebody did something. */
  async #act(): Promise<boolean> {
    const { act } = this.#plan;
    if (!act) return false;
    const before = this.#acts.count;
    await this.#tell(async (engine) => {
      const view = await engine.runs.get(RUN_ID);
      if (view.status === 'waiting' || view.status === 'parked') await act(this.#acts.actor(engine), view);
    });
    return this.#acts.count > before;
  }

  async #passTime(): Promise<boolean> {
    const next = this.#clock.nextTimerIn;
    if (next === undefined) return false;
    const waitMs = await this.#waitMs();
    if (waitMs === undefined) return false;
    const leapMs = waitMs > LEAP_MS ? waitMs : 0;
    this.#clock.jump(leapMs); // the polls of a month are not played
    await this.#clock.advance(next);
    this.#spentMs += leapMs + next;
    return true;
  }

  /** For how long nothing will happen but that time passes; undefined where time alone moves nothing. */
  async #waitMs(): Promise<number | undefined> {
    const rows = await this.#store.listRuns({ tenant: 'default', limit: 1_000 });
    const open = rows.filter((row) => !isTerminal(row.status));
    if (open.some(({ holder }) => holder !== null)) return 0;
    const times = open.flatMap(({ dueAt }) => dueAt ?? []);
    return times.length === 0 ? undefined : Math.min(...times) - this.#clock.clock.now();
  }

  /** Asks the engine, whose process may die of it. */
  async #tell(ask: (engine: Engine) => Promise<void>): Promise<void> {
    const engine = this.#engine;
    if (!engine || this.#process.isDead) return;
    const asked = this.#process.ask(async () => {
      try {
        await ask(engine);
      } catch (error) {
        if (!isPawlError(error) || error.code !== 'RUN_TERMINAL') throw error; // it came too late: so be it
      }
    });
    await this.#whileTimePasses(asked);
  }

  async #whileTimePasses<T>(work: Promise<T>): Promise<T> {
    const progress = { isOver: false };
    const end = (): void => {
      progress.isOver = true;
    };
    void work.then(end, end);
    for (let turn = 0; !progress.isOver && turn < MAX_ROUNDS; turn++) await this.#clock.settle();
    return await work;
  }

  async #state(runId: string): Promise<RunState | undefined> {
    const row = await this.#store.getRun('default', runId);
    if (!row) return undefined;
    const events = await this.#store.readEvents(row.run, 0, Number.MAX_SAFE_INTEGER);
    return foldAll(row.run, events);
  }

  async #recordedSteps(): Promise<ReadonlySet<string>> {
    const recorded = new Set<string>();
    for (const { run } of await this.#store.listRuns({ tenant: 'default', limit: 1_000 })) {
      const state = await this.#state(run.runId);
      for (const step of state?.steps.values() ?? [])
        if (step.endedAt !== undefined) recorded.add(`${run.runId}:${step.path}`);
    }
    return recorded;
  }

  async #end(): Promise<WorldEnd> {
    const place = this.#placer(await this.#places());
    let state = await this.#state(RUN_ID);
    while (state?.continuedTo !== undefined) state = await this.#state(state.continuedTo);
    const failure = state?.failure ?? (state?.parked ? JSON.stringify(state.parked) : undefined);
    const output = place(state?.output ?? '');
    return {
      status: state === undefined ? 'not started' : describeStatus(state),
      output: output === '' ? undefined : (JSON.parse(output) as Json),
      failure: failure === undefined ? undefined : place(failure),
      effects: this.#plan.effects.all.map((effect) => this.#seen(effect, place)),
      calls: this.#first.calls,
      killedAt: this.#first.isDead ? this.#first.lastCall : undefined,
    };
  }

  /** A text without what differs from world to world. */
  #placer(places: ReadonlyMap<string, string>): (text: string) => string {
    const now = this.#clock.clock.now();
    const isMoment = (ms: number): boolean => ms >= START_MS && ms <= now;
    return (text) => {
      let result = text.replaceAll(MOMENT, (moment) => (isMoment(Date.parse(moment)) ? 'a moment' : moment));
      result = result.replaceAll(MOMENT_MS, (ms) => (isMoment(Number(ms)) ? '"a moment"' : ms));
      for (const [id, place] of places) result = result.replaceAll(id, place);
      return result;
    };
  }

  #seen({ key, value, step, process }: Effect, place: (text: string) => string): SeenEffect {
    return {
      key: place(key),
      value: place(JSON.stringify(value) ?? ''),
      isInStep: step !== undefined,
      isRepeated: process !== this.#first && step !== undefined && this.#recorded.has(step),
    };
  }

  /** What stands for the id of each run: the way to it from the first one. */
  async #places(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#store.listRuns({ tenant: 'default', limit: 1_000 });
    const places = new Map<string, string>();
    const oldestFirst = rows.toSorted((a, b) => a.run.num - b.run.num);
    for (const { run, parentRunId } of oldestFirst) {
      const state = await this.#state(run.runId);
      const path = state?.created.parentPath ?? state?.created.trigger.kind ?? '';
      const above = parentRunId ?? state?.created.trigger.ref;
      const place = above === undefined ? 'run' : `${places.get(above) ?? 'run'}/${path}`;
      places.set(run.runId, place);
    }
    return places;
  }
}

function isRunning(step: { readonly status: string }): boolean {
  return step.status === 'running';
}

function describeStatus(state: RunState): string {
  return state.parked ? `parked as ${state.parked.reason}` : state.status;
}
