/** Retry policies: how often, how long to wait, and after which classes of failure. */
import { pawlError } from '../errors/index.ts';
import { type Duration, MAX_DURATION_MS, parseDuration } from '../std/index.ts';
import { FAILURE_CLASSES, type Failure, type FailureClass } from './failure.ts';

/** A policy as users write it; what is left out comes from the default. */
export interface RetryOptions {
  /** Attempts in all, from 1. */
  readonly attempts?: number;
  /** Delay after the first attempt. */
  readonly initial?: Duration;
  /** The delay grows by this factor an attempt, from 1. */
  readonly factor?: number;
  /**
   * The longest delay, jitter included; only what the other side asks for (Retry-After) may be longer. Left out where `initial`
   * is longer than it would be: 32 times `initial`, as the default is.
   */
  readonly max?: Duration;
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter?: number;
  /** The classes of failure after which there is another attempt. */
  readonly on?: readonly FailureClass[];
  /** What happens when attempts are used up: the step fails (default), or the run parks for a person. */
  readonly onExhausted?: 'fail' | 'park';
}

/** A policy, or the name of a built-in one. */
export type Retry = RetryOptions | keyof typeof NAMED_POLICIES;

/** A policy with everything decided; delays in milliseconds. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly initialMs: number;
  readonly factor: number;
  readonly maxMs: number;
  readonly jitter: number;
  readonly on: readonly FailureClass[];
  readonly onExhausted: 'fail' | 'park';
}

/** Delays of 2, 4, 8 … 64 seconds: `2^min(attempt, 6)`. */
export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 3,
  initialMs: 2_000,
  factor: 2,
  maxMs: 64_000,
  jitter: 0.2,
  on: ['retryable', 'timeout', 'rate_limited'],
  onExhausted: 'fail',
};

const NAMED_POLICIES = {
  none: { attempts: 1 },
  io: { attempts: 5 },
  model: { attempts: 3 },
  no_retry: { attempts: 1 },
  io_default: { attempts: 5 },
  llm_default: { attempts: 3 },
} as const satisfies Record<string, RetryOptions>;

const MAX_ATTEMPTS = 10_000;
/** How far delays grow where nothing bounds them: as the default does, from 2 to 64 seconds. */
const GROWTH = DEFAULT_RETRY.maxMs / DEFAULT_RETRY.initialMs;
const KNOWN_OPTIONS = ['attempts', 'initial', 'factor', 'max', 'jitter', 'on', 'onExhausted'];

/**
 * The policy that `retry` means on top of `base`.
 * @throws `RETRY_INVALID` with the option at fault, `DURATION_INVALID` for its delays.
 */
export function parseRetry(
  retry: Retry | undefined,
  where: string,
  base: RetryPolicy = DEFAULT_RETRY,
): RetryPolicy {
  if (retry === undefined) return base;
  const options = typeof retry === 'string' ? namedPolicy(retry, where) : retry;
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalid(where, 'a retry policy is a name or an object');
  for (const key of Object.keys(options)) {
    if (!KNOWN_OPTIONS.includes(key)) throw invalid(where, `there is no option "${key}"`);
  }
  const policy: RetryPolicy = {
    attempts: options.attempts ?? base.attempts,
    ...delaysOf(options, where, base),
    factor: options.factor ?? base.factor,
    jitter: options.jitter ?? base.jitter,
    on: options.on ?? base.on,
    onExhausted: options.onExhausted ?? base.onExhausted,
  };
  check(policy, where);
  return policy;
}

/** What one of the two leaves open follows the other; where both are said, they must agree. */
function delaysOf(
  { initial, max }: RetryOptions,
  where: string,
  base: RetryPolicy,
): Pick<RetryPolicy, 'initialMs' | 'maxMs'> {
  const initialMs = initial === undefined ? base.initialMs : parseDuration(initial, `${where}.initial`);
  if (max === undefined) {
    const grownMs = Math.min(initialMs * GROWTH, MAX_DURATION_MS);
    return { initialMs, maxMs: initialMs > base.maxMs ? grownMs : base.maxMs };
  }
  const maxMs = parseDuration(max, `${where}.max`);
  if (initial !== undefined && initialMs > maxMs)
    throw invalid(where, `max (${max}) is less than initial (${initial})`);
  return { initialMs: Math.min(initialMs, maxMs), maxMs };
}

function namedPolicy(name: string, where: string): RetryOptions {
  if (Object.hasOwn(NAMED_POLICIES, name)) return NAMED_POLICIES[name as keyof typeof NAMED_POLICIES];
  throw invalid(where, `"${name}" is not a named policy (${Object.keys(NAMED_POLICIES).join(', ')})`);
}

function check(policy: RetryPolicy, where: string): void {
  const { attempts, factor, jitter } = policy;
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > MAX_ATTEMPTS) {
    throw invalid(where, `attempts must be a whole number from 1 to ${MAX_ATTEMPTS}`);
  }
  if (!isBetween(factor, 1, 100)) throw invalid(where, 'factor must be from 1 to 100');
  if (!isBetween(jitter, 0, 1)) throw invalid(where, 'jitter must be from 0 to 1');
  if (!Array.isArray(policy.on)) throw invalid(where, 'on must be a list of failure classes');
  for (const name of policy.on) {
    if (!FAILURE_CLASSES.includes(name))
      throw invalid(where, `"${String(name)}" is not a failure class (${FAILURE_CLASSES.join(', ')})`);
  }
  if (policy.onExhausted !== 'fail' && policy.onExhausted !== 'park')
    throw invalid(where, 'onExhausted must be "fail" or "park"');
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

function invalid(where: string, problem: string): Error {
  return pawlError('RETRY_INVALID', { where, problem });
}

/**
 * Milliseconds until the next attempt, or undefined when there is none.
 * @param used attempts that counted so far, this one included (lost ones do not count).
 * @param chance a random number in [0, 1) for the jitter.
 */
export function retryDelay(
  policy: RetryPolicy,
  failure: Failure,
  count: { readonly used: number; readonly chance: number },
): number | undefined {
  if (!policy.on.includes(failure.class) || count.used >= policy.attempts) return undefined;
  const { initialMs, factor, maxMs, jitter } = policy;
  const growth = Math.min(factor ** (count.used - 1), Number.MAX_VALUE); // Infinity times 0 is no number
  const plainMs = Math.min(initialMs * growth, maxMs);
  const leastMs = plainMs * (1 - jitter);
  const mostMs = Math.min(plainMs * (1 + jitter), maxMs);
  const delayMs = Math.round(leastMs + (mostMs - leastMs) * count.chance);
  return Math.max(delayMs, failure.retryAfterMs ?? 0);
}
