/** The state of a run: folded from what steps save, in log order, by the rule of each key. */
import {
  type Assignment,
  type ExpressionScope,
  type GraphState,
  type MergeRule,
  type StateKey,
  textOfPath,
} from '../graph/index.ts';
import { type Json, lineOf, type Misfit } from '../std/index.ts';
import { Kept } from './kept.ts';

export type Saving =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: 'EXPRESSION_FAILED' | 'STATE_MISFIT';
      readonly problem: string;
    };

type Values = Readonly<Record<string, Json>>;

/**
 * What is saved costs what it adds, not what there is: keys are set, and lists and objects that were made here grow, in place.
 * Whoever wants what it saw to stay keeps it.
 */
export class Memory {
  readonly #rules: GraphState;
  readonly #kept: Kept<Json>;
  /** Keys whose list or object was made by a merge here, and that nobody keeps. */
  readonly #own = new Set<string>();

  constructor(rules: GraphState, input: Json | undefined) {
    this.#rules = rules;
    const first = [...(rules.keys ?? [])].map(([key, { first }]) => [key, first] as const);
    const inherited = rules.startsFromInput && isObject(input) ? input : {};
    this.#kept = new Kept({ ...Object.fromEntries(first), ...inherited });
  }

  /** As they are until the next save. */
  get values(): Values {
    return this.#kept.values;
  }

  /** As they are now, until they are released. */
  keep(): Values {
    return this.#kept.keep();
  }

  release(values: Values): void {
    this.#kept.release(values);
  }

  /** All of it or nothing: an expression that fails, or a value that does not fit its rule, saves nothing. */
  save(assignment: Assignment, scope: ExpressionScope): Saving {
    if (this.#kept.isKept) this.#own.clear();
    const changes: ((values: Record<string, Json>) => void)[] = [];
    for (const [key, evaluated] of assigned(assignment, scope)) {
      if (!evaluated.ok) return { ...evaluated, code: 'EXPRESSION_FAILED' };
      const change = this.#changeOf(key, evaluated.value);
      if (typeof change !== 'function') return change;
      changes.push(change);
    }
    const values = this.#kept.change();
    for (const change of changes) change(values);
    return { ok: true };
  }

  /** What saving a value under a key does, or why it cannot be done. */
  #changeOf(key: string, value: Json): ((values: Record<string, Json>) => void) | Refusal {
    const declared = this.#rules.keys?.get(key);
    const isKnown = this.#rules.keys === undefined || declared || this.#rules.startsFromInput;
    if (!isKnown) return refused(`the state has no key "${key}"`);
    const rule = declared?.merge ?? 'replace';
    const old = Object.hasOwn(this.values, key) ? (this.values[key] as Json) : null;
    const schema = declared?.schema;
    const mayGrow = this.#own.has(key) && (schema === undefined || schema.isByPart);
    const grow = mayGrow ? growthOf(old, value) : undefined;
    const merged = grow ? undefined : MERGES[rule](old, value);
    if (!grow && merged === undefined)
      return refused(`what is saved as "${key}" cannot be merged by "${rule}"`);
    const problem = schema && misfitOf({ key, schema, old, value, merged });
    if (problem !== undefined) return { ok: false, code: 'STATE_MISFIT', problem };
    if (grow) return grow;
    return (values) => {
      values[key] = merged as Json;
      if (rule === 'append' || rule === 'merge') this.#own.add(key);
    };
  }
}

type Refusal = Exclude<Saving, { readonly ok: true }>;

function refused(problem: string): Refusal {
  return { ok: false, code: 'EXPRESSION_FAILED', problem };
}

interface Merged {
  readonly key: string;
  readonly schema: NonNullable<StateKey['schema']>;
  readonly old: Json;
  /** What is saved. */
  readonly value: Json;
  /** What the key then holds; undefined where the old value grows in its place. */
  readonly merged: Json | undefined;
}

/** What of the value of a key does not fit its schema, once it is merged. */
function misfitOf({ key, schema, old, value, merged }: Merged): string | undefined {
  const { length } = Array.isArray(old) ? old : [];
  const isPart = schema.isByPart;
  const part = isPart && Array.isArray(old) && !Array.isArray(value) ? [value] : value;
  const found = lineOf(
    schema.misfitsOf(isPart ? part : merged).map((one) => (isPart ? moved(one, length) : one)),
  );
  return found && `${textOfPath(['state', key])}: ${found}`;
}

/** The place of an appended item in the whole list. */
function moved({ path: [first, ...rest], message }: Misfit, by: number): Misfit {
  if (first === undefined) return { path: [], message };
  return { path: [by === 0 ? first : String(Number(first) + by), ...rest], message };
}

/** Undefined where the two cannot be brought together; what is a list, or an object, was made by its rule. */
function growthOf(old: Json, value: Json): (() => void) | undefined {
  if (Array.isArray(old))
    return () => {
      for (const item of Array.isArray(value) ? value : [value]) old.push(item);
    };
  if (!isObject(old) || !isObject(value)) return undefined;
  return () => {
    Object.assign(old, value);
  };
}

type Part = readonly [
  string,
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string },
];

function assigned(assignment: Assignment, scope: ExpressionScope): readonly Part[] {
  if (assignment.type === 'keys')
    return assignment.keys.map(([key, expression]) => [
      key,
      located(`save.${key}`, expression.evaluate(scope)),
    ]);
  const evaluated = located('save', assignment.expression.evaluate(scope));
  if (!evaluated.ok) return [['', evaluated]];
  if (!isObject(evaluated.value))
    return [['', { ok: false, problem: 'save: what is merged into the state must be an object' }]];
  return Object.entries(evaluated.value).map(([key, value]) => [key, { ok: true, value }]);
}

function located(where: string, evaluated: Part[1]): Part[1] {
  return evaluated.ok ? evaluated : { ok: false, problem: `${where}: ${evaluated.problem}` };
}

/** Undefined: the two cannot be brought together. */
export const MERGES: Readonly<Record<MergeRule, (old: Json, value: Json) => Json | undefined>> = {
  replace: (_old, value) => value,
  /** A list is joined to the list, anything else becomes its last item. */
  append: (old, value) => (Array.isArray(old) ? old.concat(value) : undefined),
  merge: (old, value) => (isObject(old) && isObject(value) ? { ...old, ...value } : undefined),
  max: (old, value) => numbers(old ?? value, value, Math.max),
  sum: (old, value) => numbers(old, value, (a, b) => a + b),
};

function numbers(a: Json, b: Json, compute: (a: number, b: number) => number): number | undefined {
  return typeof a === 'number' && typeof b === 'number' ? compute(a, b) : undefined;
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
