/** Promises of one HTTP request on the wire: limits while it streams, honest about partial answers, gone when aborted. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createRawServer, type Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { deferred } from '../../std/index.ts';
import { type HttpCall, sendRequest } from './send-request.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function urlOf(server: Server | ReturnType<typeof createRawServer>): Promise<URL> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const serve = (listener: RequestListener): Promise<URL> => urlOf(createServer(listener));

/** A server that sends exactly these bytes to whoever asks, and then hangs up. */
function serveBytes(...parts: (string | Buffer)[]): Promise<URL> {
  const server = createRawServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      for (const part of parts) socket.write(part);
      socket.end();
    });
  });
  return urlOf(server);
}

const never = new AbortController().signal;

function callTo(url: URL, more: Partial<HttpCall> = {}): HttpCall {
  return {
    method: 'GET',
    url,
    headers: {},
    allowPrivate: true,
    maxBodyBytes: 1_000_000,
    excerptBytes: 1_000,
    isExpected: (status) => status === 200,
    ...more,
  };
}

async function bodyFrom(url: URL, more: Partial<HttpCall> = {}): Promise<string> {
  const answer = await sendRequest(callTo(url, more), never);
  if (answer.kind !== 'answered') throw new Error(answer.kind);
  return answer.body.toString();
}

describe('content codings', () => {
  const text = 'some text '.repeat(1_000);

  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['Deflate', deflateRawSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', Buffer.from(text)],
  ])('a body in %s is decoded', async (coding, bytes) => {
    const url = await serve((_request, response) => {
      response.setHeader('content-encoding', coding).end(bytes);
    });
    expect(await bodyFrom(url)).toBe(text);
  });

  test('an empty body is no broken one', async () => {
    const url = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end();
    });
    expect(await bodyFrom(url)).toBe('');
    expect(await bodyFrom(url, { method: 'HEAD' })).toBe('');
  });

  test('a coding that nobody knows leaves the bytes as they are, and says so', async () => {
    const url = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip, rot13').end('grkg');
    });
    const answer = await sendRequest(callTo(url), never);
    expect(answer).toMatchObject({ kind: 'answered', isEncoded: true, body: Buffer.from('grkg') });
  });

  test('a body that ends too early or is no gzip is a failure on the way', async () => {
    for (const bytes of [gzipSync(text).subarray(0, 20), Buffer.from('no gzip')]) {
      const url = await serve((_request, response) => {
        response.setHeader('content-encoding', 'gzip').end(bytes);
      });
      expect(await sendRequest(callTo(url), never)).toMatchObject({ kind: 'failed', isTransient: true });
    }
  });
});

describe('limits', () => {
  test('a body is refused while it arrives, and the connection is cut', async () => {
    const cut = deferred<void>();
    const url = await serve((_request, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more).on('close', () => cut.resolve());
      more();
    });
    expect(await sendRequest(callTo(url), never)).toEqual({ kind: 'body_too_large' });
    await cut.promise;
  });

  test('a small body that unpacks to a large one is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().arrayBuffers;
    const url = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(bomb);
    });
    expect(await sendRequest(callTo(url), never)).toEqual({ kind: 'body_too_large' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });

  test('a body of exactly the limit is accepted, one byte more is not', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(1_000)));
    expect(await bodyFrom(url, { maxBodyBytes: 1_000 })).toHaveLength(1_000);
    const answer = await sendRequest(callTo(url, { maxBodyBytes: 999 }), never);
    expect(answer).toEqual({ kind: 'body_too_large' });
  });

  test('of an answer that is not expected the beginning is enough', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(500).write('x'.repeat(5_000)); // and never ends
    });
    const answer = await sendRequest(callTo(url), never);
    expect(answer).toMatchObject({ kind: 'answered', status: 500, body: Buffer.from('x'.repeat(1_000)) });
  });
});

