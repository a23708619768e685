/** Rejections that nobody handled: those of a run are that run's, the others keep Node's behavior. */
import { currentAmbient } from '../replay/index.ts';
import type { Platform } from '../std/index.ts';

let users = 0;
let platform: Pick<Platform, 'nextTurn'> | undefined;

/** One run's forgotten promise must not end a worker that drives a thousand others. Returns how to stop listening. */
export function guardUnhandledRejections(on: Pick<Platform, 'nextTurn'>): () => void {
  platform = on;
  if (users++ === 0) process.on('unhandledRejection', onUnhandled);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    if (--users === 0) process.off('unhandledRejection', onUnhandled);
  };
}

function onUnhandled(reason: unknown): void {
  const ambient = currentAmbient();
  if (ambient) {
    ambient.onUnhandled(reason);
    return;
  }
  // Another listener decides; without one, Node would have thrown.
  if (process.listenerCount('unhandledRejection') === 1) {
    platform?.nextTurn(() => {
      throw reason;
    });
  }
}
