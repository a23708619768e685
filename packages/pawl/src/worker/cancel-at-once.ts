/** Cancelling a run in one commit, without anybody driving it. */
import { isTerminal, type NewEvent, type RunState } from '../run/index.ts';
import type { Batch } from '../store/index.ts';

/**
 * Whether nothing of a run is left to see to: no step, no child, no `onCancel` (`hasCleanUp`: it has one, or nobody knows).
 * A run that was never started has nothing to clean up, whatever its workflow declares.
 */
export function canCancelAtOnce(state: RunState, { hasCleanUp }: { readonly hasCleanUp: boolean }): boolean {
  if (isTerminal(state.status) || state.steps.size > 0 || state.children.size > 0) return false;
  return !hasCleanUp || state.startedAt === undefined;
}

interface Cancel {
  readonly requested: Extract<NewEvent, { type: 'run.cancel_requested' }>;
  readonly nowMs: number;
}

/** The batch that ends it, with its waits, and tells its parent; refused where anything happened since `state` was folded. */
export function cancelBatch(state: RunState, { requested, nowMs }: Cancel): Omit<Batch, 'fence'> {
  const { reason = 'cancelled' } = requested.data;
  const { runId, tenant, lastSeq, deliveries } = state;
  const waits = [...state.waits.values()].filter((wait) => wait.status === 'open');
  const closing = waits.map(
    (wait): NewEvent => ({ type: 'wait.cancelled', path: wait.path, data: { reason, after: deliveries } }),
  );
  const first = state.cancelRequested ? [] : [requested];
  return {
    run: { tenant, runId },
    events: [...first, ...closing, { type: 'run.cancelled', data: requested.data }],
    requires: { unheldAt: lastSeq },
    ...parentNotice(state, nowMs),
  };
}

function parentNotice(state: RunState, nowMs: number): Pick<Batch, 'arrivals'> {
  const { parentRunId, parentPath, at } = state.created;
  if (parentRunId === undefined || parentPath === undefined) return {};
  const data = { childRunId: state.runId, status: 'cancelled' as const, durationMs: Math.max(0, nowMs - at) };
  const ended: NewEvent = { type: 'child.ended', path: parentPath, data, payload: '' };
  return { arrivals: [{ run: { tenant: state.tenant, runId: parentRunId }, events: [ended] }] };
}
