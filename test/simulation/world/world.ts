/** A world: processes on one store, everything that goes wrong, and everybody outside, in one thread and in simulated time. */
import { chanceOf } from '../plan/chance.ts';
import type { Plan } from '../plan/plan.ts';
import { Effects } from '../rules/effects.ts';
import { judgeEnd } from '../rules/end-rules.ts';
import { Observer } from '../rules/observer.ts';
import { TaskEffects } from '../rules/task-effects.ts';
import { Seen } from '../rules/seen.ts';
import type { Judge, Violation } from '../rules/violation.ts';
import type { WatchedRun } from '../rules/watched-run.ts';
import { WorldClock } from './clock.ts';
import { GRAPH_PREFIX } from './graphs.ts';
import type { Ground, NewGround } from './ground.ts';
import { Machines } from './machines.ts';
import { isOver, People, runIdOf } from './people.ts';
import type { Process, ProcessSetup } from './process.ts';
import { ProcessTable } from './process-table.ts';
import { Scheduler } from './scheduler.ts';
import { SqliteGround } from './sqlite-ground.ts';
import { Trace } from './trace.ts';
import { Wire } from './wire.ts';
import type { Hands } from './workflows.ts';

/** When everything that went wrong is over, at the latest. */
const STORM_MS = 200_000;
/** So long a world may take to end after that. */
const CALM_MS = 240_000;
/** A world that does so much is going round in circles. */
const MAX_STEPS = 200_000;
/** So long a worker may have to ask a store again that is away. */
const CALLS_FAIL_MS = 15_000;
/** A run with so many events is going round in circles. */
const MAX_EVENTS = 4_000;
/** What was stopped wakes, and has this long to do harm. */
const AFTERMATH_MS = 3_000;
/** What the engine logs where something of its own is wrong. */
const OUR_FAULT: readonly string[] = [
  'this run cannot be driven',
  'an attempt could not be recorded',
  'the store refused a batch of this run',
];

export interface Outcome {
  readonly violation: Violation | undefined;
  readonly hash: string;
  readonly lines: readonly string[];
  readonly steps: number;
  readonly crashes: number;
  readonly effects: number;
  /** How the run of each program ended. */
  readonly results: readonly string[];
}

export interface WorldOptions {
  readonly keepsLines?: boolean;
  /** What it stands on; SQLite unless said. */
  readonly newGround?: NewGround;
}

const onSqlite: NewGround = (setup) => new SqliteGround(setup);

export class World {
  readonly #plan: Plan;
  readonly #trace: Trace;
  readonly #scheduler: Scheduler;
  readonly #ground: Ground;
  readonly #table: ProcessTable;
  readonly #wire: Wire;
  readonly #machines: Machines;
  readonly #observer: Observer;
  readonly #tasks: TaskEffects;
  readonly #effects: Effects;
  readonly #seen: Seen;
  readonly #people: People;
  #violation: Violation | undefined;

