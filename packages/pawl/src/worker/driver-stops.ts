/** What a driver that cleans up by itself was told: that its run is cancelled, that its time is over, what it must give up. */
import { messageOf } from '../errors/index.ts';
import type { GivenUp, Limited, RunDriver, RunState, StepPath, StopOrder } from '../run/index.ts';
import { formatDuration, type Platform } from '../std/index.ts';
import type { Failure } from '../step/index.ts';
import type { RecordedStop } from './log-reader.ts';
import type { Outbox } from './outbox.ts';
import { earliest } from './waits.ts';

/** What telling needs of a session. */
interface StoppedSession {
  readonly driver: RunDriver;
  readonly outbox: Outbox;
  readonly state: RunState;
  readonly host: { readonly platform: Pick<Platform, 'clock'> };
}

type StopKind = RecordedStop['kind'];

/** Told once each; the log keeps after how many deliveries, so that a replay tells it at the same moment. */
export class DriverStops {
  readonly #session: StoppedSession;
  readonly #told = new Set<StopKind>();

  constructor(session: StoppedSession) {
    this.#session = session;
  }

  has(kind: StopKind): boolean {
    return this.#told.has(kind);
  }

  /** When the driver has to be told that a time is over. One that was stopped knows, and cleans up: the deadline of its run is none any more. */
  get nextDueAt(): number | undefined {
    const deadlineAt = this.#told.size > 0 ? undefined : this.#session.state.created.deadlineAt;
    return earliest(deadlineAt, this.#limitAt);
  }

  /** One that is not in the log yet begins now. */
  get #limitAt(): number | undefined {
    const { driver, state, host } = this.#session;
    const { limited } = driver;
    return limited && (beginOf(state, limited.path) ?? host.platform.clock.now()) + limited.limitMs;
  }

  /** Whether the driver comes to its end by itself; else it is left where it is. */
  tell(kind: StopKind, order: StopOrder): boolean {
    const { driver } = this.#session;
    if (this.has(kind)) return true;
    const n = driver.deliveries;
    if (!driver.stop(order)) return false;
    this.#told.add(kind);
    this.#record(`:${kind}`, { kind, n });
    return true;
  }

  /** Whether the time of a finalizer is over that nobody else holds to it: the driver has given it up. */
  tellLimit(): boolean {
    const { driver, outbox, host } = this.#session;
    const { limited } = driver;
    const dueAt = this.#limitAt;
    if (!limited || dueAt === undefined || dueAt > host.platform.clock.now()) return false;
    if (outbox.mayDeliver) return false; // it may be its end; what comes of it is looked at again
    this.#giveUp('deadline', limited.path);
    return true;
  }

  /** In a run that is cancelled nothing waits for an operator: whether the driver has given up what only one could move. */
  tellHeld(path: StepPath): boolean {
    if (!this.has('cancel')) return false;
    this.#giveUp('cancel', path);
    return true;
  }

  #giveUp(kind: StopKind, path: StepPath): void {
    const { driver } = this.#session;
    const stop = { kind, n: driver.deliveries, path };
    driver.giveUp?.(givenUp(kind, path, driver.limited));
    this.#record(`:${kind}/${path}`, stop);
  }

  #record(path: StepPath, { kind, n }: RecordedStop): void {
    this.#session.outbox.add({ type: 'marker.recorded', path, data: { kind, after: { n } } });
  }

  /** The log says that the driver was told; it is told again. */
  repeat({ kind, path }: RecordedStop, reason: string): void {
    const { driver, state } = this.#session;
    if (path !== undefined) return driver.giveUp?.(givenUp(kind, path, driver.limited));
    driver.stop(kind === 'cancel' ? { reason } : deadlineOrder(state));
    this.#told.add(kind);
  }

  /** The run is replayed. */
  clear(): void {
    this.#told.clear();
  }
}

/** Of what is open. */
function beginOf({ waits, children, markers, steps }: RunState, path: StepPath): number | undefined {
  const { openedAt } = waits.get(path) ?? {};
  const { startedAt } = children.get(path) ?? {};
  return openedAt ?? startedAt ?? markers.get(path)?.at ?? steps.get(path)?.firstStartedAt;
}

/** The same on every replay: it says nothing that only the moment knew. */
function givenUp(kind: StopKind, path: StepPath, limited: Limited | undefined): GivenUp {
  if (kind === 'deadline') {
    const limit = formatDuration(limited?.limitMs ?? 0);
    const failure: Failure = {
      class: 'timeout',
      code: 'STEP_DEADLINE',
      message: messageOf('STEP_DEADLINE', { limit }),
      path,
    };
    return { path, reason: `the finalizer "${path}" took longer than ${limit}`, failure };
  }
  const reason = 'the run is cancelled, and only an operator could have let it go on';
  const failure: Failure = {
    class: 'cancelled',
    code: 'STEP_CANCELLED',
    message: messageOf('STEP_CANCELLED', { reason }),
    path,
  };
  return { path, reason, failure };
}

export function deadlineOrder({ created }: RunState): StopOrder & { readonly failure: Failure } {
  const limit = formatDuration(Math.max(1, (created.deadlineAt ?? 0) - created.at));
  const message = messageOf('RUN_DEADLINE', { limit });
  return { reason: message, failure: { class: 'timeout', code: 'RUN_DEADLINE', message } };
}
