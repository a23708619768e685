/** What a worker's session asks of the driver of a run, whatever the workflow was written as. */
import type { Failure } from '../step/index.ts';
import type { Command } from './commands.ts';
import type { Delivery } from './delivery.ts';
import type { StepPath } from './path.ts';
import type { ParkReason } from './status.ts';

/** A call as the log knows it, by its first event. */
export interface RecordedCall {
  readonly path: StepPath;
  readonly kind: string;
  readonly check: string | undefined;
  /** Deliveries that had been made when it was called. */
  readonly n: number;
}

/** The run is to stop: it is cancelled, or (with a failure) its deadline has passed. */
export interface StopOrder {
  readonly reason: string;
  readonly failure?: Failure | undefined;
}

/** A finalizer that nobody else holds to its deadline, which counts from its first event. */
export interface Limited {
  readonly path: StepPath;
  readonly limitMs: number;
}

/** A finalizer, or an item of one, that is not waited for any more: as if it had failed. */
export interface GivenUp {
  readonly path: StepPath;
  readonly reason: string;
  readonly failure: Failure;
}

/** A message that reached a wait after the function had ended. */
export interface UnseenSignal {
  readonly name: string;
  readonly delivery: Delivery;
}

type OpenCall = Pick<RecordedCall, 'path' | 'kind'>;

/** Nothing here knows a clock, a store or a worker; everything follows from what the driver is told, in that order. */
export interface RunDriver {
  /** Whether it is quiet as soon as a method returns; else it goes on by itself, and `onActivity` tells. */
  readonly isSynchronous: boolean;
  /** Begins; nothing fires before it has caught up. */
  start(): void;
  /** Tells of a call that the log holds, before its end comes. */
  expect(record: RecordedCall): void;
  /** Whether the end of this call can be handed over now, as the log has it. */
  isReadyFor(path: StepPath): boolean;
  /** The end of a step, wait or child, in log order. */
  deliver(delivery: Delivery): void;
  /** Everything recorded has been delivered: from here on calls become commands. */
  catchUp(): void;
  /** What is asked for since the last look. */
  takeCommands(): readonly Command[];
  /** Calls whose end has not been delivered, those that are being cancelled included. */
  readonly openCount: number;
  isOpen(path: StepPath): boolean;
  /** Open, and neither cancelled nor sealed since. */
  isWanted(path: StepPath): boolean;
  readonly openCalls: readonly OpenCall[];
  /** Calls of the log that the driver has not made. */
  readonly missingCalls: readonly OpenCall[];
  /** How it departed from the log. */
  readonly difference: string | undefined;
  /** Why it cannot go on without a person. */
  readonly parked: { readonly reason: ParkReason; readonly message: string } | undefined;
  readonly deliveries: number;
  readonly hasEnded: boolean;
  readonly unseenSignals: readonly UnseenSignal[];
  /** A call that never reached the log: nothing will be delivered for it. */
  drop(path: StepPath): void;
  /** The step waits for its next attempt, and holds no place meanwhile. */
  rest(path: StepPath): void;
  /** Whether there is a place for its next attempt; then it has it. */
  resume(path: StepPath): boolean;
  /**
   * Nothing new starts. False where the driver is only left where it is, and whoever stops it closes what is open; true where
   * it closes that itself, cleans up, and has ended after that.
   */
  stop(order: StopOrder): boolean;
  /** Of a driver that cleans up by itself: what has to be given up when its time is over. */
  readonly limited?: Limited | undefined;
  /** What that had open is cancelled, and the clean up goes on with what follows. */
  giveUp?(given: GivenUp): void;
  /** Lost, parked or over: it asks for nothing any more. */
  abandon(reason: string): void;
}
