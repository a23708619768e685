/** Cancelling a run: attempts are aborted, children cancelled, `onCancel` runs, then the end is recorded. */
import type { StepSpec } from '../run/index.ts';
import { DEFAULT_RETRY } from '../step/index.ts';
import { awaitsChildren, finish } from './conclude.ts';
import { ON_CANCEL_MS } from './defaults.ts';
import { closingEvents } from './endings.ts';
import { idempotencyKey } from './pipeline/execute.ts';
import type { SessionCore } from './session-core.ts';

/** The path under which `onCancel` is recorded; no ctx call can have it. */
const ON_CANCEL_PATH = ':onCancel';

export class CancelFlow {
  readonly #session: SessionCore;
  #stage: 'none' | 'stopped' | 'cleaning' | 'clean' = 'none';
  /** The log holds the end of `onCancel`: it does not run again. */
  #hasCleanedUp = false;

  constructor(session: SessionCore) {
    this.#session = session;
  }

  /** `onCancel` is running, or the driver cleans up: only what belongs to that may still fire. */
  get isCleaningUp(): boolean {
    return this.#stage === 'cleaning' || this.#session.stops.has('cancel');
  }

  /** The log says that `onCancel` has run. */
  noteCleanedUp(): void {
    this.#hasCleanedUp = true;
  }

  /** The run is replayed: what was in memory may not be in the log. */
  restart(): void {
    this.#stage = 'none';
  }

  /** Whether it has the turn to itself: a driver that cleans up by itself goes on as ever. */
  turn(): boolean {
    const { stops } = this.#session;
    if (this.#stage === 'none' && stops.tell('cancel', { reason: this.#reason })) return false;
    this.#advance();
    return true;
  }

  #advance(): void {
    const session = this.#session;
    if (this.#stage === 'none') this.#stop();
    if (session.outbox.isInFlight) return;
    if (session.outbox.isDirty) return session.flush(); // the answer brings the next turn, with what was closed folded
    if (awaitsChildren(session, this.#reason)) return session.flush();
    if (this.#stage === 'stopped') this.#cleanUp();
    if (this.#stage === 'cleaning' && session.steps.has(ON_CANCEL_PATH)) return session.steps.advanceAll();
    this.#end();
  }

  get #reason(): string {
    return this.#session.state.cancelRequested?.reason ?? 'cancelled';
  }

  #stop(): void {
    const { driver, outbox } = this.#session;
    this.#stage = 'stopped';
    const plan = { reason: this.#reason, after: driver.deliveries };
    for (const event of closingEvents(this.#session, plan))
      if (event.path !== ON_CANCEL_PATH) outbox.add(event); // a former holder died in it: it goes on
  }

  #cleanUp(): void {
    const { workflow, run, steps } = this.#session;
    if (!workflow.onCancel || this.#hasCleanedUp) {
      this.#stage = 'clean';
      return;
    }
    this.#stage = 'cleaning';
    const { onCancel } = workflow;
    const reason = this.#session.state.cancelRequested?.reason;
    const spec: StepSpec = {
      path: ON_CANCEL_PATH,
      kind: 'step',
      after: { n: this.#session.driver.deliveries },
      input: undefined,
      retry: DEFAULT_RETRY,
      deadlineMs: ON_CANCEL_MS,
      isRepeatable: false,
      isAtMostOnce: false,
      run: (context) =>
        onCancel({
          runId: run.runId,
          reason,
          idempotencyKey: idempotencyKey(run, ON_CANCEL_PATH),
          signal: context.signal,
        }),
    };
    steps.schedule(spec, 0);
  }

  #end(): void {
    this.#stage = 'clean';
    this.conclude();
    this.#session.flush();
  }

  /** Everything is cleaned up. */
  conclude(): void {
    const { outbox, driver } = this.#session;
    if (outbox.hasConclusion || awaitsChildren(this.#session, this.#reason)) return;
    const closing = closingEvents(this.#session, { reason: this.#reason, after: driver.deliveries });
    const data = this.#session.state.cancelRequested?.reason === undefined ? {} : { reason: this.#reason };
    finish(this.#session, { event: { type: 'run.cancelled', data }, closing });
  }
}
