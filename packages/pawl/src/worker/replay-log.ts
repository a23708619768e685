/** Replays a run's log against its function: one recorded end a turn, nothing fires. */
import { type Delivery, fold, type RunDriver, type StoredEvent } from '../run/index.ts';
import { isGraphWorkflow } from '../graph/index.ts';
import type { Platform } from '../std/index.ts';
import { LOG_PAGE } from './defaults.ts';
import { parseInput } from './conclude.ts';
import { makeDriver } from './drivers.ts';
import { LogSurveyor, openingOf, readLog, type SurveyedLog } from './log-reader.ts';
import { messageOf } from '../errors/index.ts';
import type { SessionCore } from './session-core.ts';

export type ReplayEnd =
  | { readonly type: 'caught_up' }
  | { readonly type: 'diverged'; readonly difference: string }
  | { readonly type: 'given_up' };

interface Log {
  readonly pages: () => AsyncIterable<readonly StoredEvent[]> | Iterable<readonly StoredEvent[]>;
  readonly surveyed: SurveyedLog;
}

export interface ReplayOptions {
  /** The log, where it is known without reading. */
  readonly given?: readonly StoredEvent[] | undefined;
  /** Whether nobody wants the result any more. */
  readonly isGivenUp: () => boolean;
}

/** Looks the log through once, then delivers it. */
export async function replayLog(session: SessionCore, options: ReplayOptions): Promise<ReplayEnd> {
  const surveyor = new LogSurveyor({ keepsOpenings: isGraphWorkflow(session.workflow) });
  const log = options.given
    ? knownLog(options.given, surveyor)
    : await openLog(session, surveyor, options.isGivenUp);
  if (options.isGivenUp()) return { type: 'given_up' };
  const replay = new Replay(session, log.surveyed, options);
  let end: ReplayEnd | undefined;
  for await (const page of log.pages()) {
    for (const event of page) {
      if (end)
        fold(session.state, event); // the rest of the log is known, and nothing of it is handed over
      else {
        const taken = replay.take(event);
        end = taken instanceof Promise ? await taken : taken;
      }
      if (end?.type === 'given_up') return end;
    }
  }
  return end ?? (await replay.finish());
}

function knownLog(events: readonly StoredEvent[], surveyor: LogSurveyor): Log {
  for (const event of events) surveyor.add(event);
  return { pages: () => [events], surveyed: surveyor.result };
}

async function openLog(session: SessionCore, surveyor: LogSurveyor, isGivenUp: () => boolean): Promise<Log> {
  let only: readonly StoredEvent[] = [];
  for await (const page of readLog(session, isGivenUp)) {
    only = page;
    for (const event of page) surveyor.add(event);
  }
  const surveyed = surveyor.result;
  const isShort = surveyed.survey.lastSeq < LOG_PAGE;
  return { pages: () => (isShort ? [only] : readLog(session, isGivenUp)), surveyed };
}

class Replay {
  readonly #session: SessionCore;
  readonly #surveyed: SurveyedLog;
  #driver: RunDriver | undefined;
  /** How many of the recorded stops the driver was told. */
  #told = 0;
  #onActivity: (() => void) | undefined;

  readonly #options: ReplayOptions;

  constructor(session: SessionCore, surveyed: SurveyedLog, options: ReplayOptions) {
    this.#session = session;
    this.#options = options;
    this.#surveyed = surveyed;
  }

  /** Takes one event; an answer ends the replay. */
  take(event: StoredEvent): Promise<ReplayEnd | undefined> | undefined {
    const { state } = this.#session;
    const opening = openingOf(event);
    if (opening && this.#driver && !this.#isLate(opening.path)) this.#driver.expect(opening);
    const delivery = fold(state, event);
    const isReady = state.created.unparsed
      ? event.type === 'run.started' && event.data.parsed
      : event.type === 'run.created';
    if (isReady && !this.#driver) return this.#start(state.input); // what is ready hands nothing over
    return delivery ? this.#deliver(delivery) : undefined;
  }

  #isLate(path: string): boolean {
    return this.#surveyed.late.some((record) => record.path === path);
  }

  async #start(input: string): Promise<undefined> {
    const driver = this.#makeDriver(input);
    driver.start();
    if (!driver.isSynchronous) await quiet(this.#session.host.platform);
    this.#tellStops(driver);
    return undefined;
  }

  #makeDriver(input: string): RunDriver {
    const session = this.#session;
    const onActivity = (): void => {
      this.#onActivity?.();
      session.scheduleTurn();
    };
    this.#driver = makeDriver(session, { input, surveyed: this.#surveyed, onActivity });
    session.driver = this.#driver;
    return this.#driver;
  }

