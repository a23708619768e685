/** What a worker's session asks of the driver of a run, whatever the workflow was written as. */
import type { Command, Delivery, ParkReason, StepPath } from '../run/index.ts';

export interface RunDriver {
  /** Begins; nothing fires before it has caught up. */
  start(): void;
  /** The end of a step, wait or child, in log order. */
  deliver(delivery: Delivery): void;
  /** Everything recorded has been delivered: from here on calls become commands. */
  catchUp(): void;
  /** What is asked for since the last look; at most `maxDispatch` steps at once, and `onActivity` where there are more. */
  takeCommands(): readonly Command[];
  /** Calls whose end has not been delivered, those that are being cancelled included. */
  readonly openCount: number;
  isOpen(path: StepPath): boolean;
  readonly openCalls: readonly { readonly path: StepPath; readonly kind: string }[];
  /** Calls of the log that the driver has not made. */
  readonly missingCalls: readonly { readonly path: StepPath; readonly kind: string }[];
  /** How it departed from the log. */
  readonly difference: string | undefined;
  /** Why it cannot go on without a person. */
  readonly parked: { readonly reason: ParkReason; readonly message: string } | undefined;
  readonly deliveries: number;
  readonly hasEnded: boolean;
  readonly isCaughtUp: boolean;
  /** A call that never reached the log: nothing will be delivered for it. */
  drop(path: StepPath): void;
  /** It waits for its next attempt, or executes again: only while it executes does it hold a place. */
  setResting(path: StepPath, isResting: boolean): void;
  /** The run is cancelled: nothing new starts but steps with `finalize: always`; it has ended once they have. */
  cancel(reason: string): void;
  /** Lost or parked: it asks for nothing any more. */
  abandon(): void;
}
