/** A workflow as everything but its own driver sees it: a definition with a name, a version and a digest. */
import type { Schema } from '../std/index.ts';

/** What `onCancel` learns; it runs as a recorded step, at least once. */
export interface CancelContext {
  readonly runId: string;
  readonly reason: string | undefined;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** A workflow of any form (a function, a graph), whose types are not known here. */
export interface AnyWorkflow {
  readonly name: string;
  readonly version: string;
  /** Of everything that is declared: a version never changes it. */
  readonly digest: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly deadlineMs: number | undefined;
  /** Other versions whose live runs it can go on with. */
  readonly compatible: readonly string[];
  readonly inputSchema: Schema | undefined;
  readonly outputSchema: Schema | undefined;
  readonly onCancel: ((context: CancelContext) => unknown) | undefined;
}

/** Whether a value is a workflow (of this or another copy of the package), whatever it was written as. */
export function isWorkflow(value: unknown): value is AnyWorkflow {
  const candidate = value as { readonly [key: string]: unknown } | null;
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    (typeof candidate.run === 'function' || typeof candidate.graph === 'object') &&
    typeof candidate.digest === 'string' &&
    typeof candidate.name === 'string'
  );
}
