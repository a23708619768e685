/** Drives one workflow function by hand, without a store or a worker: its commands are taken, ends are handed over by a test. */
import {
  type LogSurvey,
  ReplayDriver,
  workflow,
  type WorkflowFunction,
  type WorkflowOptions,
} from '../replay/index.ts';
import type { Command, Delivery, RecordedCall } from '../run/index.ts';
import { type Json, payloadOf } from '../std/index.ts';
import type { Failure } from '../step/index.ts';
import { type FakePlatform, fakePlatform } from './fake-platform.ts';

/** What the log of a run holds, as far as a replay needs it. */
export interface Recording {
  readonly calls: readonly RecordedCall[];
  readonly markers: LogSurvey['markers'];
  readonly shownCount: number;
  /** Ends in log order. */
  readonly deliveries: readonly Delivery[];
}

export interface HandDrivenOptions {
  /** Options of the workflow; its name is `hand` when left out. */
  readonly workflow?: Partial<WorkflowOptions<never, unknown>>;
  readonly input?: Json;
  readonly runId?: string;
  readonly depth?: number;
  /** What was recorded before: it is delivered again before any command is issued. */
  readonly recording?: Partial<Recording>;
  /** Tells the driver of all recorded calls before the function starts, as for calls whose record stands late in the log. */
  readonly expectsAhead?: boolean;
}

/** Milliseconds between two ends, unless a test says when something ended. */
const STEP_MS = 1_000;
const CREATED_AT = Date.UTC(2026, 0, 1);

/**
 * States: *new* → `start` → *caught up*: the recording was delivered, commands come → *ended* (`ending` is set).
 * @example
 * const run = await handDriven(async (ctx) => await ctx.step('a', () => 1)).start();
 * await run.end('a', 'ok', 1);
 * run.ending; // { type: 'Complete', output: '1' }
 */
export class HandDriven {
  readonly driver: ReplayDriver;
  readonly platform: FakePlatform = fakePlatform();
  /** Every command so far, in order. */
  readonly commands: Command[] = [];
  /** Commands that came before it had caught up: there must never be any. */
  readonly early: Command[] = [];
  /** Every end that was handed over, those of the recording included. */
  readonly deliveries: Delivery[] = [];
  /** Rejections of the run that nobody handled. */
  readonly unhandled: unknown[] = [];
  /** How often the driver said that something is there to be taken. */
  activity = 0;
  readonly #recording: Recording;
  readonly #expectsAhead: boolean;

  constructor(run: WorkflowFunction<never, unknown>, options: HandDrivenOptions) {
    const runId = options.runId ?? 'run-1';
    this.#recording = { calls: [], markers: new Map(), shownCount: 0, deliveries: [], ...options.recording };
    this.#expectsAhead = options.expectsAhead ?? false;
    const { calls, markers, shownCount } = this.#recording;
    this.driver = new ReplayDriver({
      workflow: workflow<never, unknown>({ name: 'hand', ...options.workflow }, run),
      facts: {
        runId,
        rootRunId: runId,
        version: options.workflow?.version ?? '1',
        labels: {},
        trigger: { kind: 'api' },
        createdAt: CREATED_AT,
        depth: options.depth ?? 0,
      },
      input: payloadOf(options.input),
      survey: { calls: calls.length, markers, shownCount, lastSeq: calls.length },
      payloadBytes: 16 * 1_024 * 1_024,
      checkedKinds: new Set<string>(),
      logger: this.platform.logger,
      onActivity: () => {
        this.activity++;
      },
      onUnhandled: (reason) => this.unhandled.push(reason),
    });
  }

