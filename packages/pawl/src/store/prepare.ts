/** Everything about a batch that can be judged and made before its transaction begins. */
import type { NewEvent } from '../run/index.ts';
import type { Arrival, Batch, Conclusion, NewRun, Refused } from './batch.ts';
import { encodeEvent, isEncodeProblem } from './codec/index.ts';
import type { EncodedEvent, StoreLimits } from './store.ts';

/** An event with its columns. */
export interface PreparedEvent {
  readonly event: NewEvent;
  readonly columns: EncodedEvent;
}

export interface PreparedRun {
  readonly run: NewRun;
  readonly events: readonly PreparedEvent[];
}

export interface PreparedArrival {
  readonly arrival: Arrival;
  readonly events: readonly PreparedEvent[];
}

interface PreparedPart {
  readonly events: readonly PreparedEvent[];
  readonly creates: readonly PreparedRun[];
  readonly arrivals: readonly PreparedArrival[];
}

export interface PreparedConclusion extends PreparedPart {
  readonly conclusion: Conclusion;
}

export interface PreparedBatch extends PreparedPart {
  readonly batch: Batch;
  readonly conclusion: PreparedConclusion | undefined;
}

export function isRefused(value: PreparedBatch | Refused): value is Refused {
  return 'reason' in value;
}

/** The batch with its columns, or why it can never be stored. */
export function prepareBatch(batch: Batch, limits: StoreLimits): PreparedBatch | Refused {
  try {
    const part = preparePart(batch, limits);
    const { conclusion } = batch;
    const end = conclusion && { conclusion, ...preparePart(conclusion, limits) };
    if (end !== undefined && end.events.length > 0 && part.events.some(isEnd)) throw behindEnd();
    return { batch, ...part, conclusion: end };
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** Leaves the preparation of one batch; never leaves this file. */
class Refusal extends Error {
  readonly answer: Refused;

  constructor(reason: Refused['reason'], detail: string) {
    super(detail);
    this.answer = { type: 'refused', reason, detail };
  }
}

function preparePart(
  part: Pick<Batch, 'events' | 'creates' | 'arrivals'>,
  limits: StoreLimits,
): PreparedPart {
  return {
    events: prepareEvents(part.events, limits),
    creates: (part.creates ?? []).map((run) => ({ run, events: prepareFirstEvents(run, limits) })),
    arrivals: (part.arrivals ?? []).map((arrival) => ({
      arrival,
      events: prepareEvents(arrival.events, limits),
    })),
  };
}

function prepareFirstEvents(run: NewRun, limits: StoreLimits): readonly PreparedEvent[] {
  if (run.events[0]?.type !== 'run.created') {
    throw new Refusal('refused', `the events of the new run ${run.runId} do not begin with run.created`);
  }
  return prepareEvents(run.events, limits);
}

function prepareEvents(events: readonly NewEvent[], limits: StoreLimits): readonly PreparedEvent[] {
  const prepared = events.map((event) => {
    const columns = encodeEvent(event, limits);
    if (isEncodeProblem(columns)) throw new Refusal('refused', columns.problem);
    return { event, columns };
  });
  if (prepared.slice(0, -1).some(isEnd)) throw behindEnd();
  return prepared;
}

const ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);

function isEnd({ event }: PreparedEvent): boolean {
  return ENDS.has(event.type);
}

function behindEnd(): Refusal {
  return new Refusal('run_terminal', 'an event stands behind the end of its run');
}
