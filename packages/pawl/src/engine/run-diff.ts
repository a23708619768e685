/** Compares two runs by path and content, in the order in which the first one made its calls. */
import { type Json, payloadOf } from '../std/index.ts';
import type { RunDiff, RunDifference } from './api.ts';
import type { ComparableCall, ComparableRun, Fields } from './comparable-run.ts';
import { type ValueDifference, valueDifference } from './value-difference.ts';

/** Differences that are listed; the others are counted. */
const MAX_DIFFERENCES = 100;

export function runDiff(a: ComparableRun, b: ComparableRun): RunDiff {
  const comparison = new Comparison(a, b);
  comparison.fields({}, a.input, b.input);
  for (const path of pathsOf(a, b)) comparison.call(path);
  comparison.fields({}, a.end, b.end);
  const { differences, count } = comparison;
  return { isEqual: count === 0, a: a.side, b: b.side, differences, count };
}

/** Calls of the first run in their order; what only the second one called stands where it was called there. */
function pathsOf(a: ComparableRun, b: ComparableRun): readonly string[] {
  const places = new Map([...a.calls.keys()].map((path, index) => [path, index]));
  let place = -1;
  for (const path of b.calls.keys()) {
    const known = places.get(path);
    place = known ?? place; // behind the call that it came after
    if (known === undefined) places.set(path, place + 0.5);
  }
  return [...places].sort(([, one], [, other]) => one - other).map(([path]) => path);
}

class Comparison {
  readonly differences: RunDifference[] = [];
  count = 0;
  readonly #a: ComparableRun;
  readonly #b: ComparableRun;
  readonly #orderOfA: CallOrder;
  readonly #orderOfB: CallOrder;
  /** Pairs of calls that were made the other way round, each told once. */
  readonly #turned = new Set<string>();

  constructor(a: ComparableRun, b: ComparableRun) {
    this.#a = a;
    this.#b = b;
    this.#orderOfA = new CallOrder(a.calls);
    this.#orderOfB = new CallOrder(b.calls);
  }

  call(path: string): void {
    const [a, b] = [this.#a.calls.get(path), this.#b.calls.get(path)];
    if (!a || !b) {
      this.#add({ path, field: 'step', ...(a ? { a: briefOf(a) } : {}), ...(b ? { b: briefOf(b) } : {}) });
      return;
    }
    this.#order(a, b);
    this.fields({ path }, a.fields, b.fields);
  }

  fields(where: { readonly path?: string }, a: Fields, b: Fields): void {
    let isOther = false;
    for (const field of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (isOther && CONSEQUENCES.has(field) && !(a[field] && b[field])) continue;
      const found = this.#differenceOf(a[field], b[field]);
      if (!found) continue;
      if (field === 'outcome' || field === 'status') isOther = true;
      this.#add({ ...where, field, ...found });
    }
  }

  #differenceOf(a: string | undefined, b: string | undefined): ValueDifference | undefined {
    return valueDifference({ payload: a, ids: this.#a.ids }, { payload: b, ids: this.#b.ids });
  }

  /**
   * Calls that were made side by side end in any order, and that is no difference. It is one where the first run made a call
   * upon an end, and the second one had made that very call before, on the way to that end.
   */
  #order(a: ComparableCall, b: ComparableCall): void {
    const { path } = a;
    if (a.trigger !== undefined && this.#orderOfB.isBefore(path, a.trigger) && this.#isNew(path, a.trigger))
      this.#add({ path, field: 'order', a: `after ${a.trigger}`, b: `before ${a.trigger}` });
    if (b.trigger !== undefined && this.#orderOfA.isBefore(path, b.trigger) && this.#isNew(path, b.trigger))
      this.#add({ path, field: 'order', a: `before ${b.trigger}`, b: `after ${b.trigger}` });
  }

  #isNew(...pair: readonly string[]): boolean {
    const key = JSON.stringify(pair.toSorted());
    const isNew = !this.#turned.has(key);
    this.#turned.add(key);
    return isNew;
  }

  #add(difference: RunDifference): void {
    this.count++;
    if (this.differences.length < MAX_DIFFERENCES) this.differences.push(difference);
  }
}

/** What one side lacks because it ended in another way is no difference of its own. */
const CONSEQUENCES: ReadonlySet<string> = new Set(['output', 'failure', 'continued', 'by', 'comment']);

function briefOf({ fields }: ComparableCall): Json {
  const read = (payload: string | undefined): Json => JSON.parse(payload ?? payloadOf(null)) as Json;
  return { kind: read(fields['kind']), outcome: read(fields['outcome']) };
}

/** Which calls led to which: each hangs below the call whose end it was made upon. */
class CallOrder {
  /** Numbers of entering and leaving each call on a walk through the tree: what lies between them is below. */
  readonly #spans = new Map<string, { readonly from: number; to: number }>();

  constructor(calls: ComparableRun['calls']) {
    const below = Map.groupBy(calls.values(), ({ trigger }) => trigger);
    const walk: { readonly path: string; readonly isLeft: boolean }[] = [];
    const enter = (parent: string | undefined): void => {
      for (const { path } of below.get(parent) ?? []) walk.push({ path, isLeft: false });
    };
    enter(undefined);
    for (let at = 0, next = walk.pop(); next; at++, next = walk.pop()) {
      const { path, isLeft } = next;
      const span = this.#spans.get(path);
      if (isLeft && span) span.to = at;
      if (isLeft || span) continue;
      this.#spans.set(path, { from: at, to: at });
      walk.push({ path, isLeft: true });
      enter(path);
    }
  }

  /** Whether one call led to the other, at once or over others. */
  isBefore(path: string, other: string): boolean {
    const [outer, inner] = [this.#spans.get(path), this.#spans.get(other)];
    return outer !== undefined && inner !== undefined && outer.from < inner.from && inner.to < outer.to;
  }
}
