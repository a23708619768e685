/** For tests: imports of values, and a look at what came out. */
import { validateValue } from '../../../packages/pawl/src/graph/index.ts';
import type { Json } from '../../../packages/pawl/src/std/index.ts';
import { type ImportFormat, importGraph } from '../../../packages/pawl/src/import/index.ts';

export type Fields = { [key: string]: Json };

export interface Imported {
  readonly graph: Fields | undefined;
  readonly steps: { readonly [name: string]: Fields };
  readonly edges: readonly Json[];
  /** `path CODE`, in the order of the file. */
  readonly refused: readonly string[];
  /** `fate path → to: note`. */
  readonly report: readonly string[];
}

export function imported(format: ImportFormat, value: Json | string, name = 'flow.json'): Imported {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const { graph, report, refusals } = importGraph(format, [{ name, text }]);
  const fields = graph as Fields | undefined;
  return {
    graph: fields,
    steps: (fields?.['steps'] ?? {}) as { readonly [name: string]: Fields },
    edges: (fields?.['edges'] ?? []) as readonly Json[],
    refused: refusals.map(({ path, code }) => `${path} ${code}`),
    report: report.map(({ fate, path, to = '', note = '' }) => `${fate} ${path} → ${to}: ${note}`),
  };
}

/** What our validation has against a graph; what registration refuses until it works is fine. */
export function errorsOf(graph: Json | undefined): readonly string[] {
  return validateValue(graph)
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path} ${message}`);
}

interface Leaf {
  readonly path: string;
  /** Of what it is in, outermost first, itself included. */
  readonly within: readonly string[];
}

const PLAIN = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;

/** Every value that is no list or object with anything in it. */
function leavesOf(value: Json, path = '', within: readonly string[] = []): readonly Leaf[] {
  const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isLeaf) return [{ path, within }];
  return Object.entries(value).flatMap(([key, part]) => {
    const inner = path === '' ? key : `${path}.${key}`;
    const quoted = PLAIN.test(key) ? inner : `${path}[${JSON.stringify(key)}]`;
    const next = Array.isArray(value) ? `${path}[${key}]` : quoted;
    return leavesOf(part, next, [...within, next]);
  });
}

/** Leaves that no entry is about. */
export function unreported(format: ImportFormat, value: Json): readonly string[] {
  const { report } = importGraph(format, [{ name: 'flow.json', text: JSON.stringify(value) }]);
  const paths = new Set(report.map(({ path }) => path));
  return leavesOf(value).flatMap(({ path, within }) => (within.some((one) => paths.has(one)) ? [] : [path]));
}
