/** A node of a Harn graph, and what every reader of one needs. */
import type { Part, StepFields } from '../part.ts';

export interface HarnNode {
  readonly id: string;
  readonly kind: string;
  readonly part: Part;
  /** What it has to hold. */
  readonly verify: Part;
  /** The nearest nodes before it that give anything. */
  readonly before: readonly string[];
  /** Fields that the whole file gives to nodes without their own: those of the shorthand. */
  readonly defaults: Part | undefined;
  /** Kinds of artifacts that each node gives. */
  readonly gives: ReadonlyMap<string, readonly string[]>;
}

/** How the branches of a node become labels. */
export interface Branch {
  readonly on?: readonly string[];
  readonly when?: string;
}

export interface HarnStep {
  readonly step: StepFields;
  /** Undefined: the branch is one that the node gives there, and nothing here. */
  readonly branches: Readonly<Record<string, readonly Branch[] | undefined>>;
  /** Good labels of the step, which unlabelled edges leave on. */
  readonly good: readonly string[];
}

export function stepTarget({ id }: HarnNode, field: string): string {
  return `steps.${id}.${field}`;
}

/** How an expression speaks of a step. */
export function stepRef(id: string): string {
  return /^[A-Za-z_]\w*$/.test(id) ? `steps.${id}` : `steps[${JSON.stringify(id)}]`;
}

/** A text that is none of our templates, whatever is in it. */
export function literalText(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}

const CODE = '"VERIFICATION_FAILED"';

/** `failed` and `error` of a step that may fail for two reasons. */
export function failures(
  id: string,
  { isAgent = false, code = CODE } = {},
): Readonly<Record<string, readonly Branch[]>> {
  const failure = `${stepRef(id)}.failure.code`;
  const failed: Branch = { on: ['failed'], when: `${failure} == ${code}` };
  return {
    failed: isAgent ? [{ on: ['exhausted'] }, failed] : [failed],
    error: [{ on: ['failed'], when: `${failure} != ${code}` }],
  };
}
