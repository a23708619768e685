/** A run as it is compared: what it was given, did and gave, by path; nothing of ids, times, attempts or workers. */
import type { ChildState, RunState, StepState, StoredEvent, WaitState } from '../run/index.ts';
import { CHILD_KIND } from '../run/index.ts';
import { type Payload, payloadOf } from '../std/index.ts';
import type { RunRow } from '../store/index.ts';
import type { RunDiffSide } from './api.ts';
import { foldTold, type Told } from './told.ts';

/** JSON texts by what they are; undefined: there is nothing of the kind. */
export type Fields = Readonly<Record<string, Payload | undefined>>;

export interface ComparableCall {
  readonly path: string;
  readonly fields: Fields;
  /** The end that it was called upon: what its code waited for last. */
  readonly trigger: string | undefined;
}

export interface ComparableRun {
  readonly side: RunDiffSide;
  readonly input: Fields;
  /** In the order in which they were called. */
  readonly calls: ReadonlyMap<string, ComparableCall>;
  readonly end: Fields;
  /** Ids that belong to this run, and what stands for them in a comparison. */
  readonly ids: ReadonlyMap<string, string>;
}

export function comparable(row: RunRow, events: readonly StoredEvent[]): ComparableRun {
  const { state, told } = foldTold(row.run, events);
  const { runId } = row.run;
  return {
    side: { runId, workflow: row.workflow, version: row.version, status: state.status },
    input: { input: state.input },
    calls: callsOf(state, told),
    end: endOf(state),
    ids: idsOf(state),
  };
}

function endOf(state: RunState): Fields {
  const { status, parked, output, failure, shown, continuedTo } = state;
  return {
    status: text(parked && status === 'parked' ? `parked (${parked.reason})` : status),
    shown,
    output,
    failure,
    continued: continuedTo === undefined ? undefined : text('as another run'),
  };
}

function text(value: string | undefined): Payload | undefined {
  return value === undefined ? undefined : payloadOf(value);
}

type Opened = StepState | WaitState | ChildState;

function callsOf(state: RunState, told: readonly Told[]): ComparableRun['calls'] {
  const opened: { readonly call: Opened; readonly fields: Fields }[] = [
    ...[...state.steps.values()].map((call) => ({ call, fields: stepFields(call) })),
    ...[...state.waits.values()].map((call) => ({ call, fields: waitFields(call) })),
    ...[...state.children.values()].map((call) => ({ call, fields: childFields(call) })),
  ].sort((a, b) => a.call.firstSeq - b.call.firstSeq);
  return new Map(
    opened.map(({ call: { path, after }, fields }) => {
      const last = after && told[after.n - 1];
      return [path, { path, fields, trigger: last?.isDropped ? undefined : last?.path }];
    }),
  );
}

/** One that has not ended is compared by where it stands. */
function stepFields({ kind, status, outcome, input, output, failure }: StepState): Fields {
  const isFailed = status === 'failed';
  return {
    kind: text(kind),
    input,
    outcome: text(outcome ?? status),
    output,
    failure: isFailed ? failure : undefined, // of an attempt before: luck, not content
  };
}

function waitFields(wait: WaitState): Fields {
  const { kind, name, message, payload, status, outcome, value, by, comment } = wait;
  const isAsked = kind === 'approval' || kind === 'input';
  return {
    kind: text(kind),
    name: text(name),
    message: text(message),
    input: payload,
    outcome: text(outcome ?? status),
    output: value,
    by: isAsked ? text(by) : undefined,
    comment: text(comment),
  };
}

function childFields({ workflow, status, result }: ChildState): Fields {
  const isFailed = status === 'failed';
  return {
    kind: text(CHILD_KIND),
    workflow: text(workflow),
    outcome: text(status === 'completed' ? 'ok' : status),
    output: isFailed ? undefined : result,
    failure: isFailed ? result : undefined,
  };
}

/** Messages and keys hold them: what two equal runs say of themselves must compare equal. */
function idsOf({ runId, created, children, continuedTo }: RunState): ComparableRun['ids'] {
  const ids = new Map<string, string>();
  const add = (id: string | undefined, as: string): void => {
    if (id !== undefined && !ids.has(id) && canBeTold(id)) ids.set(id, as);
  };
  add(runId, '(this run)');
  add(created.parentRunId, '(its parent)');
  add(created.rootRunId, '(its root)');
  add(continuedTo, '(its next run)');
  for (const { path, childRunId } of children.values()) add(childRunId, `(the run of ${path})`);
  return ids;
}

const SHORTEST = 4;
const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null']);

/** Ids that people choose may be any word or number; one that is found by chance must not hide a difference. */
function canBeTold(id: string): boolean {
  return id.length >= SHORTEST && Number.isNaN(Number(id)) && !WORDS.has(id);
}