  /** Starts the function, delivers what was recorded, and takes the first commands. Stops where code and recording differ. */
  async start(): Promise<this> {
    const { calls, deliveries } = this.#recording;
    if (this.#expectsAhead) for (const call of calls) this.driver.expect(call);
    this.driver.start();
    await this.quiet();
    this.early.push(...this.driver.takeCommands());
    for (const [made, delivery] of [...deliveries, undefined].entries()) {
      const due = calls.filter((call) => (delivery ? call.n === made : call.n >= made));
      if (!this.#expectsAhead) for (const call of due) this.driver.expect(call);
      if (this.driver.difference !== undefined || !delivery) break;
      if (!this.driver.isOpen(delivery.path)) return this;
      await this.#hand(delivery);
      this.early.push(...this.driver.takeCommands());
    }
    if (this.driver.difference === undefined) this.driver.catchUp();
    return await this.take();
  }

  /** Resolves when the function is quiet: its microtasks are done. */
  quiet(): Promise<void> {
    return new Promise((resolve) => this.platform.nextTurn(resolve));
  }

  async take(): Promise<this> {
    await this.quiet();
    this.commands.push(...this.driver.takeCommands());
    return this;
  }

  async #hand(delivery: Delivery): Promise<void> {
    this.deliveries.push(delivery);
    this.driver.deliver(delivery);
    await this.quiet();
  }

  async deliver(delivery: Delivery): Promise<this> {
    await this.#hand(delivery);
    return await this.take();
  }

  /** Ends an open call, a second after the last one. */
  async end(path: string, outcome: string, value?: Json): Promise<this> {
    return await this.endWith(path, outcome, value === undefined ? {} : { value });
  }

  /** Ends an open call and says more of its end: its time, what it used, who ended it. */
  async endWith(
    path: string,
    outcome: string,
    more: Partial<Delivery> & { readonly value?: Json },
  ): Promise<this> {
    const { value, ...rest } = more;
    const kind = this.driver.openCalls.find((call) => call.path === path)?.kind ?? 'step';
    const endedAt = CREATED_AT + (this.deliveries.length + 1) * STEP_MS;
    return await this.deliver({ path, kind, outcome, payload: payloadOf(value), endedAt, ...rest });
  }

  /** Ends an open call with a failure. */
  async fail(path: string, message = 'oh', more: Partial<Failure> = {}): Promise<this> {
    const failure: Failure = { class: 'terminal', code: 'STEP_THREW', message, path, ...more };
    return await this.end(path, 'failed', failure as unknown as Json);
  }

  /** How the function ended, once it has. */
  get ending(): Extract<Command, { type: 'Complete' | 'Fail' | 'ContinueAsNew' }> | undefined {
    return this.commands.find(
      (command) => command.type === 'Complete' || command.type === 'Fail' || command.type === 'ContinueAsNew',
    );
  }

  /** What the log of a worker would hold by now. */
  get recording(): Recording {
    const calls = this.commands.flatMap((command) => recordOf(command) ?? []);
    const markers = new Map(this.#recording.markers);
    let { shownCount } = this.#recording;
    for (const command of this.commands) {
      if (command.type === 'RecordMarker') markers.set(command.path, command.marker);
      if (command.type === 'PatchState') shownCount = Math.max(shownCount, command.index + 1);
    }
    return {
      calls: [...this.#recording.calls, ...calls],
      markers,
      shownCount,
      deliveries: [...this.deliveries],
    };
  }
}

function recordOf(command: Command): RecordedCall | undefined {
  if (command.type === 'ScheduleStep') {
    const { path, kind, check, after } = command.step;
    return { path, kind, check, n: after.n };
  }
  if (command.type === 'OpenWait')
    return { path: command.wait.path, kind: command.wait.kind, check: undefined, n: command.wait.after.n };
  if (command.type === 'StartChild')
    return {
      path: command.child.path,
      kind: 'workflow',
      check: command.child.workflow,
      n: command.child.after.n,
    };
  return undefined;
}

/** Prepares a function to be driven by hand. */
export function handDriven<Input>(
  run: WorkflowFunction<Input, unknown>,
  options: HandDrivenOptions = {},
): HandDriven {
  return new HandDriven(run, options);
}
