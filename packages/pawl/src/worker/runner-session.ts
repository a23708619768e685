/** What bringing steps to their ends needs of the session whose steps they are. */
import type { NewEvent, RunDriver, RunRef, RunState } from '../run/index.ts';
import type { SessionHost } from './host.ts';
import type { OpenStep } from './open-step.ts';
import type { Outbox } from './outbox.ts';

export interface RunnerSession {
  readonly host: SessionHost;
  readonly run: RunRef;
  readonly state: RunState;
  readonly outbox: Outbox;
  readonly driver: Pick<RunDriver, 'isOpen' | 'isWanted' | 'rest' | 'resume'>;
  /** New starts may fire: the run is held, and neither paused nor ending. */
  readonly mayFire: boolean;
  /** The log is known to its end: ends of attempts can be recorded. */
  readonly mayRecord: boolean;
  /** Monotonic time before which nobody may judge what a former holder did: it may be stopped, and wake. */
  readonly reconcileAt: number;
  /** Something was put in the outbox that should be written now. */
  flush(): void;
  /** A start was put in the outbox that may wait a moment. */
  flushSoon(): void;
  /** A step has ended for good; `number` is its entry in the outbox. */
  onStepEnd(step: OpenStep, event: NewEvent, number: number): void;
  /** An attempt ended without ending the step. */
  onAttemptEnd(): void;
  /** Asks the store whether the run is still held here; rejects, and ends the session, where it is not. */
  confirmHeld(): Promise<void>;
  /** Resolves when everything up to this entry is durable; rejects when the session is over. */
  whenDurable(number: number): Promise<void>;
}
