/** Folds child runs: opened with their parent's commit, ended with their own. */
import { NO_VALUE } from '../std/index.ts';
import { addUsage } from '../step/index.ts';
import type { Delivery } from './delivery.ts';
import type { StoredEvent } from './events.ts';
import type { RunState } from './state.ts';

type ChildEvent = Extract<StoredEvent, { type: `child.${string}` }>;

/** What a child is called where the kind of a call is asked for. */
export const CHILD_KIND = 'workflow';

export function foldChild(state: RunState, event: ChildEvent): Delivery | undefined {
  const path = event.path ?? '';
  if (event.type === 'child.started') {
    if (state.children.has(path)) return undefined;
    state.children.set(path, {
      ...event.data,
      label: event.data.label,
      after: event.data.after,
      path,
      startedAt: event.at,
      firstSeq: event.seq,
      status: 'running',
    });
    state.calls++;
    return undefined;
  }
  const child = state.children.get(path);
  if (child?.status !== 'running') return undefined;
  const { status, usage, durationMs } = event.data;
  const payload = event.payload ?? NO_VALUE;
  child.status = status;
  child.endedAt = event.at;
  child.durationMs = durationMs;
  child.result = payload;
  if (usage) {
    child.usage = usage;
    state.usage = addUsage(state.usage, usage);
  }
  if (!state.keepsHistory) state.children.delete(path);
  const outcome = status === 'completed' ? 'ok' : status;
  return {
    path,
    kind: CHILD_KIND,
    outcome,
    payload,
    endedAt: event.at,
    usage,
    durationMs,
    childRunId: event.data.childRunId,
  };
}
