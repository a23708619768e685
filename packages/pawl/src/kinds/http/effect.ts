/** The effect of an http step: sends the request and tells a good answer from the bad ones. */
import { type HttpAnswer, type HttpAnswered, sendRequest, wallTimeMs } from '../../clients/index.ts';
import { type ErrorCode, type ErrorParams, messageOf } from '../../errors/index.ts';
import { unreachable } from '../../std/index.ts';
import {
  type Failure,
  type FailureClass,
  FailureError,
  type KindResult,
  type StepContext,
} from '../../step/index.ts';
import { textStart } from '../excerpt.ts';
import { SecretReader } from '../secrets.ts';
import { BODY_BYTES, FAILURE_BYTES, MAX_RETRY_AFTER_MS } from './defaults.ts';
import type { HttpInput } from './input.ts';
import { maskedUrl, plainUrl } from './masked-url.ts';
import { bodyText, outputOf } from './output.ts';
import { callOf } from './request.ts';
import { parseRetryAfter } from './retry-after.ts';

/**
 * Sends the request.
 * @throws `HTTP_STATUS`, `HTTP_FAILED`, `HTTP_ADDRESS_DENIED`, `HTTP_BODY_TOO_LARGE`; the reason of the signal when the
 * attempt is aborted.
 */
export async function runHttp(input: HttpInput, context: StepContext): Promise<KindResult> {
  const secrets = new SecretReader(context);
  const call = callOf(input, context, secrets);
  const answer = await sendRequest(call, context.signal);
  if (answer.kind !== 'answered') throw faultFailure(answer, input, secrets);
  if (!call.isExpected(answer.status)) throw statusFailure(answer, input, secrets);
  return { outcome: 'ok', output: outputOf(answer) };
}

type Fault = Exclude<HttpAnswer, HttpAnswered>;

function faultFailure(fault: Fault, input: HttpInput, secrets: SecretReader): FailureError {
  switch (fault.kind) {
    case 'address_denied':
      return failure('HTTP_ADDRESS_DENIED', { host: fault.host, address: fault.address });
    case 'body_too_large':
      return failure('HTTP_BODY_TOO_LARGE', { limit: input.maxBodyBytes ?? BODY_BYTES });
    case 'failed': {
      const problem = secrets.mask(fault.problem);
      return failure(
        'HTTP_FAILED',
        { ...whereTo(input), problem },
        {
          class: fault.isTransient ? 'retryable' : 'terminal',
          ...(fault.errorCode === undefined ? {} : { data: { errorCode: fault.errorCode } }),
        },
      );
    }
    default:
      return unreachable(fault);
  }
}

function statusFailure(answer: HttpAnswered, input: HttpInput, secrets: SecretReader): FailureError {
  const { status, headers } = answer;
  const retryAfterMs = canAskToWait(status)
    ? parseRetryAfter(headers['retry-after'], wallTimeMs(), MAX_RETRY_AFTER_MS)
    : undefined;
  const text = bodyText(answer);
  const body = text === undefined ? null : textStart(secrets.mask(text), FAILURE_BYTES);
  return failure(
    'HTTP_STATUS',
    { ...whereTo(input), status },
    {
      class: classOf(status, retryAfterMs),
      data: { status, headers: tellingHeaders(headers, input.url), body },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

function canAskToWait(status: number): boolean {
  return status === 429 || status === 503;
}

function classOf(status: number, retryAfterMs: number | undefined): FailureClass {
  if (retryAfterMs !== undefined) return 'rate_limited';
  const isTransient = status === 408 || status === 425 || status === 429 || status >= 500;
  return isTransient ? 'retryable' : 'terminal';
}

const TELLING =
  /^(?:content-type|content-length|date|location|retry-after|server|www-authenticate|allow|(?:x-)?(?:request|correlation|trace)-id|(?:x-)?ratelimit-.*|(?:x-amzn-|cf-).*(?:id|ray))$/;

/** The headers that help to find out why: a list, because any other header may carry a secret. */
function tellingHeaders(headers: Readonly<Record<string, string>>, url: string): Record<string, string> {
  const shown = Object.entries(headers).filter(([name]) => TELLING.test(name));
  return Object.fromEntries(
    shown.map(([name, value]) => [name, name === 'location' ? maskedUrl(value, url) : value]),
  );
}

function whereTo(input: HttpInput): { readonly method: string; readonly url: string } {
  return { method: input.method ?? 'GET', url: plainUrl(input.url) };
}

function failure(code: ErrorCode, params: ErrorParams, details: Partial<Failure> = {}): FailureError {
  return new FailureError({ class: 'terminal', code, message: messageOf(code, params), ...details });
}
