/** What a run has produced and the disk does not hold yet, in order. */
import type { FoldedStart, NewEvent, RunRef, StepPath } from '../run/index.ts';
import { addUsage, NO_USAGE, type Usage } from '../step/index.ts';
import type { Arrival, Batch, Conclusion, Fence, LedgerEntry, NewRun, NewTask } from '../store/index.ts';
import type { EndOfAttempt } from './execution.ts';

interface Entry {
  readonly event: NewEvent;
  readonly number: number;
  /** A start written behind: may be folded into its outcome while it is here. */
  readonly isStart: boolean;
  isTakenBack: boolean;
  /** Whether folding it can hand something to the driver. */
  readonly mayDeliver: boolean;
}

export interface FactOptions {
  readonly creates?: NewRun;
  readonly arrival?: Arrival;
  /** What its event schedules for another worker. */
  readonly task?: NewTask;
  readonly mayDeliver?: boolean;
}

interface Texts {
  readonly label?: string;
  readonly message?: string;
  readonly start?: { readonly label?: string };
}

/** What was sent in one batch. */
export interface Sent {
  readonly events: readonly NewEvent[];
  readonly conclusion: Conclusion | undefined;
  readonly entries: readonly Entry[];
  readonly creates: readonly NewRun[];
  readonly arrivals: readonly Arrival[];
  readonly tasks: readonly NewTask[];
  /** Number of the last entry in it. */
  readonly lastNumber: number;
}

const NOTHING_SENT: Omit<Sent, 'lastNumber'> = {
  events: [],
  conclusion: undefined,
  entries: [],
  creates: [],
  arrivals: [],
  tasks: [],
};

const ENDS: ReadonlySet<string> = new Set([
  'step.completed',
  'step.failed',
  'step.cancelled',
  'wait.resolved',
  'wait.expired',
  'wait.cancelled',
]);

const OPENINGS: ReadonlySet<string> = new Set(['wait.opened', 'approval.requested', 'child.started']);

/** Whether the event says nothing that its end, which carries it, would have to say in another way. */
function isFoldedStart(event: NewEvent & { readonly type: 'step.started' }): event is typeof event & {
  readonly data: FoldedStart;
} {
  const { attempt, at } = event.data;
  return event.payload === undefined && attempt === undefined && at !== undefined;
}

/** The prefix rule in small: entries leave in order, one batch in flight, nothing behind a doubtful one. */
export class Outbox {
  #entries: Entry[] = [];
  /** Those of the entries that are starts written behind, by path. */
  readonly #starts = new Map<StepPath, Entry>();
  /** Entries that were folded into what followed them, and are left out when the rest is sent. */
  #takenBack = 0;
  #creates: NewRun[] = [];
  #arrivals: Arrival[] = [];
  #tasks: NewTask[] = [];
  #conclusion: Conclusion | undefined;
  #inFlight: Sent | undefined;
  #number = 0;
  #durable = 0;
  #isForced = false;
  /** So many entries are sent one by one, to find the one that the store refuses. */
  #oneByOne = 0;
  /** What hides secrets in everything that is recorded. */
  readonly #mask: (text: string) => string;

  constructor(mask: (text: string) => string = (text) => text) {
    this.#mask = mask;
  }

