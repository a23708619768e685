/** The world's time and what is due in it: one task after the other, each with everything it sets off before the next. */

/** Who a task belongs to: it is held back while its owner is stopped, and falls with it. */
export interface Owner {
  readonly name: string;
  readonly state: 'up' | 'stopped' | 'dead';
  /** Up, and not stopped for a while. */
  readonly isWell: boolean;
  /** Takes a task that came due while it was stopped. */
  hold(task: Task): void;
}

export interface Task {
  atMs: number;
  order: number;
  readonly owner: Owner | undefined;
  readonly what: string;
  readonly run: () => void;
  isOff: boolean;
}

export class Scheduler {
  readonly #onTask: (task: Task) => void;
  readonly #settled: () => Promise<void>;
  readonly #heap: Task[] = [];
  #nowMs = 0;
  #order = 0;
  #steps = 0;

  /** `settled` resolves when everything is done that a task set off. */
  constructor(onTask: (task: Task) => void, settled: () => Promise<void>) {
    this.#onTask = onTask;
    this.#settled = settled;
  }

  /** Milliseconds since the world began; not a whole number. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Tasks that were run. */
  get steps(): number {
    return this.#steps;
  }

  at(
    atMs: number,
    what: string,
    task: { readonly owner?: Owner | undefined; readonly run: () => void },
  ): Task {
    const { owner, run } = task;
    const entry: Task = {
      atMs: Math.max(atMs, this.#nowMs),
      order: this.#order++,
      owner,
      what,
      run,
      isOff: false,
    };
    this.#push(entry);
    return entry;
  }

  in(delayMs: number, what: string, run: () => void): Task {
    return this.at(this.#nowMs + delayMs, what, { run });
  }

  /** Puts a task that was held back into line again, now: the same one, so that it can still be called off. */
  again(task: Task): void {
    if (task.isOff) return;
    task.atMs = this.#nowMs;
    task.order = this.#order++;
    this.#push(task);
  }

  /** Runs tasks in order until it is told to stop or nothing is left. */
  async runUntil(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const task = this.#pop();
      if (!task) return;
      if (task.isOff || task.owner?.state === 'dead') continue;
      this.#nowMs = Math.max(this.#nowMs, task.atMs);
      if (task.owner?.state === 'stopped') {
        task.owner.hold(task);
        continue;
      }
      this.#steps++;
      this.#onTask(task);
      task.run();
      await this.#settled();
    }
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let index = heap.push(task) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above] as Task;
      if (isBefore(parent, task)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = task;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right && isBefore(right, heap[below] as Task)) below++;
      const child = heap[below] as Task;
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = last;
    return top;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
