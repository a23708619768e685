/** A graph as a workflow: what an engine registers and starts, made of a document or of its text. */
import { pawlError } from '../errors/index.ts';
import { parserOf, type Schema } from '../std/index.ts';
import { MAX_PROBLEMS_IN_ERROR } from './defaults.ts';
import { withFirstState } from './first-state.ts';
import type { Graph } from './graph.ts';
import type { Problem } from './problem.ts';
import { type Validation, type ValidationOptions, validateText, validateValue } from './validate.ts';

/** A graph that passed its validation; immutable. `Input` is what its expressions see, `Given` what a start passes. */
export interface GraphWorkflow<Input = unknown, Output = unknown, Given = Input> {
  readonly name: string;
  readonly version: string;
  /** Of the canonical document, however that was written: YAML, JSON or TypeScript. */
  readonly digest: string;
  readonly graph: Graph;
  /** Checks an input at the start of a run, and fills in its defaults. Undefined: any input. */
  readonly inputSchema: Schema<Input, Given> | undefined;
  /** The driver checks the output. */
  readonly outputSchema: undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly deadlineMs: number | undefined;
  /** Runs of another version are never taken over: their log follows another graph. */
  readonly compatible: readonly string[];
  /** Steps with `finalize: always` clean up. */
  readonly onCancel: undefined;
  /** What is legal and hardly what was meant. */
  readonly warnings: readonly Problem[];
  /** For the compiler alone: never there. */
  readonly types?: { readonly output: Output };
}

/**
 * A graph of its text, YAML or JSON.
 * @throws `GRAPH_INVALID` with all of its problems, their lines included; `cause` is the list of them
 * @example
 * const review = parseGraph(readFileSync('review.yaml', 'utf8'));
 */
export function parseGraph(text: string, options: ValidationOptions = {}): GraphWorkflow {
  return workflowOf(validateText(text, options));
}

/**
 * A graph of a document that a program made or read: plain data.
 * @throws `GRAPH_INVALID` with all of its problems; `cause` is the list of them
 */
export function graphFrom(document: unknown, options: ValidationOptions = {}): GraphWorkflow {
  return workflowOf(validateValue(document, options));
}

/** What would not be enforced is refused like what is wrong. */
export function workflowOf({ graph, problems, count }: Validation): GraphWorkflow {
  const refused = problems.filter(({ severity }) => severity !== 'warning');
  if (graph === undefined || refused.length > 0)
    throw pawlError(
      'GRAPH_INVALID',
      { name: graph ? ` "${graph.name}"` : '', problems: linesOf(refused, count - problems.length) },
      { cause: refused },
    );
  const { name, version, digest, input, state, labels, deadlineMs } = graph;
  return Object.freeze({
    name,
    version,
    digest,
    graph,
    inputSchema: withFirstState(input && parserOf(input), state),
    outputSchema: undefined,
    labels,
    deadlineMs,
    compatible: [],
    onCancel: undefined,
    warnings: problems,
  });
}

function linesOf(problems: readonly Problem[], unlisted: number): string {
  const lines = problems.slice(0, MAX_PROBLEMS_IN_ERROR).map(({ line, column, code, message }) => {
    const place = line === undefined ? '' : `${line}:${column} `;
    return `\n  ${place}${code}: ${message}`;
  });
  const rest = problems.length - lines.length + unlisted;
  return `${lines.join('')}${rest > 0 ? `\n  and ${rest} more` : ''}`;
}

/** Whether a value is a graph as `graph()`, `parseGraph()` and `graphFrom()` give it (of this or another copy of the package). */
export function isGraphWorkflow(value: unknown): value is GraphWorkflow {
  const candidate = value as Partial<GraphWorkflow> | null;
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.name === 'string' &&
    typeof candidate.digest === 'string' &&
    Array.isArray(candidate.graph?.steps)
  );
}