  /** Adds a fact; returns its number, to be compared with `durable`. */
  add(event: NewEvent, options: FactOptions = {}): number {
    if (options.creates)
      this.#creates.push({
        ...options.creates,
        events: options.creates.events.map((one) => this.#masked(one)),
      });
    if (options.arrival) this.#arrivals.push(options.arrival);
    if (options.task) this.#tasks.push(options.task);
    return this.#push(event, false, options.mayDeliver ?? false).number;
  }

  /** Adds a start that may wait for company. */
  addStart(event: NewEvent): void {
    const entry = this.#push(event, true, false);
    this.#starts.set(event.path ?? '', entry);
  }

  #push(event: NewEvent, isStart: boolean, mayDeliver: boolean): Entry {
    const number = ++this.#number;
    const entry = { event: this.#masked(event), number, isStart, isTakenBack: false, mayDeliver };
    this.#entries.push(entry);
    return entry;
  }

  addArrival(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.#isForced = true;
  }

  /** Takes a start back that has not been sent, to be folded into what follows it. */
  takeStart(path: StepPath): FoldedStart | undefined {
    const entry = this.#starts.get(path);
    if (entry?.event.type !== 'step.started') return undefined;
    const { event } = entry;
    this.#starts.delete(path);
    if (this.#entries.at(-1) === entry) this.#entries.pop();
    else {
      entry.isTakenBack = true;
      this.#takenBack++;
    }
    if (isFoldedStart(event)) return event.data;
    const { attempt: _attempt, at = 0, ...rest } = event.data;
    return { ...rest, at, ...(event.payload === undefined ? {} : { input: event.payload }) };
  }

  /** Texts that people see are masked; paths and names are identities and stay as they are. */
  #masked(event: NewEvent): NewEvent {
    const payload = event.payload === undefined ? undefined : this.#mask(event.payload);
    const data = this.#maskedTexts(event.data);
    if (payload === event.payload && data === event.data) return event;
    return { ...event, ...(payload === undefined ? {} : { payload }), data } as NewEvent;
  }

  #maskedTexts(data: NewEvent['data']): NewEvent['data'] {
    const { label, message, start } = data as Texts;
    if (label === undefined && message === undefined && start?.label === undefined) return data;
    return {
      ...data,
      ...(label === undefined ? {} : { label: this.#mask(label) }),
      ...(message === undefined ? {} : { message: this.#mask(message) }),
      ...(start?.label === undefined ? {} : { start: { ...start, label: this.#mask(start.label) } }),
    };
  }

  /** `seenSeq` is what was known when it was decided, not when it is sent: what is read in between must hold it back. */
  conclude(conclusion: Conclusion): void {
    const creates = conclusion.creates?.map((run) => ({
      ...run,
      events: run.events.map((one) => this.#masked(one)),
    }));
    const events = conclusion.events.map((one) => this.#masked(one));
    const ledger = ledgerOf(events);
    this.#conclusion = {
      ...conclusion,
      events,
      ...(creates ? { creates } : {}),
      ...(ledger.length > 0 ? { ledger } : {}),
    };
  }

  /** The starts that wait are due: they go with the next flush. */
  force(): void {
    this.#isForced = true;
  }

  get hasConclusion(): boolean {
    return this.#conclusion !== undefined || this.#inFlight?.conclusion !== undefined;
  }

  get isInFlight(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Something waits that is more than starts written behind. */
  get isDirty(): boolean {
    return this.#isForced || this.#conclusion !== undefined || this.#count > this.#starts.size;
  }

  get hasStarts(): boolean {
    return this.#starts.size > 0;
  }

  /** So many entries wait. */
  get #count(): number {
    return this.#entries.length - this.#takenBack;
  }

  /** The entries that wait, without those that were taken back. */
  #compacted(): Entry[] {
    if (this.#takenBack > 0) this.#entries = this.#entries.filter((entry) => !entry.isTakenBack);
    this.#takenBack = 0;
    return this.#entries;
  }

  #clearEntries(): void {
    this.#entries = [];
    this.#starts.clear();
    this.#takenBack = 0;
  }

  /** Something that waits or is in flight may hand a delivery to the driver. */
  get mayDeliver(): boolean {
    return this.#entries.some((entry) => entry.mayDeliver);
  }

  /** Children whose creation waits or is in flight. */
  get creates(): readonly NewRun[] {
    return [...(this.#inFlight?.creates ?? []), ...this.#creates];
  }

  /** A child's creation waits to be written. */
  get startsChild(): boolean {
    return this.#creates.length > 0;
  }

  /** The earliest time at which something that waits here will be due. */
  get nextDueAt(): number | undefined {
    let next: number | undefined;
    for (const { event } of this.#entries) {
      const dueAt = 'dueAt' in event.data ? event.data.dueAt : undefined;
      if (typeof dueAt === 'number') next = Math.min(next ?? dueAt, dueAt);
    }
    return next;
  }

  /** What the outcomes used that are not durable yet. */
  get usage(): Usage {
    const events = [...(this.#inFlight?.events ?? []), ...this.#entries.map((entry) => entry.event)];
    return events.reduce(
      (sum, event) => ('usage' in event.data && event.data.usage ? addUsage(sum, event.data.usage) : sum),
      NO_USAGE,
    );
  }

  /** A wait for a signal that has come already is about to be opened: folding it will hand the signal over. */
  opensAnswered(hasSignal: (name: string) => boolean): boolean {
    return this.#entries.some(
      ({ event }) =>
        event.type === 'wait.opened' && event.data.kind === 'signal' && hasSignal(event.data.name),
    );
  }

  /** Whether the end of a step or wait waits here or is in flight: the log does not show it yet. */
  endsCall(path: StepPath): boolean {
    const isEnd = (event: NewEvent): boolean => event.path === path && ENDS.has(event.type);
    return this.#entries.some((entry) => isEnd(entry.event)) || (this.#inFlight?.events.some(isEnd) ?? false);
  }

  /** How a wait or child is about to be opened that the log does not show yet. */
  openingOf(path: StepPath): NewEvent['type'] | undefined {
    const isOpening = (event: NewEvent): boolean => event.path === path && OPENINGS.has(event.type);
    const waiting = this.#entries.find(({ event }) => isOpening(event))?.event;
    return (waiting ?? this.#inFlight?.events.find(isOpening))?.type;
  }

  /** Number of the last durable entry. */
  get durable(): number {
    return this.#durable;
  }

  /** Everything that waits, as one batch; undefined when nothing does or one is in flight. */
  take(run: RunRef, fence: Fence): Batch | undefined {
    if (this.#inFlight || !this.#hasAnything()) return undefined;
    if (this.#oneByOne > 0) return this.#takeOne(run, fence);
    const entries = this.#compacted();
    const events = entries.map((entry) => entry.event);
    const conclusion = this.#conclusion;
    const creates = this.#creates;
    const arrivals = this.#arrivals;
    const tasks = this.#tasks;
    const ledger = ledgerOf(events);
    this.#inFlight = {
      events,
      conclusion,
      entries,
      creates,
      arrivals,
      tasks,
      lastNumber: entries.at(-1)?.number ?? this.#durable,
    };
    this.#clearEntries();
    if (creates.length > 0) this.#creates = [];
    if (arrivals.length > 0) this.#arrivals = [];
    if (tasks.length > 0) this.#tasks = [];
    this.#conclusion = undefined;
    this.#isForced = false;
    return {
      run,
      fence,
      events,
      ...(conclusion ? { conclusion } : {}),
      ...(creates.length > 0 ? { creates } : {}),
      ...(arrivals.length > 0 ? { arrivals } : {}),
      ...(tasks.length > 0 ? { tasks } : {}),
      ...(ledger.length > 0 ? { ledger } : {}),
    };
  }

  #hasAnything(): boolean {
    return this.#count > 0 || this.#conclusion !== undefined || this.#arrivals.length > 0 || this.#isForced;
  }

  /** The first entry alone, with what belongs to it. */
  #takeOne(run: RunRef, fence: Fence): Batch {
    this.#oneByOne--;
    const entry = this.#compacted().shift() as Entry;
    if (entry.isStart) this.#starts.delete(entry.event.path ?? '');
    const belongs = (path: string | undefined): boolean => path !== undefined && path === entry.event.path;
    const creates = this.#creates.filter((newRun) => belongs(newRun.parentPath));
    this.#creates = this.#creates.filter((newRun) => !creates.includes(newRun));
    const events = [entry.event];
    const tasks = this.#tasks.filter((task) => entry.event.type === 'step.scheduled' && belongs(task.path));
    this.#tasks = this.#tasks.filter((task) => !tasks.includes(task));
    this.#inFlight = {
      events,
      conclusion: undefined,
      entries: [entry],
      creates,
      arrivals: [],
      tasks,
      lastNumber: entry.number,
    };
    return { run, fence, events, creates, tasks, ledger: ledgerOf(events) };
  }

  /** The batch in flight holds one thing, an event or a conclusion: nothing else can be at fault. */
  get isAlone(): boolean {
    const { events = [], conclusion } = this.#inFlight ?? {};
    return events.length + (conclusion ? 1 : 0) === 1;
  }

  /** The batch in flight was refused: its entries come back, to be sent one by one; its conclusion is decided anew. */
  sendOneByOne(): void {
    const sent = this.#inFlight;
    if (!sent) return;
    this.#entries = [...sent.entries, ...this.#compacted()];
    for (const entry of sent.entries) if (entry.isStart) this.#starts.set(entry.event.path ?? '', entry);
    this.#creates = [...sent.creates, ...this.#creates];
    this.#arrivals = [...sent.arrivals, ...this.#arrivals];
    this.#tasks = [...sent.tasks, ...this.#tasks];
    this.#oneByOne = sent.entries.length;
    this.#inFlight = undefined;
  }

  /** What was refused is left out; what was concluded meanwhile counted on it. */
  skipRefused(): void {
    this.#inFlight = undefined;
    this.#conclusion = undefined;
  }

  /** Nothing waits and nothing is in flight. */
  get isQuiet(): boolean {
    return this.#inFlight === undefined && this.#count === 0;
  }

  /** Puts something else in the place of the refused entry; false where there is nothing to put. */
  replaceRefused(replace: (event: NewEvent) => NewEvent | undefined): boolean {
    const refused = this.#inFlight?.entries[0];
    const event = refused && replace(refused.event);
    if (!refused || !event) return false;
    this.#entries.unshift({ ...refused, event });
    this.#oneByOne++;
    this.#inFlight = undefined;
    return true;
  }

  /** The batch in flight is durable (its conclusion may have been left out). */
  landed(): Sent {
    const sent = this.#inFlight ?? { ...NOTHING_SENT, lastNumber: this.#durable };
    this.#inFlight = undefined;
    this.#durable = Math.max(this.#durable, sent.lastNumber);
    return sent;
  }

  /**
   * The batch in flight is doubtful: it and everything behind it is dropped. The ends of attempts that were in it are returned: where
   * the log turns out not to hold them, they can be recorded again instead of having their effects again.
   */
  drop(): readonly EndOfAttempt[] {
    const events = [...(this.#inFlight?.events ?? []), ...this.#entries.map((entry) => entry.event)];
    this.#oneByOne = 0;
    this.#clearEntries();
    this.#creates = [];
    this.#arrivals = [];
    this.#tasks = [];
    this.#conclusion = undefined;
    this.#inFlight = undefined;
    this.#durable = this.#number;
    this.#isForced = false;
    return events.filter(
      (event) =>
        event.type === 'step.completed' || event.type === 'step.failed' || event.type === 'step.retried',
    );
  }
}

/** A line of the ledger for every attempt that used something, whichever event ended it. */
export function ledgerOf(events: readonly NewEvent[]): readonly LedgerEntry[] {
  const lines: LedgerEntry[] = [];
  for (const event of events) {
    if (!('usage' in event.data) || !event.data.usage || !event.type.startsWith('step.')) continue;
    const { attempt = 1 } = event.data as { readonly attempt?: number };
    lines.push({ path: event.path ?? '', attempt, usage: event.data.usage });
  }
  return lines;
}
