/** What a driver that cleans up by itself was told: that its run is cancelled, or that its deadline has passed. */
import { messageOf } from '../errors/index.ts';
import type { RunDriver, RunState, StopOrder } from '../run/index.ts';
import { formatDuration } from '../std/index.ts';
import type { Failure } from '../step/index.ts';
import type { RecordedStop } from './log-reader.ts';
import type { Outbox } from './outbox.ts';

/** What telling needs of a session. */
interface StoppedSession {
  readonly driver: RunDriver;
  readonly outbox: Outbox;
}

/** Told once each; the log keeps after how many deliveries, so that a replay tells it at the same moment. */
export class DriverStops {
  readonly #session: StoppedSession;
  readonly #told = new Set<RecordedStop['kind']>();

  constructor(session: StoppedSession) {
    this.#session = session;
  }

  has(kind: RecordedStop['kind']): boolean {
    return this.#told.has(kind);
  }

  /** It knows already, and cleans up: the deadline of the run is no moment to wait for any more. */
  get isStopped(): boolean {
    return this.#told.size > 0;
  }

  /** The log says that it was told. */
  note(kind: RecordedStop['kind']): void {
    this.#told.add(kind);
  }

  /** Whether the driver comes to its end by itself; else it is left where it is. */
  tell(kind: RecordedStop['kind'], order: StopOrder): boolean {
    const { driver, outbox } = this.#session;
    if (this.has(kind)) return true;
    const after = { n: driver.deliveries };
    if (!driver.stop(order)) return false;
    this.note(kind);
    outbox.add({ type: 'marker.recorded', path: `:${kind}`, data: { kind, after } });
    return true;
  }

  /** The run is replayed. */
  clear(): void {
    this.#told.clear();
  }
}

export function deadlineOrder({ created }: RunState): StopOrder & { readonly failure: Failure } {
  const limit = formatDuration(Math.max(1, (created.deadlineAt ?? 0) - created.at));
  const message = messageOf('RUN_DEADLINE', { limit });
  return { reason: message, failure: { class: 'timeout', code: 'RUN_DEADLINE', message } };
}
