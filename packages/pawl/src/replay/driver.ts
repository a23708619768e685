/** The replay driver: runs a workflow function against recorded answers and turns its calls into commands. */
import { pawlError } from '../errors/index.ts';
import {
  type After,
  type Command,
  type Delivery,
  type MarkerKind,
  pathOf,
  type RecordedCall,
  requireName,
  type RunDriver,
  type StepPath,
  type StopOrder,
  type UnseenSignal,
} from '../run/index.ts';
import { type Json, decodePayload, encodeValue, type Logger, NO_VALUE, type Payload } from '../std/index.ts';
import { addUsage, formatUsd, NO_USAGE, type Usage } from '../step/index.ts';
import { type Ambient, currentAmbient, runAs } from './ambient.ts';
import { type Call, differenceOf } from './call.ts';
import type { RunUsage, WorkflowContext } from './context.ts';
import { type CtxPromise, never } from './ctx-promise.ts';
import { failureOfThrown, outputOf } from './ending.ts';
import { makeContext } from './make-context.ts';
import { Scope } from './scope.ts';
import type { ContextHost, RunFacts, WatchedScope } from './site.ts';
import type { FunctionWorkflow } from './workflow.ts';

/** What a first look through the whole log found: what must be known before the calls that it belongs to. */
export interface LogSurvey {
  /** Steps, waits and children that the log opened. */
  readonly calls: number;
  readonly markers: ReadonlyMap<
    StepPath,
    { readonly kind: MarkerKind; readonly digest?: string | undefined }
  >;
  /** How often `ctx.set` was recorded. */
  readonly shownCount: number;
  readonly lastSeq: number;
}

export interface DriverSetup {
  readonly workflow: FunctionWorkflow;
  readonly facts: RunFacts;
  readonly input: Payload;
  readonly survey: LogSurvey;
  /** The largest value that can be recorded. */
  readonly payloadBytes: number;
  /** Kinds whose input is part of the replay check. */
  readonly checkedKinds: ReadonlySet<string>;
  readonly logger: Logger;
  /** Something new is there to be taken: a call was made, or the function ended, outside of a delivery. */
  readonly onActivity: () => void;
  /** A rejection of this run that nobody handled. */
  readonly onUnhandled: (reason: unknown) => void;
}

type Ending =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

const NO_COMMANDS: readonly Command[] = [];

/**
 * States: *replaying* (answers come from the log, calls without a record wait) → *caught up* (calls become commands) →
 * *ended* (the function returned or threw; every scope is sealed). Nothing here knows a clock, a store or a worker.
 */
export class ReplayDriver implements RunDriver, ContextHost {
  readonly isSynchronous = false;
  readonly #setup: DriverSetup;
  readonly #root = new Scope('');
  readonly #ambient: Ambient;
  #abort: AbortController | undefined;
  #abortReason: unknown;
  /** Open calls by path, in order of calling; sealed ones stay until their end is delivered. */
  readonly #open = new Map<StepPath, Call>();
  /** Recorded openings that the code has not called yet. */
  readonly #expected = new Map<StepPath, RecordedCall>();
  /** Open calls that the log holds the opening of. */
  readonly #recorded = new Set<StepPath>();
  #commands: Command[] = [];
  /** Calls that must be awaited and were not looked at when they settled as failed. */
  readonly #unseenFailures: Call[] = [];
  readonly #scopeCalls = new Map<StepPath, WatchedScope>();
  /** Calls that were refused before anything was asked: forgetting one would hide that it never happened. */
  readonly #refused: (WatchedScope & { readonly path: StepPath })[] = [];
  readonly #failedSteps: StepPath[] = [];
  readonly #patches = new Set<string>();
  readonly #refusedPatches = new Set<string>();
  #ending: Ending | undefined;
  #continuedInput: Payload = NO_VALUE;
  readonly #unseenSignals: UnseenSignal[] = [];
  #isContinued = false;
  #isEndTaken = false;
  #isCaughtUp = false;
  #isAbandoned = false;
  #difference: string | undefined;
  #deliveries = 0;
  #turnOfCommand = -1;
  #turnBefore = -1;
  #matched = 0;
  #shown = 0;
  #now: number;
  #usage: Usage = NO_USAGE;
  #stepMs = 0;
  #steps = 0;

  constructor(setup: DriverSetup) {
    this.#setup = setup;
    this.#now = setup.facts.createdAt;
    this.#ambient = { runId: setup.facts.runId, onUnhandled: setup.onUnhandled };
  }

