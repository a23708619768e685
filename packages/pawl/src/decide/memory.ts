/** The state of a run: folded from what steps save, in log order, by the rule of each key. */
import type { ExpressionScope, Assignment, GraphState, MergeRule } from '../graph/index.ts';
import type { Json } from '../std/index.ts';

export type Saving = { readonly ok: true } | { readonly ok: false; readonly problem: string };

type Values = Readonly<Record<string, Json>>;

/** Values are replaced and never changed in place, so that whoever holds one keeps what it saw. */
export class Memory {
  readonly #rules: GraphState;
  #values: Values;

  constructor(rules: GraphState, input: Json | undefined) {
    this.#rules = rules;
    const first = [...(rules.keys ?? [])].map(([key, { first }]) => [key, first] as const);
    const inherited = rules.startsFromInput && isObject(input) ? input : {};
    this.#values = { ...Object.fromEntries(first), ...inherited };
  }

  get values(): Values {
    return this.#values;
  }

  /** The values as they are now. */
  snapshot(): Values {
    return this.#values;
  }

  /** All of it or nothing: an expression that fails, or a value that does not fit its rule, saves nothing. */
  save(assignment: Assignment, scope: ExpressionScope): Saving {
    const next: Record<string, Json> = { ...this.#values };
    for (const [key, evaluated] of assigned(assignment, scope)) {
      if (!evaluated.ok) return evaluated;
      const declared = this.#rules.keys?.get(key);
      const isKnown = this.#rules.keys === undefined || declared || this.#rules.startsFromInput;
      if (!isKnown) return { ok: false, problem: `the state has no key "${key}"` };
      const merged = MERGES[declared?.merge ?? 'replace'](next[key] ?? null, evaluated.value);
      if (merged === undefined)
        return { ok: false, problem: `what is saved as "${key}" cannot be merged by "${declared?.merge}"` };
      next[key] = merged;
    }
    this.#values = next;
    return { ok: true };
  }
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
