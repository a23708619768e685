/** The server of the door: loopback and no key by default; any other address only with one. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Engine } from '../engine/index.ts';
import { pawlError } from '../errors/index.ts';
import { checkOptions, checkWhole } from '../std/index.ts';
import { sendJson, sendProblem } from './answer.ts';
import { readBody } from './read-body.ts';
import { type Route, taskRoutes } from './task-routes.ts';

export interface ServeOptions {
  /** 127.0.0.1 when left out. */
  readonly host?: string;
  /** A free one when left out. */
  readonly port?: number;
  /** Whoever comes must show it as `authorization: Bearer KEY`. Needed on every address but loopback; at least 16 characters. */
  readonly key?: string;
  /** Longest body of a request; 17 MiB. */
  readonly maxBodyBytes?: number;
}

export interface Served {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Answers what is open, takes nothing new. */
  close(): Promise<void>;
}

const DEFAULT_BODY_BYTES = 17 * 1_024 * 1_024;
const MAX_BODY_BYTES = 512 * 1_024 * 1_024;
const SHORTEST_KEY = 16;
const MAX_PORT = 65_535;
/** A request that does not arrive in this time is given up. */
const REQUEST_MS = 30_000;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Opens the door of an engine by HTTP.
 * @throws `OPTION_INVALID`, `HTTP_DOOR_NEEDS_KEY`, `HTTP_DOOR_ADDRESS`
 */
export async function serve(engine: Engine, options: ServeOptions = {}): Promise<Served> {
  checkOptions(options, { where: 'serve', known: ['host', 'port', 'key', 'maxBodyBytes'] });
  const { host = '127.0.0.1', port = 0, key, maxBodyBytes = DEFAULT_BODY_BYTES } = options;
  if (typeof host !== 'string' || host === '')
    throw pawlError('OPTION_INVALID', { where: 'serve.host', problem: 'it is an address' });
  checkWhole(port, 'serve.port', { from: 0, to: MAX_PORT });
  checkWhole(maxBodyBytes, 'serve.maxBodyBytes', { from: 1, to: MAX_BODY_BYTES });
  if (key !== undefined && (typeof key !== 'string' || key.length < SHORTEST_KEY))
    throw pawlError('OPTION_INVALID', {
      where: 'serve.key',
      problem: `it has at least ${SHORTEST_KEY} characters`,
    });
  if (key === undefined && !LOOPBACK.has(host)) throw pawlError('HTTP_DOOR_NEEDS_KEY', { host });
  const door = new Door(taskRoutes(engine.tasks), { key, maxBodyBytes });
  return await door.open(host, port);
}

interface DoorRules {
  readonly key: string | undefined;
  readonly maxBodyBytes: number;
}

/** States: *open* → *closing* (long polls are answered) → closed. */
class Door {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #rules: DoorRules;
  readonly #server: Server;
  /** Calls that wait. */
  readonly #open = new Set<AbortController>();
  /** Calls that have arrived whole, until their answers are sent. */
  readonly #answering = new Set<Promise<void>>();
  #isClosing = false;

  constructor(routes: ReadonlyMap<string, Route>, rules: DoorRules) {
    this.#routes = routes;
    this.#rules = rules;
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.requestTimeout = REQUEST_MS;
  }

  async open(host: string, port: number): Promise<Served> {
    await new Promise<void>((resolve, reject) => {
      const onError = (error: Error): void =>
        reject(pawlError('HTTP_DOOR_ADDRESS', { address: `${host}:${port}`, problem: error.message }));
      this.#server.once('error', onError);
      this.#server.listen(port, host, () => {
        this.#server.off('error', onError);
        resolve();
      });
    });
    const { port: given } = this.#server.address() as AddressInfo;
    const name = host.includes(':') ? `[${host}]` : host;
    return { host, port: given, url: `http://${name}:${given}`, close: () => this.#close() };
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const abort = new AbortController();
    this.#open.add(abort);
    response.once('close', () => abort.abort());
    if (this.#isClosing) response.setHeader('connection', 'close');
    try {
      this.#admit(request);
      const route = this.#routeOf(request);
      const body = await readBody(request, this.#rules.maxBodyBytes);
      this.#noteArrived(response);
      const answer = await route(body, abort.signal);
      sendJson(response, answer === undefined ? 204 : 200, answer);
    } catch (error) {
      sendProblem(response, error);
    } finally {
      this.#open.delete(abort);
      if (!request.complete) request.destroy(); // the rest of a body that nobody wants
    }
  }

  /** A web page that somebody visits could reach a loopback address under a name of its own; it cannot choose this header. */
  #admit({ headers }: IncomingMessage): void {
    const { key } = this.#rules;
    if (key !== undefined) {
      if (!isSame(headers.authorization ?? '', `Bearer ${key}`)) throw pawlError('HTTP_DOOR_KEY');
      return;
    }
    const name = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    if (!LOOPBACK.has(name) || headers.origin !== undefined) throw pawlError('HTTP_DOOR_KEY');
  }

  #routeOf({ method, url = '' }: IncomingMessage): Route {
    const [path = ''] = url.split('?');
    if (path === '/api/v1/health' && method === 'GET') return async () => ({ ok: true });
    const route = this.#routes.get(path);
    if (!route) throw pawlError('HTTP_DOOR_PATH', { path: path.slice(0, 200) });
    if (method !== 'POST') throw pawlError('HTTP_DOOR_METHOD', { method: method ?? '' });
    return route;
  }

  #noteArrived(response: ServerResponse): void {
    if (response.destroyed) return; // whoever asked has gone
    const sent = new Promise<void>((resolve) => void response.once('close', resolve));
    this.#answering.add(sent);
    void sent.then(() => this.#answering.delete(sent));
  }

  /** A caller that has not said all that it wanted to say, or nothing yet, is not waited for. */
  async #close(): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    for (const abort of this.#open) abort.abort();
    while (this.#answering.size > 0) await Promise.all(this.#answering);
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Compares in a time that tells nothing about the key. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
