/** Paths into data as CEL: what is missing on the way is null, never an error. */
import type { Json } from '../std/index.ts';

/** Where names of the state are looked up. */
export interface DataStyle {
  /** A name alone is one of the state, as in `{{ question }}`. */
  readonly hasBareNames: boolean;
  /** Keys that the graph declares; undefined: it declares none, and any may be missing. */
  readonly declared: ReadonlySet<string> | undefined;
  /** Keys of the state that were spoken of, noted while reading. */
  readonly spokenOf?: Set<string>;
}

export interface DataPath {
  readonly root: string;
  readonly segments: readonly string[];
}

/** A path with the conditions under which it leads somewhere. */
export interface Guarded {
  readonly guards: readonly string[];
  readonly value: string;
}

const ROOTS: ReadonlySet<string> = new Set(['state', 'output', 'input']);
const RESERVED: ReadonlySet<string> = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace ' +
    'return var void while'
  ).split(' '),
);
const WORD = /^[A-Za-z_]\w*$/;

/** `state.a.b`, and where names may stand alone `a.b`; undefined for a text that is no path. */
export function pathOf(text: string, { hasBareNames }: DataStyle): DataPath | undefined {
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*(?:\.[\p{L}\p{N}_$-]+)*$/u.test(text)) return undefined;
  const [first = '', ...rest] = text.split('.');
  if (ROOTS.has(first)) return rest.length > 0 ? { root: first, segments: rest } : undefined;
  return hasBareNames ? { root: 'state', segments: [first, ...rest] } : undefined;
}

/** The path step by step: fields by `has`, places of lists by their size, keys that are no names by `in`. */
export function guarded({ root, segments }: DataPath, { declared, spokenOf }: DataStyle): Guarded {
  if (root === 'state') spokenOf?.add(segments[0] as string);
  const guards: string[] = [];
  let value = root;
  let isPlain = true;
  for (const [index, segment] of segments.entries()) {
    const isDeclared = index === 0 && root === 'state' && declared?.has(segment) === true;
    if (WORD.test(segment) && !RESERVED.has(segment) && isPlain) {
      value = `${value}.${segment}`;
      if (!isDeclared) guards.push(`has(${value})`);
      if (isDeclared && segments.length === 1) return { guards, value: `dyn(${value})` };
      continue;
    }
    isPlain = false;
    if (/^\d+$/.test(segment)) {
      guards.push(`type(${value}) == list && size(${value}) > ${segment}`);
      value = `${value}[${segment}]`;
    } else {
      const owner = index === 0 ? `dyn(${value})` : value;
      guards.push(`type(${owner}) == map && ${JSON.stringify(segment)} in ${owner}`);
      value = `${owner}[${JSON.stringify(segment)}]`;
    }
  }
  return { guards, value: declared === undefined ? value : `dyn(${value})` };
}

/** The value, or something else where the path leads nowhere. */
export function valueOrElse({ guards, value }: Guarded, otherwise: string): string {
  return guards.length === 0 ? value : `${guards.join(' && ')} ? ${value} : ${otherwise}`;
}

/** The template of a path that stands for itself: its value, or null. */
export function templateOf(path: DataPath, style: DataStyle): string {
  return `{{ ${valueOrElse(plain(guarded(path, style)), 'null')} }}`;
}

/** In a template nothing is compared, so that no type has to be forgotten. */
export function plain({ guards, value }: Guarded): Guarded {
  const alone = /^dyn\(([\w.]+)\)$/.exec(value);
  return guards.length === 0 && alone ? { guards, value: alone[1] as string } : { guards, value };
}

/** A value of JSON as CEL writes it. */
export function literalOf(value: Json): string {
  if (typeof value === 'number') return numberOf(value);
  if (Array.isArray(value)) return `[${value.map(literalOf).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${literalOf(part)}`);
    return `{${entries.join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** Whole numbers that CEL's integers cannot hold are written as those of JSON. */
function numberOf(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes('e') ? `${text}.0` : text;
}
