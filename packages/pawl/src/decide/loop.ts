/** Loops of a run: how often each was visited, and whether it is over. */
import type { GraphLoop, GraphStep } from '../graph/index.ts';

interface LoopState {
  /** Visits of its target since it was last entered from outside. */
  visits: number;
  /** Sources that have not settled, and inner loops around them that are not over. */
  left: number;
}

/** entered → visited again and again → *over* when every source has settled without a loop edge, and the inner loops are. */
export class Loops {
  readonly #states = new Map<GraphLoop, LoopState>();
  readonly #byTarget = new Map<GraphStep, GraphLoop>();
  readonly #bySource = new Map<GraphStep, GraphLoop[]>();
  readonly #outer = new Map<GraphLoop, GraphLoop[]>();

  constructor(loops: readonly GraphLoop[]) {
    for (const loop of loops) {
      this.#states.set(loop, { visits: 0, left: leftAtFirst(loop) });
      this.#byTarget.set(loop.target, loop);
      for (const source of loop.sources) push(this.#bySource, source, loop);
      for (const inner of loop.waitsFor) push(this.#outer, inner, loop);
    }
  }

  #of(loop: GraphLoop): LoopState {
    return this.#states.get(loop) as LoopState;
  }

  isOver(loop: GraphLoop): boolean {
    return this.#of(loop).left === 0;
  }

  /** `max` counts the first visit too. */
  mayVisit(loop: GraphLoop, max: number): boolean {
    return this.#of(loop).visits < max;
  }

  /** A step began, and not by a loop edge. */
  entered(step: GraphStep): void {
    const loop = this.#byTarget.get(step);
    if (loop) this.#of(loop).visits = 1;
  }

  /** A step ended, was skipped or cancelled, and no loop edge was taken: the loops that are over now. */
  settled(step: GraphStep): readonly GraphLoop[] {
    const over: GraphLoop[] = [];
    for (const loop of this.#bySource.get(step) ?? []) this.#countDown(loop, over);
    return over;
  }

  #countDown(loop: GraphLoop, over: GraphLoop[]): void {
    const state = this.#of(loop);
    state.left--;
    if (state.left > 0) return;
    over.push(loop);
    for (const outer of this.#outer.get(loop) ?? []) this.#countDown(outer, over);
  }

  /** A loop edge was taken. `settled`: the steps of the body that had settled, and will again. */
  again(loop: GraphLoop, settled: readonly GraphStep[]): void {
    this.#of(loop).visits++;
    const anew = new Set([loop, ...loop.inner]);
    for (const step of settled)
      for (const other of this.#bySource.get(step) ?? []) if (!anew.has(other)) this.#of(other).left++;
    for (const one of anew) {
      if (this.isOver(one))
        for (const outer of this.#outer.get(one) ?? []) if (!anew.has(outer)) this.#of(outer).left++;
    }
    for (const one of anew) this.#of(one).left = leftAtFirst(one);
  }
}

function leftAtFirst({ sources, waitsFor }: GraphLoop): number {
  return sources.length + waitsFor.length;
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
