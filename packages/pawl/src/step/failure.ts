/** A failure as data: what is recorded when a step, a child or a run fails, and the errors it is made from and becomes. */
import { isPawlError } from '../errors/index.ts';
import { findValueProblem, type Json, MAX_DURATION_MS } from '../std/index.ts';

/** The class decides about retries, never the message. */
export const FAILURE_CLASSES = [
  'retryable',
  'terminal',
  'timeout',
  'cancelled',
  'denied',
  'budget',
  'rate_limited',
  'lost',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** How a step failed, as it stands in the journal. */
export interface Failure {
  readonly class: FailureClass;
  /** A code of the catalogue, or the user's own. */
  readonly code: string;
  readonly message: string;
  /** Name of the error class that was thrown. */
  readonly name?: string;
  readonly data?: Json;
  /** The step that failed; its path in the run. */
  readonly path?: string;
  readonly cause?: Failure;
  /** Milliseconds that the other side asked us to wait (Retry-After). */
  readonly retryAfterMs?: number;
}

export interface ErrorDetails {
  readonly code?: string;
  readonly data?: Json;
  readonly cause?: unknown;
}

/** Thrown inside a step: do not try again. */
export class TerminalError extends Error {
  readonly code: string | undefined;
  readonly data: Json | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TerminalError';
    this.code = details.code;
    this.data = details.data;
  }
}

/** Thrown inside a step: the other side asked us to slow down; the next attempt waits at least `retryAfterMs`. */
export class RateLimitedError extends Error {
  readonly retryAfterMs: number | undefined;
  readonly code: string | undefined;

  constructor(message: string, details: { readonly retryAfterMs?: number; readonly code?: string } = {}) {
    super(message);
    this.name = 'RateLimitedError';
    this.retryAfterMs = details.retryAfterMs;
    this.code = details.code;
  }
}

/** Thrown by kinds: a failure that is known in full. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'FailureError';
    this.failure = failure;
  }
}

/** What a workflow function catches when a step, child, wait or scope failed; always rebuilt from its recorded form. */
export class StepFailed extends Error {
  readonly class: FailureClass;
  readonly code: string;
  readonly data: Json | undefined;
  readonly path: string | undefined;
  /** The recorded failure. */
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message, failure.cause ? { cause: new StepFailed(failure.cause) } : undefined);
    this.name = 'StepFailed';
    this.class = failure.class;
    this.code = failure.code;
    this.data = failure.data;
    this.path = failure.path;
    this.failure = failure;
  }
}

const MAX_CAUSES = 5;
const MAX_MESSAGE = 16_384;

/** The failure that an error stands for: an ordinary throw is `retryable`, `TerminalError` is `terminal`. */
export function failureOf(error: unknown, path: string): Failure {
  try {
    return readFailure(error, path, 0);
  } catch {
    // A getter or a proxy trap of what was thrown threw itself: that it failed is all that can be said.
    return { class: 'retryable', code: 'STEP_THREW', message: 'what was thrown cannot be read', path };
  }
}

function readFailure(error: unknown, path: string, depth: number): Failure {
  if (error instanceof FailureError) return recordable(error.failure, path);
  if (error instanceof StepFailed && typeof error.failure?.code === 'string') return error.failure;
  const known = error instanceof Error ? error : new Error(describeThrown(error));
  const cause =
    known.cause === undefined || depth >= MAX_CAUSES ? undefined : readFailure(known.cause, path, depth + 1);
  return {
    class: classOf(known),
    code: codeOf(known),
    message: cleanText(textOf(known.message)),
    ...(known.name === 'Error' ? {} : { name: cleanText(textOf(known.name)) }),
    ...(known instanceof TerminalError ? dataOf(known.data) : {}),
    path,
    ...(cause ? { cause } : {}),
    ...(known instanceof RateLimitedError ? askedWait(known.retryAfterMs) : {}),
  };
}

/** What a kind says of its failure, in a form that the journal can hold. */
function recordable(failure: Failure, path: string): Failure {
  const { data, retryAfterMs, ...rest } = failure;
  return { ...rest, ...dataOf(data), ...askedWait(retryAfterMs), path: failure.path ?? path };
}

/** Data that is not plain JSON must not hide the failure that it belongs to: what was wrong with it is said instead. */
function dataOf(data: Json | undefined): { readonly data?: Json } {
  if (data === undefined) return {};
  const problem = findValueProblem(data);
  return { data: problem ? `(not recorded: ${problem.path}: ${problem.problem})` : data };
}

/** Whole milliseconds, at most 100 years; a header that was no number asks for nothing. */
function askedWait(retryAfterMs: number | undefined): { readonly retryAfterMs?: number } {
  const isAsked = typeof retryAfterMs === 'number' && retryAfterMs >= 0;
  return isAsked ? { retryAfterMs: Math.ceil(Math.min(retryAfterMs, MAX_DURATION_MS)) } : {};
}

function classOf(error: Error): FailureClass {
  if (error instanceof TerminalError) return 'terminal';
  if (error instanceof RateLimitedError) return 'rate_limited';
  if (isPawlError(error) && error.family === 'usage') return 'terminal'; // the program's mistake, no matter of luck
  return 'retryable';
}

function codeOf(error: Error): string {
  const code: unknown = (error as { code?: unknown }).code;
  return typeof code === 'string' && code !== '' ? cleanText(code) : 'STEP_THREW';
}

function describeThrown(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : `what was thrown is not an Error: ${textOf(thrown)}`;
}

/** Anything can be thrown, also what has no text: recording a failure must not fail itself. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `(a ${typeof value} without a text)`;
  }
}

/** Error texts come from anywhere: cut to 16 KiB, NUL and lone surrogates replaced, so that a failure can always be recorded. */
export function cleanText(text: string): string {
  const cut = text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
  return cut.replaceAll('\u0000', '\uFFFD').toWellFormed();
}
