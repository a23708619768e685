/** What is recorded of the start of an attempt. */
import { CLOSURE_KIND, type NewEvent, type StepSpec } from '../run/index.ts';
import { digestText, encodeValue, payloadOf } from '../std/index.ts';
import type { Execution } from './execution.ts';
import type { OpenStep } from './open-step.ts';

export function startEvent(step: OpenStep, execution: Execution): NewEvent {
  const start = startOf(step, execution);
  if (start.input === undefined && step.attempt === 1)
    return { type: 'step.started', path: step.spec.path, data: start };
  const { at, input, ...data } = start;
  return {
    type: 'step.started',
    path: step.spec.path,
    data: { ...numbered(step.attempt), ...data, at },
    ...(input === undefined ? {} : { payload: input }),
  };
}

interface Start {
  readonly at: number;
  readonly kind?: string;
  readonly after?: StepSpec['after'];
  readonly label?: string;
  readonly check?: string;
  readonly input?: string;
}

/** What a start says (`isRefused`: the guard turned the step away, and its input is not recorded); kind `step` and, after the first attempt, everything that is known already is left out. */
export function startOf(step: OpenStep, execution: Execution, isRefused = false): Start {
  const { spec } = step;
  const isPlain = spec.kind === CLOSURE_KIND && step.attempt === 1;
  if (isPlain && (spec.label ?? spec.check ?? spec.input) === undefined)
    return { at: execution.startedAt, after: spec.after };
  const kind = spec.kind === CLOSURE_KIND ? {} : { kind: spec.kind };
  if (step.attempt > 1) return { at: execution.startedAt, ...kind };
  const input = isRefused ? undefined : recordedInput(step, execution);
  return {
    at: execution.startedAt,
    ...kind,
    after: spec.after,
    ...(spec.label === undefined ? {} : { label: spec.label }),
    ...(spec.check === undefined ? {} : { check: spec.check }),
    ...(input === undefined ? {} : { input }),
  };
}

/** Inputs longer than this are recorded by their digest: the log is not the place for what the code can say again. */
const MAX_RECORDED_INPUT = 16_384;
/** Where payloads are limited further: an input stands in the data of an event, escaped, and nobody can refuse that. */
const SHARE_OF_LIMIT = 0.25;

function recordedInput(step: OpenStep, execution: Execution): string | undefined {
  const { spec, kind } = step;
  if (spec.input === undefined) return undefined;
  const value: unknown = !spec.run && kind.record ? kind.record(execution.input as never) : spec.input;
  const text = execution.host.secrets.mask(encodeValue(value, `the input of "${spec.path}"`));
  return text.length <= Math.min(MAX_RECORDED_INPUT, execution.host.payloadBytes * SHARE_OF_LIMIT)
    ? text
    : payloadOf({ digest: digestText(text), bytes: text.length });
}

/** Attempt 1 is left out in events. */
export function numbered(attempt: number): { readonly attempt?: number } {
  return attempt === 1 ? {} : { attempt };
}
