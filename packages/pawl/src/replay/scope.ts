/** A scope: a part of a run whose names are its own and whose open calls can be sealed together. */
import { pathOf, type StepPath } from '../run/index.ts';
import type { CtxPromise } from './ctx-promise.ts';

export class Scope {
  /** Path of the scope; empty for the run itself. */
  readonly path: StepPath;
  readonly parent: Scope | undefined;
  /** Open signal waits by name: a second call while one is open gets the same promise. */
  readonly signals = new Map<string, CtxPromise<unknown>>();
  readonly #occurrences = new Map<string, number>();
  #isSealed = false;

  constructor(path: StepPath, parent?: Scope) {
    this.path = path;
    this.parent = parent;
  }

  /** Sealed itself, or inside a sealed scope: its calls never settle any more. */
  get isSealed(): boolean {
    return this.#isSealed || (this.parent?.isSealed ?? false);
  }

  seal(): void {
    this.#isSealed = true;
  }

  /** The path of the next occurrence of a name in this scope. */
  nextPath(name: string): StepPath {
    const occurrence = (this.#occurrences.get(name) ?? 0) + 1;
    this.#occurrences.set(name, occurrence);
    return pathOf(this.path, name, occurrence);
  }

  /** The path that the latest call of a name took; undefined before the first. */
  latestPath(name: string): StepPath | undefined {
    const occurrence = this.#occurrences.get(name);
    return occurrence === undefined ? undefined : pathOf(this.path, name, occurrence);
  }

  child(path: StepPath): Scope {
    return new Scope(path, this);
  }

  isWithin(scope: Scope): boolean {
    return this === scope || (this.parent?.isWithin(scope) ?? false);
  }
}
