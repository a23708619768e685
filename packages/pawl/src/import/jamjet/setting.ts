/** What every reader of a JamJet file knows: the report, the names that it may use, and what stands at the top. */
import type { DataStyle } from '../data-path.ts';
import type { Fields, Part } from '../part.ts';
import type { Report } from '../report.ts';
import type { Resources } from './resources.ts';

export interface Setting {
  readonly report: Report;
  readonly style: DataStyle & { readonly spokenOf: Set<string> };
  readonly resources: Resources;
  /** Retry policies of the file, and those that its names stand for. */
  readonly retries: Fields;
  /** Limits of time that hold for every node without one of its own. */
  readonly timeouts: { readonly node: string | undefined; readonly approval: string | undefined };
  /** Edges exclude each other: the first one whose condition is true is taken. */
  readonly isFirstTaken: boolean;
  /** What a node gives is merged into the state where nothing else is said. */
  readonly savesAll: boolean;
}

/** An edge as the file has it. */
export interface Onward {
  readonly to: string;
  readonly when: Part | undefined;
  readonly at: Part;
}