  /** Tells the driver that it is to stop, as soon as it has heard what it had heard then. */
  #tellStops(driver: RunDriver): void {
    const { cancelReason: reason = 'cancelled', stops } = this.#surveyed;
    for (let stop = stops[this.#told]; stop?.n === driver.deliveries; stop = stops[++this.#told])
      this.#session.stops.repeat(stop, reason);
  }

  async #deliver(delivery: Delivery): Promise<ReplayEnd | undefined> {
    const driver = this.#driver;
    if (delivery.path.startsWith(':')) this.#session.cancelFlow.noteCleanedUp();
    if (!driver || delivery.path.startsWith(':')) return undefined;
    const isThere = (): boolean => driver.isReadyFor(delivery.path);
    if (!isThere() && driver.difference === undefined) await this.#wait(isThere);
    if (this.#options.isGivenUp()) return { type: 'given_up' };
    if (driver.difference !== undefined) return { type: 'diverged', difference: driver.difference };
    if (!driver.isOpen(delivery.path)) return { type: 'diverged', difference: this.#missing(delivery) };
    driver.deliver(delivery);
    if (!driver.isSynchronous) await quiet(this.#session.host.platform);
    this.#tellStops(driver);
    return undefined;
  }

  /** Everything is delivered; what the log opened must have been called. */
  async finish(): Promise<ReplayEnd> {
    if (!this.#driver) await this.#startUnparsed();
    const driver = this.#driver as RunDriver;
    const isComplete = (): boolean => driver.missingCalls.length === 0;
    if (!isComplete() && driver.difference === undefined) await this.#wait(isComplete);
    if (this.#options.isGivenUp()) return { type: 'given_up' };
    if (driver.difference !== undefined) return { type: 'diverged', difference: driver.difference };
    const missing = driver.missingCalls[0];
    if (missing)
      return {
        type: 'diverged',
        difference: `the log holds ${missing.kind} "${missing.path}", the code does not call it${this.#calls()}`,
      };
    return { type: 'caught_up' };
  }

  /** The first holder parses an input that was recorded as it came. */
  async #startUnparsed(): Promise<void> {
    const session = this.#session;
    const parsed = parseInput(session, session.state.input);
    if (parsed.ok)
      session.outbox.add({
        type: 'run.started',
        data: { workerId: session.host.workerId, parsed: true },
        payload: parsed.payload,
      });
    else {
      const message = messageOf('RUN_INPUT_INVALID', { issues: parsed.issues });
      session.ending = {
        type: 'Fail',
        failedSteps: [],
        failure: { class: 'terminal', code: 'RUN_INPUT_INVALID', message },
      };
    }
    if (parsed.ok) await this.#start(parsed.payload);
    else this.#makeDriver(session.state.input);
  }

  /** Waits until the code has made the call, at most `replayPatience`: it may be awaiting something that is not ctx. */
  async #wait(isThere: () => boolean): Promise<void> {
    const { platform, settings } = this.#session.host;
    const deadline = platform.clock.monotonic() + settings.replayPatienceMs;
    if (this.#driver?.isSynchronous) return;
    while (!isThere() && this.#driver?.difference === undefined && !this.#options.isGivenUp()) {
      const restMs = deadline - platform.clock.monotonic();
      if (restMs <= 0) return;
      await new Promise<void>((resolve) => {
        const stop = platform.setTimer(restMs, resolve);
        this.#onActivity = () => {
          stop();
          resolve();
        };
      });
      this.#onActivity = undefined;
      await quiet(platform);
    }
  }

  #missing(delivery: Delivery): string {
    const patience = this.#session.host.settings.replayPatienceMs;
    return `the log continues with the end of ${delivery.kind} "${delivery.path}", the code has not called it within ${patience} ms${this.#calls()}; is it awaiting something that is not ctx?`;
  }

  #calls(): string {
    const open = this.#driver?.openCalls ?? [];
    if (open.length === 0) return this.#driver?.hasEnded ? ' and has returned' : ' and has no call open';
    return `; it asks for ${open.map((call) => `${call.kind} "${call.path}"`).join(', ')}`;
  }
}

function quiet(platform: Platform): Promise<void> {
  return new Promise((resolve) => platform.nextTurn(resolve));
}
