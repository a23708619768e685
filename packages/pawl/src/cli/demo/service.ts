/** The small service that the demo talks to: a stranger who recognizes a repetition by its idempotency key. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DemoService {
  readonly url: string;
  /** Requests by idempotency key, in the order of their first arrival. */
  readonly requests: ReadonlyMap<string, number>;
  /** Whether a request was accepted and its answer is held back. */
  isHolding(): boolean;
  close(): Promise<void>;
}

export interface ServiceOptions {
  /** Accept the first request and never answer it: the moment for a kill inside a step. */
  readonly holdsFirst: boolean;
  /** Called whenever a request came. */
  readonly onRequest: () => void;
}

/** Listens on a free port of the loopback address. */
export async function startService(options: ServiceOptions): Promise<DemoService> {
  const requests = new Map<string, number>();
  let isHolding = false;
  const server = createServer((request, response) => {
    request.resume();
    const key = keyOf(request);
    if (key === undefined) return answer(response, 400, { note: 'an idempotency key is needed' });
    const count = (requests.get(key) ?? 0) + 1;
    requests.set(key, count);
    const holdsThis = options.holdsFirst && requests.size === 1 && count === 1;
    if (holdsThis) isHolding = true;
    else answer(response, 200, { note: noteOf([...requests.keys()].indexOf(key) + 1, count) });
    options.onRequest();
  });
  await listening(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    isHolding: () => isHolding,
    close: () => closed(server),
  };
}

function keyOf(request: IncomingMessage): string | undefined {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

function noteOf(place: number, count: number): string {
  return count === 1 ? `accepted as entry ${place}` : `key known: still entry ${place}, not a second one`;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