describe('answers that are not whole', () => {
  test.each([
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this'],
    ['a chunked body without an end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['headers without an end', 'HTTP/1.1 200 OK\r\ncontent-'],
    ['nothing at all', ''],
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['headers longer than anybody needs', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`],
    [
      'a switch of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
  ])('%s is a failure on the way', async (_what, bytes) => {
    const answer = await sendRequest(callTo(await serveBytes(bytes)), never);
    expect(answer).toMatchObject({ kind: 'failed', isTransient: true });
    expect(answer).toHaveProperty('problem', expect.stringMatching(/\w/));
  });

  test('a compressed body that is cut in its first chunk is a failure on the way', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 100\r\n\r\n';
    for (const start of ['', gzipSync('text').subarray(0, 5)]) {
      const answer = await sendRequest(callTo(await serveBytes(head, start)), never);
      expect(answer).toMatchObject({ kind: 'failed', isTransient: true });
    }
  });

  test('a status that is not expected counts although its body is cut', async () => {
    const url = await serveBytes('HTTP/1.1 404 Not Found\r\ncontent-length: 100\r\n\r\nonly this');
    const answer = await sendRequest(callTo(url), never);
    expect(answer).toMatchObject({ kind: 'answered', status: 404, body: Buffer.from('only this') });
  });

  test('a port that nobody listens on is a failure on the way, with its code', async () => {
    const url = await serveBytes();
    for (const stop of stops.splice(0)) await stop();
    const answer = await sendRequest(callTo(url), never);
    expect(answer).toMatchObject({ kind: 'failed', errorCode: 'ECONNREFUSED', isTransient: true });
  });
});

describe('requests', () => {
  test.each(['GET', 'DELETE', 'POST'])('the body of a %s arrives with its length', async (method) => {
    const url = await serve((request, response) => {
      request.pipe(response.setHeader('x-length', request.headers['content-length'] ?? 'none'));
    });
    const answer = await sendRequest(callTo(url, { method, body: Buffer.from('hellö') }), never);
    expect(answer).toMatchObject({ body: Buffer.from('hellö'), headers: { 'x-length': '6' } });
  });

  test('what cannot be written as a header is no failure on the way', async () => {
    const url = await serve((_request, response) => response.end());
    const answer = await sendRequest(callTo(url, { headers: { a: 'b\nc' } }), never);
    expect(answer).toMatchObject({ kind: 'failed', isTransient: false });
  });

  test('every call has a connection of its own', async () => {
    const sockets = new Set<Socket>();
    const url = await serve((request, response) => {
      sockets.add(request.socket);
      response.end();
    });
    for (let count = 1; count <= 3; count++) {
      await sendRequest(callTo(url), never);
      expect(sockets.size).toBe(count);
    }
  });

  test('I15: a connection that one call may have is not lent to another that may not', async () => {
    const url = await serve((_request, response) => response.end());
    url.hostname = 'localhost';
    expect(await sendRequest(callTo(url), never)).toMatchObject({ status: 200 });
    const answer = await sendRequest(callTo(url, { allowPrivate: false }), never);
    expect(answer).toMatchObject({ kind: 'address_denied', host: 'localhost' });
  });
});

describe('an abort', () => {
  const reason = new Error('the attempt took too long');

  test('before the call sends nothing', async () => {
    const aborted = AbortSignal.abort(reason);
    await expect(sendRequest(callTo(await serveBytes()), aborted)).rejects.toBe(reason);
  });

  test.each([
    ['before the answer', () => {}],
    ['in the middle of the body', (write: () => void) => write()],
  ])('%s cuts the connection and rejects with the reason', async (_when, begin) => {
    const [arrived, cut] = [deferred<void>(), deferred<void>()];
    const url = await serve((request, response) => {
      request.socket.on('close', () => cut.resolve());
      begin(() => response.write('some'));
      arrived.resolve();
    });
    const abort = new AbortController();
    const sending = sendRequest(callTo(url), abort.signal);
    await arrived.promise;
    abort.abort(reason);
    await expect(sending).rejects.toBe(reason);
    await cut.promise;
  });
});
