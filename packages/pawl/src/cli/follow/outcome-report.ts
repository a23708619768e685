/** The last words about a run that was followed: what came out, or who has to move it and how. */
import type { RunState } from '../../run/index.ts';
import { decodePayload, formatDuration, type Json, type Payload } from '../../std/index.ts';
import type { Typed } from '../typed-command.ts';
import { failureIn, failureLines } from '../view/failure-line.ts';
import type { Style } from '../view/style.ts';
import { oneLine } from '../view/plain-text.ts';
import { indented, valueLines } from '../view/value-text.ts';
import type { Followed } from './follow-run.ts';
import { gateJson, gateLines } from './gate-lines.ts';

export interface ReportOptions {
  readonly style: Style;
  /** Makes a command one that can be typed. */
  readonly typed: Typed;
  /** The command that goes on with the run. */
  readonly goOn: string;
}

/** Lines for people. */
export function outcomeLines(followed: Followed, options: ReportOptions): string[] {
  const { end, state } = followed;
  if (end === 'ended') return endLines(state, options);
  const head =
    end === 'interrupted' ? 'stopped; what was recorded stays, and the run goes on with:' : undefined;
  if (head !== undefined) return [head, `  ${options.goOn}`];
  const held = [...gateLines(followed.standing.gates, options.typed), ...heldBackLines(followed, options)];
  return [
    `run ${state.runId} ${state.status === 'waiting' ? 'waits, and nobody here can answer' : `is ${state.status}`}:`,
    ...indented(held),
    'then it goes on with:',
    `  ${options.goOn}`,
  ];
}

function endLines(state: RunState, { style, typed }: ReportOptions): string[] {
  const took = formatDuration(Math.max(0, (state.endedAt ?? state.lastAt) - state.created.at));
  if (state.status === 'completed') {
    return [`${style.green('completed')} after ${took}`, ...indented(valueLines(valueOf(state.output)))];
  }
  const failure = failureIn(state.failure);
  const lines = failure === undefined ? [] : indented(failureLines(failure));
  return [`${style.red(state.status)} after ${took}`, ...lines, `  ${typed(`pawl show ${state.runId}`)}`];
}

function heldBackLines({ standing, state }: Followed, { typed }: ReportOptions): string[] {
  return standing.heldBack.flatMap((runId) => {
    const reason =
      runId === state.runId && state.parked
        ? `${state.parked.reason}: ${oneLine(state.parked.message)}`
        : `run ${runId} is held back`;
    const isPaused = runId === state.runId && state.status === 'paused';
    if (isPaused) return ['it is paused', `  ${typed(`pawl resume ${runId}`)}`];
    return [reason, `  ${typed(`pawl why ${runId}`)}`];
  });
}

/** The one object of `--json`. */
export function outcomeJson(followed: Followed, options: ReportOptions): Record<string, unknown> {
  const { end, state, standing } = followed;
  const base = { runId: state.runId, status: state.status };
  if (end !== 'ended') {
    const parked = state.parked
      ? { parked: { reason: state.parked.reason, message: state.parked.message } }
      : {};
    return {
      ...base,
      ...parked,
      waits: standing.gates.map((gate) => gateJson(gate, options.typed)),
      heldBack: standing.heldBack,
      goOn: options.goOn,
    };
  }
  if (state.status === 'completed') return { ...base, output: valueOf(state.output) ?? null };
  return { ...base, failure: valueOf(state.failure) ?? null };
}

function valueOf(payload: Payload | undefined): Json | undefined {
  return payload === undefined ? undefined : decodePayload(payload);
}
