/** Which run, and which step of it, the code that is running now belongs to. */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Ambient {
  readonly runId: string;
  /** The step whose function is running; undefined in the workflow function itself. */
  readonly stepPath?: string | undefined;
  /** Told of a rejection that nobody handled. */
  readonly onUnhandled: (reason: unknown) => void;
}

const storage = new AsyncLocalStorage<Ambient>();

export function runAs<T>(ambient: Ambient, run: () => T): T {
  return storage.run(ambient, run);
}

export function currentAmbient(): Ambient | undefined {
  return storage.getStore();
}
