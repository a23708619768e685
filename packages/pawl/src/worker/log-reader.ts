/** Reads a run's log in pages, and looks it through once for what a replay must know beforehand. */
import type { LogSurvey, RecordedCall } from '../replay/index.ts';
import { CHILD_KIND, CLOSURE_KIND, type RunRef, type StoredEvent } from '../run/index.ts';
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
    case 'step.started':
      return (event.data.attempt ?? 1) > 1
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
}

/** Markers, counts and late calls of a whole log. */
export class LogSurveyor {
  readonly #markers = new Map<
    string,
    { readonly kind: 'map' | 'patched'; readonly digest?: string | undefined }
  >();
  readonly #late: RecordedCall[] = [];
  #calls = 0;
  #shownCount = 0;
  #ends = 0;
  #lastSeq = 0;

  add(event: StoredEvent): void {
    this.#lastSeq = event.seq;
    const opening = openingOf(event);
    if (opening) {
      this.#calls++;
      if (opening.n < this.#ends) this.#late.push(opening);
    }
    if (ENDS.has(event.type)) this.#ends++;
    if (event.type === 'marker.recorded') this.#markers.set(event.path ?? '', event.data);
    if (event.type === 'state.patched') this.#shownCount = event.data.index + 1;
  }

  get result(): SurveyedLog {
    const survey = {
      calls: this.#calls,
      markers: this.#markers,
      shownCount: this.#shownCount,
      lastSeq: this.#lastSeq,
    };
    return { survey, late: this.#late };
  }
}
