/** What the worker of a task must know of its attempt: written by the driver of the run, read where the task is claimed. */
import { z } from 'zod';
import type { StepSpec } from '../run/index.ts';
import { decodePayload, type Payload } from '../std/index.ts';
import type { RetryPolicy } from '../step/index.ts';
import type { ClaimedTask } from '../store/index.ts';
import { kindNameOf } from './needs.ts';

const ms = z.number();
const retry = z.strictObject({
  attempts: z.int(),
  initialMs: ms,
  factor: z.number(),
  maxMs: ms,
  jitter: z.number(),
  on: z.array(z.string()),
  onExhausted: z.enum(['fail', 'park']),
});

const orderSchema = z.strictObject({
  /** What the kind gets, as JSON. */
  input: z.string(),
  /** Attempts that ended and counted before this one. */
  used: z.int(),
  /** Left out: the policy of the kind. */
  retry: retry.optional(),
  timeoutMs: ms.optional(),
  deadlineMs: ms.optional(),
  /** When the step with all its attempts must have ended; ms since 1970. */
  deadlineAt: ms.optional(),
  heartbeatMs: ms.optional(),
  isAtMostOnce: z.boolean().optional(),
});
export type TaskOrder = z.infer<typeof orderSchema>;

export interface OrderedStep {
  readonly spec: StepSpec;
  readonly used: number;
  readonly deadlineAt: number | undefined;
}

export function orderOf(step: OrderedStep, input: Payload): string {
  const { spec, used, deadlineAt } = step;
  const order: TaskOrder = {
    input,
    used,
    ...(spec.retry === undefined ? {} : { retry: { ...spec.retry, on: [...spec.retry.on] } }),
    ...(spec.timeoutMs === undefined ? {} : { timeoutMs: spec.timeoutMs }),
    ...(spec.deadlineMs === undefined ? {} : { deadlineMs: spec.deadlineMs }),
    ...(deadlineAt === undefined ? {} : { deadlineAt }),
    ...(spec.heartbeatMs === undefined ? {} : { heartbeatMs: spec.heartbeatMs }),
    ...(spec.isAtMostOnce ? { isAtMostOnce: true } : {}),
  };
  return JSON.stringify(order);
}

/** @throws where it is not what a driver of this version writes. */
export function readOrder(task: Pick<ClaimedTask, 'path' | 'kind' | 'queue' | 'order'>): OrderedStep {
  const order = orderSchema.parse(JSON.parse(task.order));
  const spec: StepSpec = {
    path: task.path,
    kind: kindNameOf(task.kind),
    queue: task.queue,
    after: { n: 0 },
    input: decodePayload(order.input),
    retry: order.retry as RetryPolicy | undefined,
    timeoutMs: order.timeoutMs,
    deadlineMs: order.deadlineMs,
    heartbeatMs: order.heartbeatMs,
    isRepeatable: false,
    isAtMostOnce: order.isAtMostOnce ?? false,
  };
  return { spec, used: order.used, deadlineAt: order.deadlineAt };
}
