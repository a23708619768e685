/** Which ends each call of a run followed, by its log and by the scopes that its path tells of. */
import type { StepView } from './api.ts';
import { followed, type Told } from './told.ts';

type Call = Pick<StepView, 'path' | 'after'>;

/** An end that was told, with what came of it. */
interface End {
  readonly told: Told;
  readonly parts: readonly string[];
  /** How many parts of its path the closest call shares that followed it. */
  closest: number;
}

/** A `parallel`, `race` or `map`: it is over with the last end of what was called in it. */
interface ScopeCall {
  readonly ends: End[];
  /** The number of its last end; Infinity while anything in it is open. */
  over: number;
}

/**
 * Ends that came between two turns are not all followed: a branch waits for no other branch, and nobody outside waits for
 * less than the whole of a `parallel`, a `race` or a `map`. So what a window holds is read with the paths: names and branches
 * take turns in them (`checks/lint/run` is `run` in the branch `lint` of `checks`).
 */
export class Followed {
  readonly #told: readonly Told[];
  readonly #ends: readonly End[];
  readonly #scopes = new Map<string, ScopeCall>();
  /** Calls of one turn and one scope followed the same ends. */
  #turn: { readonly n: number; readonly byScope: Map<string, readonly End[]> } = {
    n: -1,
    byScope: new Map(),
  };

  constructor(told: readonly Told[], calls: readonly Call[]) {
    this.#told = told;
    this.#ends = told.map((one) => ({ told: one, parts: one.path.split('/'), closest: -1 }));
    const numbers = new Map(told.map(({ path }, index) => [path, index + 1]));
    for (const { path } of calls) if (path.includes('/')) this.#count(path.split('/'), numbers.get(path));
    for (const end of this.#ends) {
      if (end.told.isDropped) continue;
      for (let depth = 1; depth < end.parts.length; depth += 2)
        this.#scopes.get(scopeOf(end.parts, depth))?.ends.push(end);
    }
  }

  #count(parts: readonly string[], number: number | undefined): void {
    const isDropped = number !== undefined && this.#told[number - 1]?.isDropped;
    for (let depth = 1; depth < parts.length; depth += 2) {
      const path = scopeOf(parts, depth);
      const scope = this.#scopes.get(path) ?? { ends: [], over: 0 };
      if (!isDropped) scope.over = Math.max(scope.over, number ?? Number.POSITIVE_INFINITY);
      this.#scopes.set(path, scope);
    }
  }

  /** Calls come in the order in which they were made. */
  by({ path, after }: Call): readonly Told[] {
    if (!after) return [];
    if (this.#turn.n !== after.n) this.#turn = { n: after.n, byScope: new Map() };
    const parts = path.split('/');
    const scope = scopeOf(parts, parts.length - 1);
    const known = this.#turn.byScope.get(scope);
    const ends = known ?? this.#endsFor(parts, after);
    if (!known) this.#turn.byScope.set(scope, ends);
    for (const end of ends) end.closest = Math.max(end.closest, sharedOf(end.parts, parts));
    return ends.map(({ told }) => told);
  }

  #endsFor(parts: readonly string[], after: NonNullable<Call['after']>): readonly End[] {
    const window = this.#windowOf(after);
    const ends = new Set<End>();
    for (const end of window) for (const source of this.#seenFrom(parts, end, after)) ends.add(source);
    return ends.size > 0 ? [...ends] : window.slice(-1); // a place that became free, or a promise of the function's own
  }

  #windowOf({ n, since = n - 1 }: NonNullable<Call['after']>): readonly End[] {
    const kept = new Set(followed(this.#told, { n, since }));
    return this.#ends.slice(Math.max(0, since), n).filter(({ told }) => kept.has(told));
  }

  /** The end itself, all the ends of the scope that it is in and that is over with it, or nothing. */
  #seenFrom(
    parts: readonly string[],
    end: End,
    { n, since = n - 1 }: NonNullable<Call['after']>,
  ): readonly End[] {
    const shared = sharedOf(end.parts, parts);
    if (shared % 2 === 1) return []; // in another branch
    if (end.parts.length === shared + 1) return [end];
    const scope = this.#scopes.get(scopeOf(end.parts, shared + 1));
    if (!scope || scope.over <= since || scope.over > n) return [];
    return scope.ends.filter(({ closest }) => closest < shared + 2); // the last ones of their branches
  }
}

function scopeOf(parts: readonly string[], depth: number): string {
  return parts.slice(0, depth).join('/');
}

/** How many parts two paths have in common, from the left. */
function sharedOf(one: readonly string[], other: readonly string[]): number {
  let shared = 0;
  while (shared < one.length && one[shared] === other[shared]) shared++;
  return shared;
}
