/** The door of what every step kind promises. */
export {
  cleanText,
  type ErrorDetails,
  type Failure,
  type FailureClass,
  FailureError,
  failureOf,
  RateLimitedError,
  StepFailed,
  TerminalError,
} from './failure.ts';
export { type AnyKind, canEndAs, defineKind, type Kind, type KindResult, type StepContext } from './kind.ts';
export {
  DEFAULT_RETRY,
  parseRetry,
  type Retry,
  retryDelay,
  type RetryOptions,
  type RetryPolicy,
} from './retry.ts';
export { isSecretRef, isSensitiveName, MASK, secret, type SecretRef } from './secret.ts';
export { addUsage, formatUsd, isNoUsage, NO_USAGE, type Usage, usageOf, type UsageReport } from './usage.ts';
