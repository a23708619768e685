/** A graph while it is put together: steps and edges by the names of the file, and where each of them came from. */
import type { DocumentPath } from '../graph/index.ts';
import type { Fields, StepFields } from './part.ts';

export interface StepDraft {
  readonly id: string;
  readonly at: DocumentPath;
  readonly step: StepFields;
}

export interface EdgeDraft {
  readonly from: string;
  /** A node of the file, or `end`. */
  readonly to: string;
  readonly at: DocumentPath;
  readonly on?: readonly string[] | undefined;
  readonly when?: string | undefined;
  readonly isElse?: boolean | undefined;
}

export interface Draft {
  /** Everything but steps, edges and start. */
  readonly top: Fields;
  readonly steps: readonly StepDraft[];
  readonly edges: readonly EdgeDraft[];
  readonly start: string;
  /** Where fields of the top came from. */
  readonly origins?: Readonly<Record<string, DocumentPath>>;
  /** Steps that begin where a budget says so. */
  readonly routed: ReadonlySet<string>;
  /** What edges back are given as their `max`, and the words for it. */
  readonly loops: { readonly max: number; readonly note: string };
}

export const END = 'end';
