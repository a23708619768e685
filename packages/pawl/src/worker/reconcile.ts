/** Finds out whether an at-most-once step happened before its holder died. */
import type { Reconciliation } from '../run/index.ts';
import type { Logger } from '../std/index.ts';
import { KIND_GRACE_MS } from './defaults.ts';
import type { OpenStep } from './open-step.ts';
import { idempotencyKey } from './pipeline/execute.ts';

interface ReconcileHost {
  readonly run: { readonly tenant: string; readonly runId: string };
  readonly platform: {
    setTimer(delayMs: number, run: () => void): () => void;
    readonly logger: Logger;
  };
}

/** Asks `reconcile`, at most for its time; no answer, or an error, leaves the fate unknown. */
export async function reconcileStep(
  step: OpenStep,
  host: ReconcileHost,
  done: (found: Reconciliation | undefined) => void,
): Promise<void> {
  const { spec } = step;
  if (!spec.reconcile) return done(undefined);
  const abort = new AbortController();
  const stop = host.platform.setTimer(5 * KIND_GRACE_MS, () => abort.abort('reconcile took too long'));
  const timeout = new Promise<undefined>((resolve) =>
    abort.signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  try {
    const context = {
      idempotencyKey: idempotencyKey(host.run, spec.path),
      attempt: step.attempt - 1,
      signal: abort.signal,
    };
    done(readAnswer(await Promise.race([Promise.resolve(spec.reconcile(context)), timeout]), host));
  } catch (error) {
    host.platform.logger.log('warn', 'reconcile failed; the step stays unknown', {
      runId: host.run.runId,
      path: spec.path,
      error: String(error),
    });
    done(undefined);
  } finally {
    stop();
  }
}

/** Only a clear yes or no counts: anything else leaves the fate open, and never fires a second time. */
function readAnswer(answer: unknown, host: ReconcileHost): Reconciliation | undefined {
  if (answer === undefined || answer === null) return undefined;
  const { happened, output } = answer as { readonly happened?: unknown; readonly output?: unknown };
  if (happened === true) return { happened, output };
  if (happened === false) return { happened };
  host.platform.logger.log(
    'warn',
    'reconcile answered neither { happened: true } nor { happened: false }; the step stays unknown',
    { runId: host.run.runId },
  );
  return undefined;
}
