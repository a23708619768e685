/** How a run is shown while somebody follows it: redrawn in a terminal, line by line in a pipe, not at all with `--json`. */
import type { FamilyEvent } from './family.ts';

export interface Watch {
  /** Something happened to the run or to one below it. */
  take(event: FamilyEvent): void;
  /** Lines that stay on the screen. */
  say(...lines: readonly string[]): void;
  /** Leaves the terminal to a question. */
  pause(): void;
  resume(): void;
  /** Draws the last picture and leaves the terminal as it was found. */
  close(): void;
}

/** For `--json`. */
export const SILENT: Watch = {
  take: () => undefined,
  say: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
  close: () => undefined,
};
