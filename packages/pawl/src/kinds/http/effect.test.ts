/** Promises of an http step, kept with real servers on loopback. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { deferred, findValueProblem } from '../../std/index.ts';
import { type Failure, FailureError, MASK, secret, type StepContext } from '../../step/index.ts';
import { runHttp } from './effect.ts';
import { httpInputSchema } from './input.ts';
import type { HttpOutput } from './output.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

interface Served {
  readonly url: string;
  readonly port: number;
  /** Connections so far: more than requests tell. */
  readonly connections: () => number;
}

async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, connections: () => connections };
}

/** A server that answers with what it was asked. */
function serveEcho(): Promise<Served> {
  return serve((request, response) => {
    const answer = async (): Promise<void> => {
      const { method, url, headers } = request;
      const echo = { method, url, headers, body: await text(request) };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(echo));
    };
    answer().catch((error: unknown) => response.destroy(error as Error));
  });
}

const secrets: Readonly<Record<string, string>> = { TOKEN: 'tok-0123456789', BROKEN: 'line\nbreak' };

const context: StepContext = {
  runId: 'run-1',
  tenant: 'default',
  workerId: 'w',
  path: 'fetch',
  attempt: 1,
  idempotencyKey: 'run-1/fetch',
  signal: new AbortController().signal,
  report: () => {},
  progress: () => {},
  heartbeat: () => undefined,
  log: () => {},
  secret(name) {
    const value = secrets[name];
    if (value !== undefined) return value;
    throw new FailureError({ class: 'terminal', code: 'SECRET_MISSING', message: name });
  },
};

async function run(input: object, more: Partial<StepContext> = {}): Promise<HttpOutput> {
  const parsed = httpInputSchema.parse({ allowPrivate: true, ...input });
  const result = await runHttp(parsed, { ...context, ...more });
  expect(result.outcome).toBe('ok');
  expect(findValueProblem(result.output)).toBeUndefined();
  return result.output as HttpOutput;
}

async function failureOf(input: object): Promise<Failure> {
  const error: unknown = await run(input).catch((thrown: unknown) => thrown);
  if (!(error instanceof FailureError)) throw new Error('expected a failure', { cause: error });
  expect(findValueProblem(error.failure)).toBeUndefined();
  return error.failure;
}

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function echoOf(input: object): Promise<Echo> {
  const { url } = await serveEcho();
  return (await run({ url, ...input })).body as unknown as Echo;
}

describe('a request', () => {
  test('carries the idempotency key of the step and says who asks', async () => {
    const { method, headers } = await echoOf({});
    expect(method).toBe('GET');
    expect(headers).toMatchObject({ 'idempotency-key': 'run-1/fetch', 'user-agent': 'pawl', accept: '*/*' });
  });

  test('lets its headers replace those', async () => {
    const { headers } = await echoOf({ headers: { 'IDEMPOTENCY-KEY': 'mine', 'User-Agent': 'me' } });
    expect(headers).toMatchObject({ 'idempotency-key': 'mine', 'user-agent': 'me' });
  });

  test('adds its query to that of the URL', async () => {
    const { url } = await serveEcho();
    const query = { a: ['1', 2], b: true, 'c&': 'd=é', s: secret('TOKEN') };
    const { body } = await run({ url: `${url}/p?x=y`, query });
    expect(body).toMatchObject({ url: '/p?x=y&a=1&a=2&b=true&c%26=d%3D%C3%A9&s=tok-0123456789' });
  });

  test.each([
    [{ json: { a: [1, secret('TOKEN')] } }, 'application/json', '{"a":[1,"tok-0123456789"]}'],
    [{ json: null }, 'application/json', 'null'],
    [
      { form: { a: 'b c', s: secret('TOKEN'), n: 1 } },
      'application/x-www-form-urlencoded',
      'a=b+c&s=tok-0123456789&n=1',
    ],
    [{ body: 'hellö' }, 'text/plain; charset=utf-8', 'hellö'],
    [{ body: '<a/>', headers: { 'Content-Type': 'text/xml' } }, 'text/xml', '<a/>'],
  ])('with the content %j sends it with its type', async (content, type, sent) => {
    const { headers, body } = await echoOf({ method: 'post', ...content });
    expect([headers['content-type'], body]).toEqual([type, sent]);
  });

  test('resolves secrets in headers, and sends user and password of the URL', async () => {
    const { port } = await serveEcho();
    const { body } = await run({
      url: `http://ann:p%40ss@127.0.0.1:${port}`,
      headers: { 'x-token': secret('TOKEN') },
    });
    expect(body).toMatchObject({
      headers: {
        authorization: `Basic ${Buffer.from('ann:p@ss').toString('base64')}`,
        'x-token': 'tok-0123456789',
      },
    });
  });

  test('that cannot be written fails for good and shows no secret', async () => {
    const served = await serveEcho();
    const failure = await failureOf({ url: served.url, headers: { 'x-token': secret('BROKEN') } });
    expect(failure).toMatchObject({ class: 'terminal', code: 'HTTP_FAILED' });
    expect(JSON.stringify(failure)).not.toContain('break');
    expect(served.connections()).toBe(0);
  });
});

