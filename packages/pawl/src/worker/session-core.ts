/** What the parts of a session share: the run, its folded state, its function, its outbox and its steps. */
import type {
  AnyWorkflow,
  Command,
  ParkReason,
  RunDriver,
  RunRef,
  RunState,
  StoredEvent,
} from '../run/index.ts';
import type { DriverStops } from './driver-stops.ts';
import type { SessionHost } from './host.ts';
import type { Outbox } from './outbox.ts';
import type { StepRunner } from './step-runner.ts';

export interface SessionStart {
  readonly run: RunRef & { readonly num: number };
  readonly epoch: number;
  readonly workflow: AnyWorkflow;
  readonly strikes: number;
  /** Monotonic time before which nobody may judge what a former holder did. */
  readonly reconcileAt?: number;
  /** The log so far, where it is known without reading: a run that was just created. */
  readonly events?: readonly StoredEvent[];
}

/** How the function of a run ended. */
export type Ending = Extract<Command, { type: 'Complete' | 'Fail' | 'ContinueAsNew' }>;

export interface SessionCore {
  readonly host: SessionHost;
  readonly run: RunRef & { readonly num: number };
  readonly workflow: AnyWorkflow;
  readonly state: RunState;
  driver: RunDriver;
  readonly outbox: Outbox;
  readonly steps: StepRunner;
  readonly strikes: number;
  readonly children: { readonly isWaiting: boolean; cancel(path: string, reason: string): void };
  readonly cancelFlow: { noteCleanedUp(): void; conclude(): void };
  /** What the driver was told, where it cleans up by itself. */
  readonly stops: DriverStops;
  readonly isHeld: boolean;
  ending: Ending | undefined;
  /** Paths of waits and children whose opening is in the outbox or in the log. */
  readonly opened: Set<string>;
  /** Definitions of children that are being looked up: the run is not idle meanwhile. */
  readonly lookUps: Set<string>;
  /** When something is due next, whatever it is. */
  readonly nextDueAt: number | undefined;
  flush(): void;
  scheduleTurn(): void;
  park(reason: ParkReason, message: string, path?: string): void;
}
