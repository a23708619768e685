/** Where a run stands, with everything below it: it moves by itself, it is held by somebody outside, or it has ended. */
import { isOpenStep, isTerminal, type RunState, type WaitState } from '../../run/index.ts';

/** A question that only somebody outside can close. */
export interface Gate {
  readonly runId: string;
  readonly kind: 'approval' | 'input' | 'signal';
  readonly path: string;
  /** The name that signals are sent to. */
  readonly name: string;
  readonly message: string | undefined;
  /** What is approved, as recorded JSON. */
  readonly payload: string | undefined;
  readonly schema: unknown;
  /** Undefined: anybody may decide. */
  readonly approvers: readonly string[] | undefined;
}

export interface Standing {
  readonly kind: 'moving' | 'held' | 'ended';
  /** Open questions, oldest run first. */
  readonly gates: readonly Gate[];
  /** Runs that an operator holds back. */
  readonly heldBack: readonly string[];
}

/** `states` are the run itself and every run below it that is known. */
export function standingOf(root: RunState, states: ReadonlyMap<string, RunState>): Standing {
  const live = [...states.values()].filter((state) => !isTerminal(state.status));
  const gates = live.flatMap(gatesOf);
  const heldBack = live
    .filter((state) => state.status === 'parked' || state.status === 'paused')
    .map((state) => state.runId);
  if (isTerminal(root.status)) return { kind: 'ended', gates: [], heldBack: [] };
  // With nothing open it has just been woken, and its worker has not written yet.
  const isMoving = gates.length + heldBack.length === 0 || live.some((state) => movesByItself(state, states));
  return { kind: isMoving ? 'moving' : 'held', gates, heldBack };
}

function gatesOf(state: RunState): Gate[] {
  return [...state.waits.values()]
    .filter((wait) => wait.status === 'open')
    .flatMap((wait) => gateOf(state.runId, wait));
}

function gateOf(runId: string, wait: WaitState): Gate[] {
  const { kind, path, name, message, payload, schema, approvers } = wait;
  return kind === 'sleep' ? [] : [{ runId, kind, path, name, message, payload, schema, approvers }];
}

/**
 * A run that is queued or running moves. One that waits moves if it only sleeps, waits for its next attempt, for a signal that
 * has a time limit, or for a child that nobody knows yet: then time or the child brings it on.
 */
function movesByItself(state: RunState, states: ReadonlyMap<string, RunState>): boolean {
  if (state.status === 'queued' || state.status === 'running') return true;
  if (state.status !== 'waiting') return false;
  const hasTimer = [...state.waits.values()].some((wait) => wait.status === 'open' && endsByTime(wait));
  const hasStep = [...state.steps.values()].some((step) => isOpenStep(step) && step.dueAt !== null);
  const hasUnknownChild = [...state.children.values()].some(
    (child) => child.status === 'running' && !isReadable(states.get(child.childRunId)),
  );
  return hasTimer || hasStep || hasUnknownChild;
}

function endsByTime(wait: WaitState): boolean {
  return wait.kind === 'sleep' || (wait.kind === 'signal' && wait.dueAt !== undefined);
}

/** A child whose log has not been read yet, or which has ended while its parent has not heard of it: more is to come. */
function isReadable(child: RunState | undefined): boolean {
  return child !== undefined && child.lastSeq > 0 && !isTerminal(child.status);
}
