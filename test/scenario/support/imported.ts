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

/** Paths of every value that is no list or object with anything in it. */
export function leafPaths(value: Json, path = ''): readonly string[] {
  const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isLeaf) return [path];
  if (Array.isArray(value)) return value.flatMap((part, index) => leafPaths(part, `${path}[${index}]`));
  return Object.entries(value).flatMap(([key, part]) => {
    const isPlain = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key);
    const inner = isPlain ? (path === '' ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`;
    return leafPaths(part, inner);
  });
}

/** Leaves that no entry is about. */
export function unreported(format: ImportFormat, value: Json): readonly string[] {
  const { report } = importGraph(format, [{ name: 'flow.json', text: JSON.stringify(value) }]);
  const paths = new Set(report.map(({ path }) => path).filter((path) => path !== ''));
  return leafPaths(value).filter((leaf) => {
    for (let at = leaf; at !== ''; at = at.replace(/(?:\.[^.[\]]*|\[[^[\]]*\]|^[^.[\]]+)$/, ''))
      if (paths.has(at)) return false;
    return true;
  });
}
