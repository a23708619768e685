/** What an aborted call rejects with, and how it hears of the abort. */

/** The reason of an aborted signal as the error to reject with: the engine tells timeout, cancel and lost lease by it. */
export function abortError(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('The call was aborted.', { cause: reason });
}

/** Calls `run` when the signal aborts, at once if it has; the function it returns stops listening. */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) run();
  else signal.addEventListener('abort', run, { once: true });
  return () => signal.removeEventListener('abort', run);
}
