/** Rejections that nobody handled: those of a run are that run's, the others keep Node's behavior. */
import { currentAmbient } from '../replay/index.ts';

let users = 0;

/** One run's forgotten promise must not end a worker that drives a thousand others. Returns how to stop listening. */
export function guardUnhandledRejections(): () => void {
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
    setImmediate(() => {
      throw reason;
    });
  }
}
