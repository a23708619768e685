/** Reads a run's log in pages, and looks it through once for what a replay must know beforehand. */
import type { LogSurvey } from '../replay/index.ts';
import {
  CHILD_KIND,
  CLOSURE_KIND,
  type MarkerKind,
  type RecordedCall,
  type RunRef,
  type StepPath,
  type StoredEvent,
} from '../run/index.ts';
import { isPawlError } from '../errors/index.ts';
import type { Platform } from '../std/index.ts';
import type { Store } from '../store/index.ts';
import { LOG_PAGE } from './defaults.ts';

/** What reading a log needs: the store, and a clock for the patience while it is away. */
export interface LogSource {
  readonly host: { readonly store: Store; readonly platform: Pick<Platform, 'setTimer'> };
  readonly run: RunRef;
}

/** How long a store that is away is left alone. */
const AGAIN_MS = 500;

/** All events of a run, page by page; a store that is away is asked again until nobody wants the answer any more. */
export async function* readLog(
  source: LogSource,
  isGivenUp: () => boolean,
): AsyncGenerator<readonly StoredEvent[]> {
  for (let after = 0; ; ) {
    const page = await readPage(source, after);
    if (page === undefined && isGivenUp()) return;
    if (page === undefined) continue;
    if (page.length > 0) yield page;
    if (page.length < LOG_PAGE) return;
    after = (page.at(-1) as StoredEvent).seq;
  }
}

/** undefined: the store was away, and a while has passed. */
async function readPage(
  { host, run }: LogSource,
  after: number,
): Promise<readonly StoredEvent[] | undefined> {
  try {
    return await host.store.readEvents(run, after, LOG_PAGE);
  } catch (error) {
    if (!isPawlError(error) || error.code !== 'STORE_UNAVAILABLE') throw error;
  }
  await new Promise<void>((resolve) => void host.platform.setTimer(AGAIN_MS, resolve));
  return undefined;
}

/** The call that an event is the first record of; undefined for later events and for what is no call. */
export function openingOf(event: StoredEvent): RecordedCall | undefined {
  const { path = '' } = event;
  if (path.startsWith(':')) return undefined; // the run's own, such as onCancel: no call of the function
  switch (event.type) {
    case 'step.scheduled':
    case 'step.started':
      return (event.data.attempt ?? 1) > 1 || isTaskStart(event)
        ? undefined
        : {
            path,
            kind: event.data.kind ?? CLOSURE_KIND,
            check: event.data.check,
            n: event.data.after?.n ?? 0,
          };
    case 'step.completed':
    case 'step.retried':
    case 'step.failed':
    case 'step.cancelled': {
      const { start, attempt = 1 } = event.data;
      return start && attempt === 1
        ? { path, kind: start.kind ?? CLOSURE_KIND, check: start.check, n: start.after?.n ?? 0 }
        : undefined;
    }
    case 'wait.opened':
      return { path, kind: event.data.kind, check: undefined, n: event.data.after?.n ?? 0 };
    case 'approval.requested':
      return { path, kind: 'approval', check: undefined, n: event.data.after?.n ?? 0 };
    case 'child.started':
      return { path, kind: CHILD_KIND, check: event.data.workflow, n: event.data.after?.n ?? 0 };
    default:
      return undefined;
  }
}

/** The step was opened when its task was scheduled. */
function isTaskStart(event: StoredEvent): boolean {
  return event.type === 'step.started' && event.data.queue !== undefined;
}

const ENDS = new Set([
  'step.completed',
  'step.failed',
  'step.cancelled',
  'step.skipped',
  'wait.resolved',
  'wait.expired',
  'wait.cancelled',
  'child.ended',
  'signal.received',
]);

export interface SurveyedLog {
  readonly survey: LogSurvey;
  /** Calls whose first record stands behind deliveries that came after them: they must be made again before those. */
  readonly late: readonly RecordedCall[];
  /** Every call of the log by its path, where the driver wants them all before it begins. */
  readonly openings: ReadonlyMap<string, RecordedCall>;
  /** When the driver heard that it is to stop, in order. */
  readonly stops: readonly RecordedStop[];
  readonly cancelReason: string | undefined;
  /** The limit that an operator set last. */
  readonly maxSteps: number | undefined;
}

/** That a driver was told to stop, after this many deliveries. */
export interface RecordedStop {
  readonly kind: 'cancel' | 'deadline';
  readonly n: number;
  /** That it is to give up this finalizer, or item of one; undefined: the run. */
  readonly path?: StepPath | undefined;
}

/** Markers, counts and late calls of a whole log. */
export class LogSurveyor {
  readonly #markers = new Map<string, { readonly kind: MarkerKind; readonly digest?: string | undefined }>();
  readonly #late: RecordedCall[] = [];
  readonly #openings = new Map<string, RecordedCall>();
  readonly #stops: RecordedStop[] = [];
  readonly #keepsOpenings: boolean;
  #maxSteps: number | undefined;
  #cancelReason: string | undefined;
  #calls = 0;
  #shownCount = 0;
  #ends = 0;
  #lastSeq = 0;

  constructor(options: { readonly keepsOpenings: boolean }) {
    this.#keepsOpenings = options.keepsOpenings;
  }

  add(event: StoredEvent): void {
    this.#lastSeq = event.seq;
    const opening = openingOf(event);
    if (opening) {
      this.#calls++;
      if (opening.n < this.#ends) this.#late.push(opening);
      if (this.#keepsOpenings) this.#openings.set(opening.path, opening);
    }
    if (ENDS.has(event.type)) this.#ends++;
    if (event.type === 'marker.recorded') this.#mark(event);
    if (event.type === 'run.cancel_requested') this.#cancelReason ??= event.data.reason;
    if (event.type === 'run.resumed') this.#maxSteps = event.data.maxSteps ?? this.#maxSteps;
    if (event.type === 'state.patched') this.#shownCount = event.data.index + 1;
  }

  #mark({ path = '', data }: Extract<StoredEvent, { type: 'marker.recorded' }>): void {
    const { kind } = data;
    this.#markers.set(path, data);
    if (kind !== 'cancel' && kind !== 'deadline') return;
    this.#stops.push({ kind, n: data.after?.n ?? 0, path: path.slice(`:${kind}/`.length) || undefined });
  }

  get result(): SurveyedLog {
    const survey = {
      calls: this.#calls,
      markers: this.#markers,
      shownCount: this.#shownCount,
      lastSeq: this.#lastSeq,
    };
    return {
      survey,
      late: this.#late,
      openings: this.#openings,
      stops: this.#stops,
      cancelReason: this.#cancelReason,
      maxSteps: this.#maxSteps,
    };
  }
}
