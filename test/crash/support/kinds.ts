/** The kind whose steps are executed by worker processes of a queue: one effect each. */
import { type AnyKind, defineKind, type StepContext } from '../../../packages/pawl/src/index.ts';
import { ABORTED, type Hands } from './workflows.ts';

interface FireInput {
  /** Waits until the test lets go, or the attempt is aborted. */
  readonly isHeld?: boolean;
}

export function crashKinds(hands: Hands): readonly AnyKind[] {
  return [
    defineKind({
      name: 'fire',
      queue: 'remote',
      execute: async ({ isHeld = false }: FireInput, context: StepContext) => {
        const { runId, path, attempt, idempotencyKey, signal } = context;
        hands.append({ runId, path, attempt, key: idempotencyKey, pid: process.pid, at: hands.now() });
        if (isHeld) await Promise.race([hands.held(), aborted(signal)]);
        if (signal.aborted) hands.note(ABORTED);
        return { output: 1 };
      },
    }),
  ];
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}
