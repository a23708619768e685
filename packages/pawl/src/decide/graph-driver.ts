/** The decide driver: turns the ends of a graph's steps into the commands that follow from them. */
import { messageOf } from '../errors/index.ts';
import type { ExpressionScope, Graph, GraphStep } from '../graph/index.ts';
import {
  type After,
  type Command,
  type Delivery,
  type GivenUp,
  type Limited,
  type ParkReason,
  pathOf,
  type RunDriver,
  type StepPath,
  type StopOrder,
} from '../run/index.ts';
import {
  decodePayload,
  digestText,
  type Json,
  type Payload,
  payloadOf,
  schemaCompiler,
} from '../std/index.ts';
import type { Failure, Usage } from '../step/index.ts';
import { CallTable, type OpenCall } from './calls.ts';
import { judgeEnd } from './complete.ts';
import { type EdgeVerdict, resolveEdges } from './edges.ts';
import { type Ending, finalizersOf, limitOf } from './finalize.ts';
import { Flow, type FlowChange, type Started } from './flow.ts';
import { recordable, withinLimit } from './limit.ts';
import { openMap } from './map-opening.ts';
import { type MapSetup, MapVisit } from './map-visit.ts';
import { Memory } from './memory.ts';
import { type Outcome, outcomeOf, receivedOutcome } from './outcome.ts';
import { outputOf } from './output.ts';
import { fittingOutcome, keepOutcome } from './save.ts';
import { commandFor, unmetCommand, type Visit } from './step-command.ts';
import { StepViews } from './step-view.ts';

export interface GraphSetup {
  readonly graph: Graph;
  readonly input: Payload;
  /** What expressions find as `run`. */
  readonly facts: { readonly [key: string]: Json };
  /** Kinds by path of everything that the log holds the opening of. */
  readonly recorded: ReadonlyMap<StepPath, string>;
  /** By path, the lists of maps that the log holds the digest of. */
  readonly markers?: ReadonlyMap<StepPath, { readonly digest?: string | undefined }> | undefined;
  /** Instead of the graph's own, where an operator raised it. */
  readonly maxSteps?: number | undefined;
  /** How large a payload may be; without a limit where it is left out. */
  readonly payloadBytes?: number | undefined;
  /** There is more to be taken. */
  readonly onActivity: () => void;
}

/** A visit that has ended. */
interface Ended {
  readonly step: GraphStep;
  readonly visit: number;
  readonly path: StepPath;
}

interface ItemEnd {
  readonly path: StepPath;
  readonly outcome: Outcome;
}

/** What an end has taken. */
interface Effort {
  readonly attempt?: number | undefined;
  readonly usage?: Usage | undefined;
}

const NOT_NEEDED = 'not needed any more';

/**
 * *flowing* → *draining* (it failed, or is cancelled: what is open comes to its end) → *finalizing* → *ended*. Everything
 * follows from the deliveries alone: the same log gives the same calls, whenever commands are taken.
 */
export class GraphDriver implements RunDriver {
  readonly isSynchronous = true;
  readonly unseenSignals = [];
  readonly #setup: GraphSetup;
  readonly #flow: Flow;
  readonly #calls: CallTable;
  readonly #memory: Memory;
  readonly #views: StepViews;
  readonly #schemas = schemaCompiler();
  readonly #input: Json;
  /** The path of each step's latest visit. */
  readonly #paths = new Map<GraphStep, StepPath>();
  readonly #failedSteps = new Set<StepPath>();
  readonly #maps = new Map<StepPath, MapVisit>();
  #difference: string | undefined;
  #phase: 'flowing' | 'draining' | 'finalizing' | 'ended' = 'flowing';
  #ending: Ending = { type: 'cancelled' };
  #finalizers: readonly GraphStep[] = [];
  /** The one that is under way, until it has ended or was given up. */
  #finalizer: GraphStep | undefined;
  #firstFailure: Failure | undefined;
  #commands: Command[] = [];
  #parked: { readonly reason: ParkReason; readonly message: string } | undefined;
  #isAbandoned = false;
  #visits = 0;
  #deliveries = 0;
  #turnOfCommand = -1;
  #turnBefore = -1;

  constructor(setup: GraphSetup) {
    const { graph, recorded } = setup;
    this.#setup = setup;
    this.#input = decodePayload(setup.input) ?? null;
    this.#flow = new Flow(graph);
    this.#calls = new CallTable(graph.limits, recorded);
    this.#memory = new Memory(graph.state, this.#input);
    this.#views = new StepViews(graph);
  }

  start(): void {
    this.#apply(this.#flow.begin());
  }

