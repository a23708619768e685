/** Sends one HTTP request on a connection of its own and reads the answer; addresses are checked where it connects. */
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { deferred } from '../../std/index.ts';
import { abortError, onAbort } from '../abort.ts';
import { AddressDenied, guardedLookup } from './guarded-lookup.ts';
import { isPublicAddress } from './public-address.ts';
import { BodyTooLarge, codingsOf, readBody } from './read-body.ts';

export interface HttpCall {
  readonly method: string;
  /** `http:` or `https:`. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  /** Allows addresses that are not on the public internet. */
  readonly allowPrivate: boolean;
  /** The most that is read of an expected answer, decoded. */
  readonly maxBodyBytes: number;
  /** The most that is read of any other answer; it is cut there. */
  readonly excerptBytes: number;
  readonly isExpected: (status: number) => boolean;
}

export interface HttpAnswered {
  readonly kind: 'answered';
  readonly status: number;
  /** Names in lower case, several values joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded, unless `isEncoded`. */
  readonly body: Buffer;
  /** The content coding is one that we do not know. */
  readonly isEncoded: boolean;
}

export type HttpAnswer =
  | HttpAnswered
  | { readonly kind: 'address_denied'; readonly host: string; readonly address: string }
  | { readonly kind: 'body_too_large' }
  /** `isTransient`: something went wrong on the way; otherwise the request itself cannot be sent. */
  | {
      readonly kind: 'failed';
      readonly problem: string;
      readonly errorCode?: string;
      readonly isTransient: boolean;
    };

/**
 * Sends the request and reads the answer. Redirects are answers like any other.
 * When the signal aborts, the connection is cut at once and the promise rejects with the signal's reason.
 */
export async function sendRequest(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
  if (signal.aborted) throw abortError(signal);
  const host = call.url.hostname.replace(/^\[|\]$/g, '');
  // A literal address is never looked up, so the socket would not ask.
  if (!call.allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) {
    return { kind: 'address_denied', host, address: host };
  }
  let request: ClientRequest;
  try {
    request = open(call);
  } catch (error) {
    return failed(error, false); // a header that cannot be written: nothing was sent
  }
  const abort = deferred<never>();
  const stopListening = onAbort(signal, () => {
    request.destroy();
    abort.reject(abortError(signal));
  });
  try {
    return await Promise.race([exchange(request, call), abort.promise]);
  } finally {
    stopListening();
    request.destroy();
  }
}

function open(call: HttpCall): ClientRequest {
  const requestBy = call.url.protocol === 'https:' ? requestHttps : requestHttp;
  return requestBy(call.url, {
    method: call.method,
    // Node leaves the length out where a method usually has no body: the other side would not see that there is one.
    headers: { ...call.headers, ...(call.body ? { 'content-length': String(call.body.length) } : {}) },
    agent: false, // no pool: a reused connection would not pass the check, nor a proxy of the environment
    ...(call.allowPrivate ? {} : { lookup: guardedLookup() }),
  });
}

async function exchange(request: ClientRequest, call: HttpCall): Promise<HttpAnswer> {
  try {
    const response = await responseTo(request, call.body);
    return await answerOf(response, call);
  } catch (error) {
    if (error instanceof AddressDenied) {
      return { kind: 'address_denied', host: error.host, address: error.address };
    }
    return failed(error, true);
  }
}

function responseTo(request: ClientRequest, body: Buffer | undefined): Promise<IncomingMessage> {
  const response = deferred<IncomingMessage>();
  request.on('response', response.resolve);
  request.on('error', response.reject); // stays: an error after the answer must find a listener
  request.on('close', () => response.reject(new Error('the connection was closed without an answer')));
  request.end(body);
  return response.promise;
}

async function answerOf(response: IncomingMessage, call: HttpCall): Promise<HttpAnswer> {
  const status = response.statusCode ?? 0;
  const isExpected = call.isExpected(status);
  const { bytes, problem } = await readBody(response, isExpected ? call.maxBodyBytes : call.excerptBytes);
  // Of an answer that fails the step anyway the status says more than what happened to its body.
  if (problem && isExpected) {
    return problem instanceof BodyTooLarge ? { kind: 'body_too_large' } : failed(problem, true);
  }
  const isEncoded = codingsOf(response) === undefined;
  return { kind: 'answered', status, headers: plainHeaders(response), body: bytes, isEncoded };
}

function plainHeaders(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function failed(error: unknown, isTransient: boolean): HttpAnswer {
  const { code } = error as NodeJS.ErrnoException;
  const problem = problemOf(error);
  return { kind: 'failed', problem, ...(code === undefined ? {} : { errorCode: code }), isTransient };
}

/** A connection that was tried on several addresses fails with one error for each and no message of its own. */
function problemOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(problemOf).join('; ');
  }
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || 'unknown problem';
}