describe('addresses', () => {
  test.each(['localhost', 'LOCALHOST'])(
    'I15: %s, which resolves to loopback, is refused before it connects',
    async (name) => {
      const { port, connections } = await serveEcho();
      for (const scheme of ['http', 'https']) {
        const failure = await failureOf({ url: `${scheme}://${name}:${port}`, allowPrivate: false });
        expect(failure).toMatchObject({ class: 'terminal', code: 'HTTP_ADDRESS_DENIED' });
        expect(failure.message).toMatch(/^The host localhost has the address (127\.0\.0\.1|::1),/);
      }
      expect(connections()).toBe(0);
    },
  );

  test.each(['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '[::1]', '[::ffff:127.0.0.1]', '0'])(
    'I15: the literal address %s is refused',
    async (host) => {
      const { port, connections } = await serveEcho();
      const failure = await failureOf({ url: `http://${host}:${port}`, allowPrivate: false });
      expect(failure).toMatchObject({ class: 'terminal', code: 'HTTP_ADDRESS_DENIED' });
      expect(connections()).toBe(0);
    },
  );

  test('a name that resolves to loopback may be asked where that is meant', async () => {
    const { port } = await serveEcho();
    expect(await run({ url: `http://localhost:${port}` })).toMatchObject({ status: 200 });
  });

  test('I15: a redirect to a private address is not followed', async () => {
    const inner = await serveEcho();
    const location = `${inner.url}/admin?token=clear`;
    const outer = await serve((_request, response) => response.writeHead(302, { location }).end());
    const failure = await failureOf({ url: outer.url });
    expect(failure).toMatchObject({
      class: 'terminal',
      code: 'HTTP_STATUS',
      data: { status: 302, headers: { location: `${inner.url}/admin?token=${MASK}` } },
    });
    expect(await run({ url: outer.url, allowStatus: [302] })).toMatchObject({ status: 302 });
    expect(inner.connections()).toBe(0);
  });
});

describe('an answer', () => {
  test('has its headers in lower case, cookies masked, and its body by type', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(201, { 'X-Two': ['a', 'b'], 'Set-Cookie': ['s=clear', 't=clear'] }).end('text');
    });
    const { status, headers, body } = await run({ url });
    expect([status, body]).toEqual([201, 'text']);
    expect(headers).toMatchObject({ 'x-two': 'a, b', 'set-cookie': MASK });
  });

  test('is read up to the limit only', async () => {
    const { url } = await serve((_request, response) => response.end('x'.repeat(101)));
    const failure = await failureOf({ url, maxBodyBytes: 100 });
    expect(failure).toMatchObject({ class: 'terminal', code: 'HTTP_BODY_TOO_LARGE' });
    expect(failure.message).toContain('100 bytes');
  });

  test('of 10 MiB and a byte is too large unless the limit is raised', async () => {
    const { url } = await serve((_request, response) => response.end(Buffer.alloc(10 * 1024 * 1024 + 1)));
    expect(await failureOf({ url })).toMatchObject({ code: 'HTTP_BODY_TOO_LARGE' });
    expect(await run({ url, maxBodyBytes: 11 * 1024 * 1024 })).toMatchObject({ status: 200 });
  });

  test.each([
    [301, 'terminal'],
    [400, 'terminal'],
    [401, 'terminal'],
    [404, 'terminal'],
    [408, 'retryable'],
    [409, 'terminal'],
    [425, 'retryable'],
    [429, 'retryable'],
    [500, 'retryable'],
    [503, 'retryable'],
    [599, 'retryable'],
  ])('with status %i fails as %s, or is data where that is meant', async (status, failureClass) => {
    const { url } = await serve((_request, response) => response.writeHead(status).end('why'));
    const failure = await failureOf({ url: `${url}/p?q=1`, method: 'PUT' });
    expect(failure).toMatchObject({
      class: failureClass,
      code: 'HTTP_STATUS',
      message: `PUT ${url}/p answered ${status}.`,
      data: { status, body: 'why' },
    });
    expect(await run({ url, allowStatus: [status] })).toMatchObject({ status, body: 'why' });
    expect(await run({ url, allowStatus: true })).toMatchObject({ status });
  });

  test.each([
    [429, 'rate_limited', 7_000],
    [503, 'rate_limited', 7_000],
    [500, 'retryable', undefined],
    [404, 'terminal', undefined],
  ])('with status %i and Retry-After fails as %s', async (status, failureClass, retryAfterMs) => {
    const { url } = await serve((_request, response) => {
      response.writeHead(status, { 'retry-after': '7' }).end();
    });
    const failure = await failureOf({ url });
    expect([failure.class, failure.retryAfterMs]).toEqual([failureClass, retryAfterMs]);
  });

  test('may name the date until which to wait', async () => {
    const { url } = await serve((_request, response) => {
      const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
      response.writeHead(429, { 'retry-after': inAnHour }).end();
    });
    const { retryAfterMs } = await failureOf({ url });
    expect(retryAfterMs).toBeGreaterThan(3_500_000);
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });

  test('I12: that fails is recorded in part, without cookies and secrets', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(400, { 'x-request-id': 'r1', 'x-session': 'clear', 'set-cookie': 'clear' });
      response.end(`${'é'.repeat(2_045)}${String(request.headers['x-token'])}`);
    });
    const failure = await failureOf({ url, headers: { 'x-token': secret('TOKEN') } });
    expect(failure.data).toMatchObject({ headers: { 'x-request-id': 'r1' } });
    expect(JSON.stringify(failure)).not.toMatch(/clear|tok-/);
    expect(failure.data).toHaveProperty(
      'body',
      expect.stringMatching(/^é+\[secre\[… \d+ bytes left out …\]$/),
    );
  });

  test('that never comes is a retryable failure', async () => {
    const served = await serve((request) => request.socket.destroy());
    const failure = await failureOf({ url: served.url });
    expect(failure).toMatchObject({
      class: 'retryable',
      code: 'HTTP_FAILED',
      data: { errorCode: 'ECONNRESET' },
    });
    expect(failure.message).toContain(`GET ${served.url}/ failed: `);
  });

  test('that comes in part only is a retryable failure', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('part', () => request.socket.destroy());
    });
    expect(await failureOf({ url })).toMatchObject({ class: 'retryable', code: 'HTTP_FAILED' });
  });
});

test('an aborted request rejects with the reason of the engine', async () => {
  const arrived = deferred<void>();
  const { url } = await serve(() => arrived.resolve());
  const reason = new FailureError({ class: 'timeout', code: 'STEP_TIMEOUT', message: 'too long' });
  const abort = new AbortController();
  const running = run({ url }, { signal: abort.signal });
  await arrived.promise;
  abort.abort(reason);
  await expect(running).rejects.toBe(reason);
});
