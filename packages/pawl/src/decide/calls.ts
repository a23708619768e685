/** The calls of a graph's run: which are in line, open, or being cancelled, and what of them the log holds already. */
import type { Graph, GraphStep, Work } from '../graph/index.ts';
import { CHILD_KIND, type Command, type StepPath } from '../run/index.ts';
import type { MapVisit } from './map-visit.ts';
import { type Ready, ReadyLine } from './ready.ts';

/** What is asked for and has not ended. */
export interface OpenCall {
  readonly path: StepPath;
  /** What is done there: by the step, or for an item of it. */
  readonly work: Work;
  readonly command: Command;
  readonly of: StepVisit | MapVisit;
}

interface Cancel {
  readonly path: StepPath;
  readonly reason: string;
  /** How many deliveries the driver had heard. */
  readonly after: number;
  readonly isSignal: boolean;
}

/** A visit of a step that is one call. */
export interface StepVisit {
  readonly step: GraphStep;
  readonly visit: number;
}

/** in line → open → ended, or *closing* until the end of what was cancelled is delivered. */
export class CallTable {
  readonly #recorded: Map<StepPath, string>;
  readonly #line: ReadyLine;
  readonly #waiting = new Map<StepPath, OpenCall>();
  readonly #open = new Map<StepPath, OpenCall>();
  readonly #closing = new Map<StepPath, OpenCall>();
  #isCaughtUp = false;
  #difference: string | undefined;
  #cancels: Cancel[] = [];

  /** `recorded`: kinds by path of everything that the log holds the opening of. */
  constructor(limits: Graph['limits'], recorded: ReadonlyMap<StepPath, string>) {
    this.#line = new ReadyLine(limits);
    this.#recorded = new Map(recorded);
  }

  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  get difference(): string | undefined {
    return this.#difference;
  }

  /** Open or closing. */
  get openCount(): number {
    return this.#open.size + this.#closing.size;
  }

  /** Nothing in line, open or closing. */
  get isEmpty(): boolean {
    return this.openCount === 0 && this.#line.isEmpty;
  }

  get hasMore(): boolean {
    return !this.#line.isEmpty;
  }

  isOpen(path: StepPath): boolean {
    return this.#open.has(path) || this.#closing.has(path);
  }

  /** Open, and not cancelled since: a step of the log that is asked for again would fire once more before its cancel. */
  isWanted(path: StepPath): boolean {
    return this.#open.has(path);
  }

  get openCalls(): readonly OpenCall[] {
    return [...this.#open.values(), ...this.#closing.values()];
  }

  /** What the log holds and nobody has asked for. */
  get missing(): readonly { readonly path: StepPath; readonly kind: string }[] {
    return [...this.#recorded].map(([path, kind]) => ({ path, kind }));
  }

  /** A call of the log is open as it was then; any other one gets in line. */
  add(call: OpenCall): void {
    const { path, command } = call;
    const kind = this.#recorded.get(path);
    if (kind === undefined) {
      this.#waiting.set(path, call);
      this.#line.add(readyOf(call));
      return;
    }
    this.#recorded.delete(path);
    this.#open.set(path, call);
    const asked = kindInLog(command);
    if (kind !== asked) this.#difference ??= `"${path}" is recorded as ${kind}, the graph has it as ${asked}`;
  }

  /** In line or open. */
  at(path: StepPath): OpenCall | undefined {
    return this.#open.get(path) ?? this.#waiting.get(path);
  }

  /** Takes a call out whose end has come; undefined where nobody waits for it any more. */
  end(path: StepPath): OpenCall | undefined {
    const call = this.#open.get(path);
    this.#line.free(path);
    this.#open.delete(path);
    this.#closing.delete(path);
    return call;
  }

  cancel(path: StepPath, reason: string, after: number): void {
    this.#waiting.delete(path);
    const call = this.#open.get(path);
    if (this.#line.remove(path) || !call) return;
    this.#open.delete(path);
    this.#closing.set(path, call);
    this.#cancels.push({ path, reason, after, isSignal: call.work.kind.name === 'signal' });
  }

  cancelAll(reason: string, after: number): void {
    for (const path of this.#open.keys()) this.cancel(path, reason, after);
  }

  /** What has not been handed over never happens. */
  clearLine(): void {
    for (const path of this.#line.clear()) this.#waiting.delete(path);
  }

  /** It gives its place back until its next attempt. */
  rest(path: StepPath): void {
    this.#line.free(path);
  }

  /** Whether there was a place for its next attempt. */
  resume(path: StepPath): boolean {
    return !this.#open.has(path) || this.#line.tryHold(path);
  }

  /** Steps of the log are asked for again, to bring them to their end; waits and children are open already. */
  catchUp(): readonly Command[] {
    this.#isCaughtUp = true;
    const commands = [...this.#open.values()].map(({ command }) => command);
    for (const { path, command } of this.#open.values()) if (holdsPlace(command)) this.#line.hold(path);
    return commands.filter(holdsPlace);
  }

  /** Before anything else: a signal that reached its wait when that was not needed any more is given back by it. */
  takeCancels(): readonly Command[] {
    const due = this.#cancels.filter(({ path, isSignal }) => isSignal || this.#closing.has(path));
    this.#cancels = [];
    const commands: Command[] = [];
    for (const group of Map.groupBy(due, ({ reason, after }) => `${after} ${reason}`).values()) {
      const [{ reason, after }] = group as [Cancel];
      commands.push({ type: 'CancelCalls', paths: group.map(({ path }) => path), reason, after });
    }
    return commands;
  }

  /** What may go. */
  take(): readonly Command[] {
    const commands: Command[] = [];
    for (const { path, command } of this.#line.take()) {
      this.#open.set(path, this.#waiting.get(path) as OpenCall);
      this.#waiting.delete(path);
      commands.push(command);
    }
    return commands;
  }
}

function readyOf({ path, command }: OpenCall): Ready {
  return { path, command, holdsPlace: holdsPlace(command) };
}

function holdsPlace(command: Command): boolean {
  return command.type === 'ScheduleStep';
}

/** An escalation is recorded as the approval that it asks for, and as itself where it fails before it asks. */
function kindInLog(command: Command): string | undefined {
  if (command.type === 'ScheduleStep') return command.step.kind;
  return command.type === 'OpenWait' ? command.wait.kind : CHILD_KIND;
}
