/** The promise of a ctx call: it knows whether anybody ever looked at it. */

/**
 * A promise that notes when `then` is called on it (await, Promise.all and race all do) and whose rejection is never
 * "unhandled": a step that failed and was never looked at is found when the function ends, not by crashing the worker.
 */
export class CtxPromise<T> extends Promise<T> {
  #isObserved = false;

  /** Derived promises (`p.then(…)`) are ordinary ones: only the call itself is watched. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  get isObserved(): boolean {
    return this.#isObserved;
  }

  override then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onReason?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isObserved = true;
    return super.then(onValue, onReason);
  }

  /** Handles the rejection without counting as a look. */
  preHandle(): this {
    super.then(undefined, () => undefined);
    return this;
  }
}

export interface CtxDeferred<T> {
  readonly promise: CtxPromise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** A ctx promise that the driver settles. */
export function ctxDeferred<T>(): CtxDeferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new CtxPromise<T>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  return { promise: promise.preHandle(), resolve, reject };
}

/** Suspension: a promise that never settles, so that no exception passes through user code. */
export function never<T>(): CtxPromise<T> {
  return new CtxPromise<T>(() => undefined);
}
