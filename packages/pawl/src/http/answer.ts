/** Answers: JSON, or a problem (RFC 9457) with the code of the catalogue. */
import type { ServerResponse } from 'node:http';
import { type ErrorCode, isPawlError, type PawlError, pawlError } from '../errors/index.ts';

const STATUS: Partial<Record<ErrorCode, number>> = {
  TASK_LOST: 409,
  HTTP_DOOR_KEY: 401,
  HTTP_DOOR_PATH: 404,
  HTTP_DOOR_METHOD: 405,
  HTTP_DOOR_BODY_TOO_LARGE: 413,
  HTTP_DOOR_CONTENT_TYPE: 415,
  ENGINE_CLOSED: 503,
};

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed || response.headersSent) return;
  if (value === undefined) return void response.writeHead(status).end();
  send(response, status, { type: 'application/json', text: JSON.stringify(value) });
}

export function sendProblem(response: ServerResponse, error: unknown): void {
  if (response.destroyed || response.headersSent) return;
  const problem = isPawlError(error)
    ? error
    : pawlError('INVARIANT', { rule: 'a request of the door failed' });
  const status = statusOf(problem);
  const { code, message, todo } = problem;
  const value = { type: `urn:pawl:error:${code}`, title: message, status, code, todo };
  send(response, status, { type: 'application/problem+json', text: JSON.stringify(value) });
}

function statusOf({ code, family }: PawlError): number {
  return STATUS[code] ?? (family === 'usage' ? 400 : family === 'operational' ? 503 : 500);
}

function send(
  response: ServerResponse,
  status: number,
  { type, text }: { readonly type: string; readonly text: string },
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
