/** Every event of the log: its type, the schema of its data, and which value its payload carries. */
import { z } from 'zod';
import type { Payload } from '../std/index.ts';
import { PARK_REASONS } from './status.ts';

/** The format of the events that this version writes; a worker claims only runs of formats it knows. */
export const EVENT_FORMAT = 2;

const timeMs = z.number().int();
const count = z.number().int().nonnegative();

const usage = z.strictObject({ inputTokens: count, outputTokens: count, costNanoUsd: count });

/** `n` deliveries had been made when it was called, `since` at the last turn that issued a command (left out when `n - 1`). */
const after = z.strictObject({ n: count, since: count.optional() });

/** A start that was folded into the outcome that followed it before the start was written. */
const start = z.strictObject({
  at: timeMs,
  kind: z.string().optional(),
  workerId: z.string().optional(),
  after: after.optional(),
  label: z.string().optional(),
  check: z.string().optional(),
  input: z.string().optional(),
});

const attempt = count.optional();
const ended = {
  attempt,
  start: start.optional(),
  endedAt: timeMs,
  durationMs: count,
  usage: usage.optional(),
};
const asked = {
  after: after.optional(),
  label: z.string().optional(),
  name: z.string(),
  schema: z.unknown().optional(),
};

/** Data of each event type. Attempt 1, outcome `ok` and kind `step` are left out. */
export const EVENT_DATA = {
  /** Payload: the input. */
  'run.created': z.strictObject({
    workflow: z.string(),
    version: z.string(),
    digest: z.string(),
    tenant: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    priority: z.number().int().optional(),
    trigger: z.strictObject({
      kind: z.enum(['api', 'cli', 'schedule', 'webhook', 'signal', 'child', 'retry', 'fork', 'continued']),
      ref: z.string().optional(),
    }),
    parentRunId: z.string().optional(),
    parentPath: z.string().optional(),
    rootRunId: z.string().optional(),
    depth: count.optional(),
    deadlineAt: timeMs.optional(),
    traceparent: z.string().optional(),
    /** The input was not yet parsed by the schema of the workflow: the first holder does it. */
    unparsed: z.boolean().optional(),
  }),
  /** Payload: the parsed input, where `run.created` carried it unparsed. */
  'run.started': z.strictObject({ workerId: z.string().optional(), parsed: z.boolean().optional() }),
  'run.waiting': z.strictObject({ dueAt: timeMs.optional() }),
  /** Payload: what a person needs to know, such as the difference of a diverged replay. */
  'run.parked': z.strictObject({
    reason: z.enum(PARK_REASONS),
    path: z.string().optional(),
    message: z.string(),
  }),
  'run.paused': z.strictObject({ reason: z.string().optional() }),
  /** `maxSteps`: the limit of a graph's visits from here on. */
  'run.resumed': z.strictObject({
    verb: z.enum(['resume', 'retry', 'answer']),
    path: z.string().optional(),
    maxSteps: count.optional(),
  }),
  'run.cancel_requested': z.strictObject({ reason: z.string().optional() }),
  'run.cancelled': z.strictObject({ reason: z.string().optional() }),
  /** Payload: the output. */
  'run.completed': z.strictObject({ continuedTo: z.string().optional() }),
  /** Payload: the failure. */
  'run.failed': z.strictObject({ failedSteps: z.array(z.string()) }),

  /** The attempt is a task for whoever serves the queue; the first one opens the step. Payload: the resolved, masked input. */
  'step.scheduled': z.strictObject({
    attempt,
    kind: z.string().optional(),
    queue: z.string(),
    /** What its worker must have, where that is more than the kind: `function:charge`. */
    needs: z.string().optional(),
    after: after.optional(),
    label: z.string().optional(),
    check: z.string().optional(),
    at: timeMs.optional(),
  }),
  /** Payload: the resolved, masked input. `queue`: a task was scheduled before, and its worker says that it begins. */
  'step.started': z.strictObject({
    attempt,
    kind: z.string().optional(),
    workerId: z.string().optional(),
    queue: z.string().optional(),
    after: after.optional(),
    label: z.string().optional(),
    check: z.string().optional(),
    at: timeMs.optional(),
  }),
  /** Payload: the output. `answered`: the word of a person, or of `reconcile`, about an attempt that ended as unknown. */
  'step.completed': z.strictObject({
    ...ended,
    outcome: z.string().optional(),
    answered: z.boolean().optional(),
  }),
  /** Ends an attempt; payload: the failure. `dueAt` null: no further attempt until an operator asks for it; `unknown`: nobody knows whether it happened. */
  'step.retried': z.strictObject({ ...ended, dueAt: timeMs.nullable(), unknown: z.boolean().optional() }),
  /** Ends the step; payload: the failure. */
  'step.failed': z.strictObject(ended),
  'step.lost': z.strictObject({ attempt }),
  'step.skipped': z.strictObject({ reason: z.string() }),
  'step.cancelled': z.strictObject({
    attempt,
    reason: z.string(),
    start: start.optional(),
    usage: usage.optional(),
  }),
  /** Payload: the data. */
  'step.progressed': z.strictObject({ attempt, index: count }),

  /** Payload of an input: its message and details. */
  'wait.opened': z.strictObject({
    ...asked,
    kind: z.enum(['sleep', 'signal', 'input']),
    message: z.string().optional(),
    dueAt: timeMs.optional(),
  }),
  /** Itself the opening of an approval; payload: the arguments that are approved. */
  'approval.requested': z.strictObject({
    ...asked,
    message: z.string(),
    approvers: z.array(z.string()).optional(),
    reason: z.enum(['workflow', 'policy', 'autonomy']),
    dueAt: timeMs.optional(),
    onTimeout: z.enum(['expire', 'approve', 'reject']).optional(),
  }),
  /** One vote. */
  'approval.decided': z.strictObject({
    decision: z.enum(['approved', 'rejected']),
    comment: z.string().optional(),
  }),
  /** Payload: the value that was waited for. */
  'wait.resolved': z.strictObject({
    outcome: z.enum(['resolved', 'approved', 'rejected', 'answered']),
    endedAt: timeMs.optional(),
    comment: z.string().optional(),
  }),
  'wait.expired': z.strictObject({ endedAt: timeMs }),
  /** `after`: how many deliveries had been made when the scope was sealed; a signal matched later goes back to the buffer. */
  'wait.cancelled': z.strictObject({ reason: z.string(), after: count }),
  /** Payload: what was sent. */
  'signal.received': z.strictObject({ name: z.string() }),

  'child.started': z.strictObject({
    childRunId: z.string(),
    workflow: z.string(),
    version: z.string(),
    after: after.optional(),
    label: z.string().optional(),
  }),
  /** Payload: the output, or the failure. */
  'child.ended': z.strictObject({
    childRunId: z.string(),
    status: z.enum(['completed', 'failed', 'cancelled']),
    usage: usage.optional(),
    durationMs: count,
  }),

  /** A map's list (`digest`), the first answer of `patched`, or the moment at which a graph's driver heard that it is to stop, or to give a finalizer up. */
  'marker.recorded': z.strictObject({
    kind: z.enum(['map', 'patched', 'cancel', 'deadline']),
    digest: z.string().optional(),
    after: after.optional(),
  }),
  /** Payload: what the run shows of itself. */
  'state.patched': z.strictObject({ index: count }),
  'usage.reported': z.strictObject({ attempt, usage }),
} as const;

export type EventType = keyof typeof EVENT_DATA;
export type EventData<Type extends EventType = EventType> = z.infer<(typeof EVENT_DATA)[Type]>;

/** How many deliveries had been made at a call, and at the turn before it. */
export type After = z.infer<typeof after>;
/** A start folded into its outcome. */
export type FoldedStart = z.infer<typeof start>;

interface EventOf<Type extends EventType> {
  readonly type: Type;
  /** The step, wait or child that it is about. */
  readonly path?: string;
  /** Who did it, where a person or another system did. */
  readonly actor?: string;
  readonly data: EventData<Type>;
  /** JSON text of the event's one large value. */
  readonly payload?: Payload;
}

/** An event before the store has given it a place in the log. */
export type NewEvent = { readonly [Type in EventType]: EventOf<Type> }[EventType];

/** An event in the log: `seq` is dense from 1, `at` is the store's clock in milliseconds. */
export type StoredEvent = NewEvent & { readonly seq: number; readonly at: number };

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_DATA, type);
}