  constructor(plan: Plan, { keepsLines = false, newGround = onSqlite }: WorldOptions = {}) {
    this.#plan = plan;
    this.#trace = new Trace(keepsLines);
    const trace = this.#trace;
    const scheduler = new Scheduler(
      (task) => this.#note(task.owner?.name ?? 'world', task.what),
      () => this.#ground.settled(),
    );
    this.#scheduler = scheduler;
    const chance = chanceOf(plan.seed, 'world');
    const clock = new WorldClock(scheduler, { offsetMs: 0, rate: 1 });
    this.#table = new ProcessTable(plan.canProveDeath);
    const ground = newGround({ seed: plan.seed, clock, table: this.#table });
    this.#ground = ground;
    const judge = this.#judge;
    const { latencyMs, isRemote, deafShare } = plan;
    const timing = { latencyMs, isRemote, deafShare };
    const observer = (): Observer => this.#observer;
    this.#wire = new Wire({ ...timing, ground, scheduler, chance, judge, observer });
    this.#seen = new Seen(judge);
    this.#machines = new Machines({
      plan,
      chance,
      scheduler,
      trace,
      ground,
      wire: this.#wire,
      storeClock: clock,
      handsOf: (process) => this.#handsOf(process),
      onLog: (line) => this.#onLog(line),
      onDeploy: (code) => (code === 'patched' ? this.#seen.forget() : undefined),
    });
    this.#observer = this.#observe();
    this.#tasks = this.#watchTasks();
    this.#effects = this.#watchEffects();
    this.#people = new People({
      plan,
      chance: chance.fork('people'),
      scheduler,
      reach: () => this.#machines.reach(),
      runs: () => this.#observer.runs,
      hasHappened: (key, attempt) => this.#effects.ask(key, attempt),
      isCodeRight: () => this.#machines.isCodeRight,
    });
  }

  #observe(): Observer {
    return new Observer({
      store: this.#ground.own,
      judge: this.#judge,
      nowMs: () => this.#scheduler.nowMs,
      onEvent: (run, event) => {
        this.#note(run.id, `${event.seq} ${event.type} ${event.path ?? ''}`);
        this.#people.onEvent(run, event);
        if (event.seq === MAX_EVENTS) this.#judge('endless', `${run.id} has ${MAX_EVENTS} events`);
        if (event.type === 'run.parked' && event.data.reason === 'diverged' && !this.#machines.wasBroken)
          this.#judge('divergence', `${run.id} diverged: ${event.data.message}`);
      },
      onHolder: (run) => this.#judgeVersion(run),
      isWell: (holder) => this.#table.ownerOf(holder)?.isWell ?? false,
    });
  }

  get #doCallsFail(): boolean {
    return this.#plan.faults.some((fault) => fault.type === 'away' || fault.type === 'unknown');
  }

  #watchTasks(): TaskEffects {
    return new TaskEffects({
      judge: this.#judge,
      run: (runId) => this.#observer.run(runId),
      reachesMs: 1_000 + 6 * this.#plan.latencyMs + (this.#doCallsFail ? CALLS_FAIL_MS : 0),
    });
  }

  #watchEffects(): Effects {
    const { latencyMs, deafShare } = this.#plan;
    return new Effects({
      judge: this.#judge,
      run: (runId) => this.#observer.run(runId),
      reachesMs: deafShare === 0 ? 20 + 6 * latencyMs : 90_000,
      latencyMs: this.#doCallsFail ? undefined : latencyMs,
      engineOf: (process) => this.#table.holderOf(process),
      tasks: this.#tasks,
      serves: ({ slot }, queue) => this.#plan.slots[slot]?.queues?.includes(queue) ?? true,
    });
  }

  async run(): Promise<Outcome> {
    const onUnhandled = (reason: unknown): void => this.#judge('errors', `nobody handled ${String(reason)}`);
    process.on('unhandledRejection', onUnhandled);
    try {
      await this.#ground.begin();
      await this.#live();
    } finally {
      process.off('unhandledRejection', onUnhandled);
      await this.#ground.close();
    }
    return {
      violation: this.#violation,
      hash: this.#trace.hash,
      lines: this.#trace.lines,
      steps: this.#scheduler.steps,
      crashes: this.#machines.crashes,
      effects: this.#effects.count,
      results: this.#plan.programs.map((_, index) => this.#resultOf(runIdOf(index))),
    };
  }

  async #live(): Promise<void> {
    this.#machines.begin();
    this.#people.begin();
    await this.#until(() => this.#isDone, STORM_MS);
    this.#machines.calm();
    await this.#until(() => this.#isDone, CALM_MS);
    if (!this.#violation && !this.#isDone) this.#judge('stuck', this.#stuck());
    await this.#until(() => false, AFTERMATH_MS);
    if (this.#violation) return;
    this.#effects.judgeEnd();
    this.#tasks.judgeEnd();
    const { accepted } = this.#people;
    const isForgotten = this.#plan.faults.some(
      (fault) => fault.type === 'deploy' && fault.code === 'patched',
    );
    const messages = isForgotten ? new Map<string, string[]>() : this.#people.messages;
    await judgeEnd({
      store: this.#ground.own,
      runs: this.#observer.runs,
      accepted,
      messages,
      seen: this.#seen,
      cleansUp: (workflow) => this.#plan.programs[Number(workflow.slice(1))]?.onCancelMs !== undefined,
      judge: this.#judge,
    });
  }

  async #until(isOver: () => boolean, forMs: number): Promise<void> {
    const end = this.#scheduler.nowMs + forMs;
    this.#scheduler.at(end, 'end', { run: () => undefined });
    await this.#scheduler.runUntil(() => this.#isEndless() || isOver() || this.#scheduler.nowMs >= end);
  }

  #isEndless(): boolean {
    if (this.#scheduler.steps > MAX_STEPS) this.#judge('endless', `more than ${MAX_STEPS} steps`);
    return this.#violation !== undefined;
  }

  get #isDone(): boolean {
    const { runs } = this.#observer;
    return runs.length >= this.#plan.programs.length && runs.every(isOver) && this.#people.isDone;
  }

  #stuck(): string {
    const open = this.#observer.runs.filter((run) => !isOver(run));
    if (open.length === 0) return 'somebody outside never got an answer';
    return open
      .map(({ id, row, events }) => {
        const last = events.at(-1);
        return `${id} is ${row.status} ${row.park_reason ?? ''} since ${last?.type} ${last?.path ?? ''} (holder ${row.holder}, due ${row.due_at})`;
      })
      .join('; ');
  }

  readonly #judge: Judge = (rule, detail) => {
    this.#violation ??= { rule, detail };
    this.#note('judge', `${rule}: ${detail}`);
  };

  #resultOf(runId: string): string {
    const run = this.#observer.run(runId);
    const { continuedTo } = run?.state ?? {};
    if (continuedTo !== undefined) return this.#resultOf(continuedTo);
    return `${run?.row.status} ${run?.state.output ?? run?.state.failure ?? ''}`;
  }

  #handsOf(owner: Process): Hands {
    return {
      begins: (runId) => {
        this.#effects.begins(owner, runId);
        return this.#seen.begins(owner.name, runId);
      },
      see: (sight) => {
        this.#note(owner.name, `${sight.runId} sees ${sight.what}`);
        if (owner.state !== 'dead') this.#seen.see(owner.name, sight);
      },
      took: (runId, key) => this.#effects.took(owner, runId, key),
      ends: (firing, isAborted) => this.#tasks.ends(owner, firing, isAborted),
      hasHappened: (key, attempt) => this.#effects.ask(key, attempt),
      pause: (ms) => owner.pause(ms),
      hasBegun: (runId) => this.#observer.run(runId)?.ends.has('begin') ?? false,
      fire: (firing) => {
        if (owner.state === 'dead') return new Promise<never>(() => undefined);
        this.#note(owner.name, `fires ${firing.key} attempt ${firing.attempt}`);
        if (firing.key.endsWith(':renamed'))
          this.#judge('divergence', `${firing.key} fires in a run that began otherwise`);
        this.#effects.fire(owner, firing);
        return firing.ms > 0 ? owner.pause(firing.ms) : undefined;
      },
    };
  }

  #onLog({ level, message, fields }: Parameters<ProcessSetup['onLog']>[0]): void {
    this.#note('log', `${level} ${message} ${JSON.stringify(fields)}`);
    if (OUR_FAULT.includes(message)) this.#judge('errors', `${message}: ${JSON.stringify(fields)}`);
  }

  /** A holder serves the version of its run; graphs are the same in all code. */
  #judgeVersion(run: WatchedRun): void {
    const code = this.#machines.codeOf(this.#table.ownerOf(run.row.holder ?? ''));
    if (!code || run.row.workflow.startsWith(GRAPH_PREFIX)) return;
    const { version, isCompatible } = code;
    if (run.row.version !== version && !(version === '2' && isCompatible))
      this.#judge('versions', `${run.id} of version ${run.row.version} is held by version ${version}`);
  }

  #note(who: string, what: string): void {
    this.#trace.add(this.#scheduler.nowMs, who, what);
  }
}