  /** It was told everything that the log holds before it began. */
  expect(): void {}

  isReadyFor(path: StepPath): boolean {
    return this.isOpen(path);
  }

  deliver(delivery: Delivery): void {
    this.#deliveries++;
    const call = this.#calls.end(delivery.path);
    if (call) this.#hear(call, delivery);
    this.#look();
  }

  catchUp(): void {
    this.#commands.push(...this.#calls.catchUp());
    this.#look();
  }

  takeCommands(): readonly Command[] {
    if (!this.#calls.isCaughtUp || this.#isAbandoned) return [];
    const isParked = this.#parked !== undefined;
    const cancels = isParked ? [] : this.#calls.takeCancels();
    const commands = [...cancels, ...this.#commands, ...(isParked ? [] : this.#calls.take())];
    this.#commands = [];
    if (commands.length > 0 && this.#calls.hasMore) this.#setup.onActivity();
    return commands.filter((command) => command.type !== 'ScheduleStep' || this.isWanted(command.step.path));
  }

  get openCount(): number {
    return this.#calls.openCount;
  }

  isOpen(path: StepPath): boolean {
    return this.#calls.isOpen(path);
  }

  isWanted(path: StepPath): boolean {
    return this.#calls.isWanted(path);
  }

  get openCalls(): readonly { readonly path: StepPath; readonly kind: string }[] {
    return this.#calls.openCalls.map(({ path, work }) => ({ path, kind: work.kind.name }));
  }

  get missingCalls(): readonly { readonly path: StepPath; readonly kind: string }[] {
    return this.#calls.missing;
  }

  get difference(): string | undefined {
    return this.#difference ?? this.#calls.difference;
  }

  get #limit(): number {
    return this.#setup.payloadBytes ?? Number.POSITIVE_INFINITY;
  }

  get parked(): { readonly reason: ParkReason; readonly message: string } | undefined {
    return this.#parked;
  }

  get deliveries(): number {
    return this.#deliveries;
  }

  get hasEnded(): boolean {
    return this.#phase === 'ended';
  }

  get isCaughtUp(): boolean {
    return this.#calls.isCaughtUp;
  }

  drop(path: StepPath): void {
    this.#calls.end(path);
    this.#look();
  }

  rest(path: StepPath): void {
    this.#calls.rest(path);
    this.#setup.onActivity();
  }

  resume(path: StepPath): boolean {
    return this.#calls.resume(path);
  }

  /** What was going to be its end is not any more; finalizers that began stay, those that are due only at the new end follow. */
  stop({ reason, failure }: StopOrder): boolean {
    if (this.#phase === 'ended' && failure) return true;
    this.#ending = failure ? { type: 'failed', failure } : { type: 'cancelled' };
    this.#parked = undefined;
    this.#commands = this.#commands.filter(({ type }) => type !== 'Complete' && type !== 'Fail');
    if (this.#phase === 'finalizing' || this.#phase === 'ended')
      this.#finalizers = finalizersOf(this.#setup.graph, this.#ending).filter((one) => !this.#paths.has(one));
    else this.#stop(reason, 'cancel');
    this.#look();
    return true;
  }

  get limited(): Limited | undefined {
    const step = this.#finalizer;
    return step && limitOf(step, this.#paths.get(step) as StepPath);
  }

  giveUp({ path, reason, failure }: GivenUp): void {
    const outcome: Outcome = { label: 'failed', output: null, failure };
    const map = this.#maps.get(path);
    const call = this.#calls.at(path);
    if (map) {
      this.#cancelVisit(path, reason);
      this.#take({ step: map.setup.step, visit: map.setup.visit, path }, outcome, { usage: map.usage });
    } else if (call) {
      this.#calls.cancel(path, reason, this.#deliveries);
      if (call.of instanceof MapVisit) this.#takeItem(call.of, { path, outcome }, {});
      else this.#take({ ...call.of, path }, outcome, {});
    } else this.#difference ??= `"${path}" is recorded as given up, and is not under way`;
    this.#look();
  }

  abandon(): void {
    this.#isAbandoned = true;
  }

  // ---- the flow

  #hear({ of, work, path, command }: OpenCall, delivery: Delivery): void {
    const outcome = receivedOutcome(command, outcomeOf(work.kind, delivery), this.#schemas);
    if (of instanceof MapVisit)
      this.#takeItem(of, { path, outcome: fittingOutcome({ work, path }, outcome) }, delivery);
    else this.#take({ ...of, path }, outcome, delivery);
  }

  #take({ step, visit, path }: Ended, ended: Outcome, { attempt, usage }: Effort): void {
    const outcome = this.#keep({ step, path }, ended);
    this.#views.ended(step, visit, { outcome, attempt, usage });
    if (outcome.failure) {
      this.#failedSteps.add(path);
      this.#firstFailure ??= outcome.failure;
    }
    if (this.#phase === 'finalizing') this.#finalized(outcome, path);
    if (this.#phase !== 'flowing') return;
    const { label } = outcome;
    const mayLoop = this.#flow.mayLoop.bind(this.#flow);
    const verdict = resolveEdges({ step, label, mayLoop, scope: this.#scope(outcome.output) });
    if (verdict.type === 'taken' || verdict.type === 'loop') this.#apply(this.#flow.end(step, verdict));
    else this.#fail(failureOfVerdict(verdict, { path, outcome }));
  }

  /** What it saves becomes part of the state; what cannot be saved, or does not fit its schema, fails the step. */
  #keep(at: Pick<Ended, 'step' | 'path'>, outcome: Outcome): Outcome {
    if (this.#phase === 'finalizing') return fittingOutcome({ work: at.step, path: at.path }, outcome);
    return keepOutcome(at, { outcome, memory: this.#memory, scope: this.#scope(outcome.output) });
  }

  #scope(output?: Json): ExpressionScope {
    const { facts: run } = this.#setup;
    return { input: this.#input, state: this.#memory.values, steps: this.#views.all, run, output };
  }

  #apply({ started, cancelled }: FlowChange): void {
    for (const one of started.toSorted((a, b) => a.step.index - b.step.index)) {
      this.#visits++;
      this.#visit(one);
    }
    for (const step of cancelled) this.#cancelVisit(this.#paths.get(step) as StepPath);
    const limit = this.#setup.maxSteps ?? this.#setup.graph.limits.maxSteps;
    if (this.#visits > limit) this.#park('step_limit', messageOf('STEP_LIMIT', { limit }));
  }

  #visit({ step, visit, unmet }: Started): void {
    const path = pathOf('', step.name, visit);
    this.#paths.set(step, path);
    const asked: Visit = { work: step, path, after: this.#position(), scope: this.#scope() };
    let command: Command | undefined;
    if (unmet !== undefined) command = unmetCommand(asked, step.join, unmet);
    else if (step.map) command = this.#openMap(asked, { step, visit, path, plan: step.map });
    else command = this.#command(asked);
    if (command) this.#calls.add({ path, work: step, command, of: { step, visit } });
  }

  #command(visit: Visit): Command {
    return withinLimit(visit, commandFor(visit), this.#limit);
  }

  #cancelVisit(path: StepPath, reason = NOT_NEEDED): void {
    const map = this.#maps.get(path);
    this.#maps.delete(path);
    for (const call of map?.underWay ?? [path]) this.#calls.cancel(call, reason, this.#deliveries);
    if (map) this.#memory.release(map.setup.scope.state);
    if (map?.setup.plan.readsSteps) this.#views.release(map.setup.scope.steps);
  }

  // ---- maps

  /** Undefined where its items have begun; else the step that it is instead of them. */
  #openMap(asked: Visit, at: Pick<MapSetup, 'step' | 'visit' | 'path' | 'plan'>): Command | undefined {
    const { path, plan } = at;
    const opening = openMap(asked, plan);
    this.#mark(asked, opening.type === 'step' ? undefined : digestText(payloadOf([...opening.order.items])));
    if (opening.type === 'step') return opening.command;
    const steps = plan.readsSteps ? this.#views.keep() : this.#views.all;
    const scope = { ...asked.scope, state: this.#memory.keep(), steps };
    const map = new MapVisit({ ...at, scope, order: opening.order });
    this.#maps.set(path, map);
    this.#beginItems(map);
    return undefined;
  }

  /** The list of a map is recorded, so that a replay that comes to another one is noticed. */
  #mark({ path, after }: Visit, digest: string | undefined): void {
    const known = this.#setup.markers?.get(path);
    if (known && known.digest !== digest)
      this.#difference ??= `map "${path}" goes over another list than the recorded one`;
    if (!known && digest !== undefined)
      this.#commands.push({ type: 'RecordMarker', path, marker: { kind: 'map', digest, after } });
  }

  #beginItems(map: MapVisit): void {
    const { item: work } = map.setup.plan;
    for (const { path, scope } of map.begin()) {
      const command = this.#command({ work, path, after: this.#position(), scope });
      this.#calls.add({ path, work, command, of: map });
    }
  }

  #takeItem(map: MapVisit, { path, outcome }: ItemEnd, { usage }: Effort): void {
    if (outcome.failure) this.#failedSteps.add(path);
    const verdict = map.end(path, outcome, usage);
    if (verdict !== 'wait') this.#endMap(map, verdict);
    else if (this.#phase !== 'draining') this.#beginItems(map);
  }

  #endMap(map: MapVisit, verdict: 'reached' | 'missed'): void {
    const { step, visit, path } = map.setup;
    this.#cancelVisit(path);
    this.#take({ step, visit, path }, map.outcomeOf(verdict), { usage: map.usage });
  }

  /** Where in the run's deliveries a call is made now. */
  #position(): After {
    const n = this.#deliveries;
    if (n !== this.#turnOfCommand) {
      this.#turnBefore = this.#turnOfCommand;
      this.#turnOfCommand = n;
    }
    return this.#turnBefore === n - 1 ? { n } : { n, since: Math.max(0, this.#turnBefore) };
  }

  #fail(failure: Failure): void {
    this.#ending = { type: 'failed', failure };
    this.#stop('the run failed', this.#setup.graph.onFailure);
  }

  /** Nothing new starts; what is open is cancelled, or comes to its own end. */
  #stop(reason: string, open: 'cancel' | 'drain'): void {
    this.#phase = 'draining';
    this.#calls.clearLine();
    if (open === 'cancel') this.#calls.cancelAll(reason, this.#deliveries);
  }

  #park(reason: ParkReason, message: string): void {
    this.#parked ??= { reason, message };
  }

  // ---- the end

  /** Whether nothing is left to wait for, and what that comes to. */
  #look(): void {
    if (!this.#calls.isEmpty || this.#parked || this.#phase === 'ended') return;
    if (this.#phase === 'flowing') this.#conclude();
    if (this.#parked) return;
    if (this.#phase !== 'finalizing') this.#finalizers = finalizersOf(this.#setup.graph, this.#ending);
    this.#phase = 'finalizing';
    const next = this.#finalizers[0];
    this.#finalizers = this.#finalizers.slice(1);
    this.#finalizer = next;
    if (next) this.#visit({ step: next, visit: 1 });
    else this.#end();
  }

  #conclude(): void {
    const { unsettled, goodEnds } = this.#flow;
    const verdict = judgeEnd({ unsettled, goodEnds, firstFailure: this.#firstFailure });
    if (verdict.type === 'deadlocked') this.#park('deadlocked', messageOf('GRAPH_DEADLOCKED'));
    else if (verdict.type === 'failed') this.#ending = verdict;
    else
      this.#ending = recordable(outputOf(this.#setup.graph, this.#memory.values, this.#scope()), this.#limit);
  }

  #finalized(outcome: Outcome, path: StepPath): void {
    this.#finalizer = undefined;
    if (!outcome.failure || this.#ending.type !== 'completed') return;
    const message = messageOf('FINALIZE_FAILED', { where: path });
    const { failure: cause } = outcome;
    this.#ending = {
      type: 'failed',
      failure: { class: cause.class, code: 'FINALIZE_FAILED', message, path, cause },
    };
  }

  #end(): void {
    this.#phase = 'ended';
    const failedSteps = [...this.#failedSteps].sort();
    if (this.#ending.type === 'completed')
      this.#commands.push({ type: 'Complete', output: payloadOf(this.#ending.output) });
    if (this.#ending.type === 'failed')
      this.#commands.push({ type: 'Fail', failure: this.#ending.failure, failedSteps });
  }
}

type Stopped = Exclude<EdgeVerdict, { type: 'taken' | 'loop' }>;

function failureOfVerdict(
  verdict: Stopped,
  { path, outcome }: { readonly path: StepPath; readonly outcome: Outcome },
): Failure {
  if (verdict.type === 'broken') {
    const where = verdict.edge.path;
    const problem = `when: ${verdict.edge.when?.source}: ${verdict.problem}`;
    const code = 'EXPRESSION_FAILED';
    return { class: 'terminal', code, message: messageOf(code, { where, problem }), path: where };
  }
  const { failure: cause } = outcome;
  const isUnhandled = verdict.type === 'unhandled';
  const code = isUnhandled ? 'OUTCOME_UNHANDLED' : 'NO_BRANCH';
  const problem = `"${verdict.label}" has edges, and none of their conditions is true`;
  const message = isUnhandled
    ? messageOf('OUTCOME_UNHANDLED', { where: path, label: verdict.label })
    : messageOf('NO_BRANCH', { where: path, problem });
  return { class: cause?.class ?? 'terminal', code, message, path, ...(cause ? { cause } : {}) };
}
