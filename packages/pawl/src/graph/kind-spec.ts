/** What a graph knows of each step kind: what `with` may hold, how the step can end, where it runs. */
export interface KindSpec {
  readonly name: string;
  /** Good ones and bad ones; every kind can also end `failed`. `condition`: its branches come on top. */
  readonly labels: readonly string[];
  /** The queue where none is named; JamJet's names. */
  readonly queue: string;
  /** What the driver asks for: work on a slot, an open question, or a run of its own. */
  readonly opens: 'step' | 'wait' | 'child';
  readonly required: readonly string[];
  /** Undefined: whatever the kind's own schema takes. */
  readonly optional?: readonly string[] | undefined;
  /** What it does, in a sentence for docs/kinds.md and editors. */
  readonly does?: string | undefined;
  /** What it gives as `output`. */
  readonly gives?: string | undefined;
  /** It is part of the format, and this version has no executor for it. */
  readonly isLater?: boolean;
}

/** A kind that somebody brings: what `defineKind` returns is one. Whatever it leaves open is that of a plain step. */
export type CustomKind = Pick<KindSpec, 'name'> &
  Partial<Omit<KindSpec, 'labels'>> & {
    /** `any`: a graph cannot know them, and counts on `ok` alone. */
    readonly labels?: KindSpec['labels'] | 'any';
  };

/** Every label that a step of this kind can end with. */
export function labelsOf(spec: KindSpec, branches: readonly string[]): ReadonlySet<string> {
  return new Set([...spec.labels, ...branches, 'failed']);
}
