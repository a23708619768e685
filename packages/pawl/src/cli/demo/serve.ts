/** What a worker process of `pawl demo` does: it serves the demo's own workflow until it is killed or told to stop. */
import { pawl } from '../../index.ts';
import { folderCheck } from './folder-check.ts';
import type { WorkerMessage } from './worker-process.ts';

/** Resolves when it was told to stop; with `isHolding` it stops between two steps and waits to be killed. */
export async function serveDemo(store: string, isHolding: boolean): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('disconnect', () => resolve()); // whoever started it is gone
  });
  const halfway = async (steps: number): Promise<void> => {
    if (!isHolding) return;
    say({ held: { steps } });
    await new Promise(() => undefined);
  };
  const check = folderCheck(halfway);
  const engine = await pawl.open({ store, workflows: [check] });
  say({ ready: { workerId: engine.id, workflow: check.name } });
  await stopped;
  await engine.close();
}

function say(message: WorkerMessage): void {
  process.send?.(message);
}