  /** Calls the workflow function; it runs to its first suspension as far as microtasks go. */
  start(): void {
    const context = this.contextFor(this.#root);
    const { workflow, input } = this.#setup;
    const run = workflow.run as (ctx: WorkflowContext, input: unknown) => unknown;
    runAs(this.#ambient, () => {
      void this.#drive(async () => await run(context, decodePayload(input)));
    });
  }

  async #drive(run: () => Promise<unknown>): Promise<void> {
    try {
      this.#end({ ok: true, value: await run() });
    } catch (error) {
      this.#end({ ok: false, error });
    }
  }

  #end(ending: Ending): void {
    if (this.#isAbandoned) return;
    this.#ending ??= ending;
    this.#setup.onActivity();
  }

  // ---- what the worker asks

  /** Calls that are open: called and not yet delivered. */
  get openCount(): number {
    return this.#open.size;
  }

  isOpen(path: StepPath): boolean {
    return this.#open.has(path);
  }

  isWanted(path: StepPath): boolean {
    const call = this.#open.get(path);
    return call !== undefined && !call.scope.isSealed;
  }

  get hasEnded(): boolean {
    return this.#ending !== undefined || this.#isContinued;
  }

  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  get deliveries(): number {
    return this.#deliveries;
  }

  /** How the code departed from the log, as soon as that is certain. */
  get difference(): string | undefined {
    return this.#difference;
  }

  get openCalls(): readonly { readonly path: StepPath; readonly kind: string }[] {
    return [...this.#open.values()].map(({ path, kind }) => ({ path, kind }));
  }

  /** Recorded calls that the code has not made (yet). */
  get missingCalls(): readonly RecordedCall[] {
    return [...this.#expected.values()];
  }

  /** It is open, and so is every recorded call that was made before its end. */
  isReadyFor(path: StepPath): boolean {
    if (!this.#open.has(path)) return false;
    for (const record of this.#expected.values()) if (record.n <= this.#deliveries) return false;
    return true;
  }

  get parked(): undefined {
    return undefined;
  }

  /** Tells of a call that the log holds, before its delivery comes. */
  expect(record: RecordedCall): void {
    const call = this.#open.get(record.path);
    if (call) this.#match(call, record);
    else this.#expected.set(record.path, record);
  }

  #match(call: Call, record: RecordedCall): void {
    this.#expected.delete(record.path);
    this.#recorded.add(record.path);
    this.#matched++;
    this.#difference ??= differenceOf(call, record);
  }

  /** Everything recorded has been delivered: open calls without an end become commands, in the order they were called. */
  catchUp(): void {
    this.#isCaughtUp = true;
    for (const call of this.#open.values()) if (this.#mustAsk(call)) this.#commands.push(call.command);
  }

  /** A recorded wait or child is open already: only steps are asked for again, to bring them to their end. */
  #mustAsk(call: Call): boolean {
    return !call.scope.isSealed && (call.command.type === 'ScheduleStep' || !this.#recorded.has(call.path));
  }

  /** What the function has asked for since the last look; nothing before it has caught up. */
  takeCommands(): readonly Command[] {
    if (!this.#isCaughtUp || this.#isAbandoned) return [];
    this.#sealAtEnd();
    if (this.#commands.length === 0) return NO_COMMANDS;
    const commands = this.#commands.filter((command) => this.#isWanted(command));
    this.#commands = [];
    return commands;
  }

  /** A step is not asked for whose end arrived meanwhile (an operator's answer), or that the function has left behind. */
  #isWanted(command: Command): boolean {
    return command.type !== 'ScheduleStep' || this.isWanted(command.step.path);
  }

  /** The end of a step, wait or child: settles its call. The caller then waits until the function is quiet. */
  deliver(delivery: Delivery): void {
    this.#deliveries++;
    this.#now = Math.max(this.#now, delivery.endedAt);
    if (delivery.usage) this.#usage = addUsage(this.#usage, delivery.usage);
    this.#stepMs += delivery.durationMs ?? 0;
    if (isStepKind(delivery.kind)) this.#steps++;
    if (delivery.outcome === 'failed') this.#failedSteps.push(delivery.path);
    const call = this.#open.get(delivery.path);
    if (this.hasEnded && delivery.kind === 'signal' && delivery.outcome === 'received')
      this.#unseenSignals.push({ name: nameOf(delivery.path), delivery });
    if (!call) return;
    this.#open.delete(delivery.path);
    this.#recorded.delete(delivery.path);
    if (call.kind === 'signal') forgetSignal(call);
    if (call.scope.isSealed || (delivery.outcome === 'cancelled' && !isChild(call))) return;
    call.settle(delivery);
    if (delivery.outcome === 'failed' && call.mustBeAwaited && !call.promise.isObserved)
      this.#unseenFailures.push(call);
  }

  /** Messages that reached a wait after the function had ended: a run that goes on as another takes them along. */
  get unseenSignals(): readonly UnseenSignal[] {
    return this.#unseenSignals;
  }

  /** A sealed call that never reached the log: nothing will be delivered for it. */
  drop(path: StepPath): void {
    this.#open.delete(path);
  }

  /** A step that waits for its next attempt is none of a function's concerns. */
  rest(): void {}

  resume(): boolean {
    return true;
  }

  /** The function is left where it is; what it opened is closed by whoever stops it. */
  stop({ reason }: StopOrder): boolean {
    this.abandon(reason);
    return false;
  }

  /** The function is left where it is and asks for nothing any more. */
  abandon(reason: unknown): void {
    if (!this.#isAbandoned) this.#abortReason = reason;
    this.#isAbandoned = true;
    this.#root.seal();
    this.#abort?.abort(reason);
  }

  // ---- what ctx asks

  get facts(): RunFacts {
    return this.#setup.facts;
  }

  get workflow(): FunctionWorkflow {
    return this.#setup.workflow;
  }

  get payloadBytes(): number {
    return this.#setup.payloadBytes;
  }

  checksInput(kind: string): boolean {
    return this.#setup.checkedKinds.has(kind);
  }

  /** Made on the first look: most functions never ask for it. */
  get abortSignal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#isAbandoned) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  get nowMs(): number {
    return this.#now;
  }

  get usage(): RunUsage {
    const { costNanoUsd, inputTokens, outputTokens } = this.#usage;
    const wallMs = this.#now - this.#setup.facts.createdAt;
    return {
      costUsd: formatUsd(costNanoUsd),
      inputTokens,
      outputTokens,
      stepMs: this.#stepMs,
      wallMs,
      steps: this.#steps,
    };
  }

  contextFor(scope: Scope): WorkflowContext {
    return makeContext(this, scope);
  }

  /** Refuses a ctx call from inside a step's own function. */
  refuseNested(call: string, name: string): void {
    const ambient = currentAmbient();
    if (ambient?.stepPath !== undefined && ambient.runId === this.#setup.facts.runId) {
      throw pawlError('NESTED_CALL', { call, name, path: ambient.stepPath });
    }
  }

  /** Whether calls in this scope still mean anything. */
  isLive(scope: Scope): boolean {
    return !this.#isAbandoned && !this.hasEnded && !scope.isSealed;
  }

  /** Where in the run's deliveries a call is made now. */
  position(): After {
    const n = this.#deliveries;
    if (n !== this.#turnOfCommand) {
      this.#turnBefore = this.#turnOfCommand;
      this.#turnOfCommand = n;
    }
    return this.#turnBefore === n - 1 ? { n } : { n, since: Math.max(0, this.#turnBefore) };
  }

  isPathOpen(path: StepPath): boolean {
    return this.#open.has(path);
  }

  /** Registers a call; its command is issued when the driver has caught up and the log holds no record of it. */
  register(call: Call): void {
    const record = this.#expected.get(call.path);
    this.#open.set(call.path, call);
    if (record) this.#match(call, record);
    if (this.#isCaughtUp) this.#commands.push(call.command);
    this.#setup.onActivity();
  }

  /** Keeps the promise of a scope (map, parallel, race) in view until it settles. */
  watchScope(path: StepPath, watched: WatchedScope): void {
    this.#scopeCalls.set(path, watched);
  }

  watchRefused(scope: Scope, name: string, promise: CtxPromise<unknown>): void {
    if (this.isLive(scope)) this.#refused.push({ scope, promise, path: pathOf(scope.path, name, 1) });
  }

  unwatchScope(path: StepPath): void {
    this.#scopeCalls.delete(path);
  }

  /** Seals a scope: its open calls are cancelled, later ones never settle. */
  sealScope(scope: Scope, reason: string): void {
    if (scope.isSealed) return;
    const paths = [...this.#open.values()]
      .filter((call) => !call.scope.isSealed && call.scope.isWithin(scope))
      .map((call) => call.path);
    scope.seal();
    if (paths.length > 0) this.#issue({ type: 'CancelCalls', paths, reason, after: this.#deliveries });
  }

  marker(path: StepPath, digest: string): void {
    const after = this.position();
    const known = this.#setup.survey.markers.get(path);
    if (known === undefined)
      this.#issue({ type: 'RecordMarker', path, marker: { kind: 'map', digest, after } });
    else if (known.digest !== digest)
      this.#difference ??= `map "${path}" goes over another list than the recorded one`;
  }

  /** True if its marker is recorded; else false if the log holds a call not yet made; else true, and recorded. */
  patched(id: string): boolean {
    const path = `patched:${requireName(id, 'ctx.patched')}`;
    if (this.#patches.has(path)) return true;
    if (this.#refusedPatches.has(path)) return false;
    const isRecorded = this.#setup.survey.markers.has(path);
    if (!isRecorded && this.#matched < this.#setup.survey.calls) {
      this.#refusedPatches.add(path);
      return false;
    }
    this.#patches.add(path);
    const after = this.position();
    if (!isRecorded) this.#issue({ type: 'RecordMarker', path, marker: { kind: 'patched', after } });
    return true;
  }

  show(state: Json): void {
    const payload = encodeValue(state, 'the state given to ctx.set', this.payloadBytes); // refused at a replay as it was live
    const index = this.#shown++;
    if (index >= this.#setup.survey.shownCount) this.#issue({ type: 'PatchState', index, payload });
  }

  continueAsNew<T>(input: unknown): CtxPromise<T> {
    const payload = encodeValue(input, 'the input given to ctx.continueAsNew', this.payloadBytes);
    if (!this.hasEnded && !this.#isAbandoned) {
      this.#isContinued = true;
      this.#continuedInput = payload;
      this.#setup.onActivity();
    }
    return never<T>();
  }

  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields: Readonly<Record<string, unknown>> | undefined,
  ): void {
    if (this.#isCaughtUp || this.#setup.survey.calls === 0)
      // a log without calls has nothing to repeat
      this.#setup.logger.log(level, message, { runId: this.#setup.facts.runId, ...fields });
  }

  #issue(command: Command): void {
    this.#commands.push(command);
    this.#setup.onActivity();
  }

  /** Judged once the function is quiet: `await` and `Promise.race` call `then` a microtask late. */
  #sealAtEnd(): void {
    if (!this.hasEnded || this.#isEndTaken) return;
    this.#isEndTaken = true;
    if (this.#isContinued) {
      this.#commands.push({ type: 'ContinueAsNew', input: this.#continuedInput });
      this.#root.seal();
      return;
    }
    const forgotten = this.#forgottenPaths();
    this.#root.seal();
    const ending = this.#ending as Ending;
    const failedSteps = [...new Set(this.#failedSteps)].sort();
    if (!ending.ok) {
      this.#commands.push({ type: 'Fail', failure: failureOfThrown(ending.error), failedSteps });
      return;
    }
    const output = outputOf(this.#setup, ending.value, forgotten);
    this.#commands.push(
      output.ok
        ? { type: 'Complete', output: output.payload }
        : { type: 'Fail', failure: output.failure, failedSteps },
    );
  }

  /** What nobody looked at and should have; a sealed branch never had the chance to look. */
  #forgottenPaths(): readonly StepPath[] {
    const isForgotten = ({ scope, promise }: WatchedScope): boolean => !promise.isObserved && !scope.isSealed;
    const open = [...this.#open.values()].filter((call) => call.mustBeAwaited && isForgotten(call));
    const scopes = [...this.#scopeCalls].filter(([, watched]) => isForgotten(watched)).map(([path]) => path);
    const ended = [...this.#unseenFailures, ...this.#refused].filter(isForgotten);
    return [...open.map((call) => call.path), ...ended.map((call) => call.path), ...scopes];
  }
}

function isStepKind(kind: string): boolean {
  return !['sleep', 'signal', 'input', 'approval', 'workflow'].includes(kind);
}

function isChild(call: Call): boolean {
  return call.kind === 'workflow';
}

function forgetSignal(call: Call): void {
  for (const [name, promise] of call.scope.signals)
    if (promise === call.promise) call.scope.signals.delete(name);
}

/** The name of a call is the last part of its path, without its occurrence. */
function nameOf(path: StepPath): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  const mark = last.indexOf('#');
  return mark === -1 ? last : last.slice(0, mark);
}
