/** A promise that a test opens: for steps that must be running while something else happens. */

export interface Gate<T> {
  readonly opened: Promise<T>;
  open(value: T): void;
}

export function newGate<T = void>(): Gate<T> {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Resolves with the reason when the signal is aborted; never before. */
export function abortOf(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}
