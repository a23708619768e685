/** A broken promise of the engine, as the simulation found it. */

export interface Violation {
  /** Which rule; the same word for the same kind of breach, so that a smaller world can be told to break the same one. */
  readonly rule: string;
  readonly detail: string;
}

/** Says that a rule is broken. */
export type Judge = (rule: string, detail: string) => void;
