/** Reads the body of an answer: decoded as its headers say, and never more of it than the limit. */
import type { IncomingMessage } from 'node:http';
import { type Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { deferred } from '../../std/index.ts';
import { GrowingBytes } from '../growing-bytes.ts';

/** What of a body was read; `problem` says why it is not all of it. */
export interface ReadBody {
  readonly bytes: Buffer;
  readonly problem?: Error;
}

/** The body is longer than it may be. */
export class BodyTooLarge extends Error {
  constructor(limitBytes: number) {
    super(`the body is longer than ${limitBytes} bytes`);
    this.name = 'BodyTooLarge';
  }
}

/** More codings than anybody uses: each one is a decoder, and the list is the other side's. */
const MAX_CODINGS = 4;

/** Reads up to `limitBytes` of the decoded body; what was read before a problem is kept. */
export async function readBody(response: IncomingMessage, limitBytes: number): Promise<ReadBody> {
  const kept = new GrowingBytes(limitBytes);
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      done(kept.append(chunk) < chunk.length ? new BodyTooLarge(limitBytes) : null);
    },
  });
  response.on('error', () => {}); // between two steps nobody else listens, and an error that nobody hears ends the process
  try {
    const codings = codingsOf(response) ?? [];
    const first = codings.length === 0 ? undefined : await peekByte(response);
    if (first === 'end') return { bytes: kept.bytes() }; // an empty body is no broken one
    const decoders = codings
      .toReversed()
      .map((coding, index) => decoderOf(coding, index === 0 ? first : undefined));
    await pipeline([response, ...decoders, sink]);
    return { bytes: kept.bytes() };
  } catch (error) {
    return { bytes: kept.bytes(), problem: error as Error };
  }
}

/** The codings of a body, in the order in which they were applied; undefined where one of them is unknown to us. */
export function codingsOf(response: IncomingMessage): readonly string[] | undefined {
  const names = (response.headers['content-encoding'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  const areKnown = names.length <= MAX_CODINGS && names.every((name) => KNOWN_CODINGS.includes(name));
  return areKnown ? names : undefined;
}

const KNOWN_CODINGS = ['gzip', 'x-gzip', 'br', 'deflate'];

/** The first byte of the body, which stays in it; undefined where the connection was cut before it. */
function peekByte(response: IncomingMessage): Promise<number | 'end' | undefined> {
  const first = deferred<number | 'end' | undefined>();
  const look = (): void => {
    const chunk = response.read() as Buffer | null;
    if (chunk === null) return;
    response.off('readable', look); // before the chunk goes back, which makes it readable once more
    response.unshift(chunk);
    first.resolve(chunk[0]);
  };
  response.on('readable', look);
  response.once('end', () => first.resolve('end'));
  response.once('close', () => first.resolve(undefined));
  if (response.destroyed) first.resolve(undefined);
  return first.promise;
}

function decoderOf(coding: string, firstByte: number | undefined): Transform {
  if (coding === 'br') return createBrotliDecompress();
  if (coding !== 'deflate') return createGunzip();
  // "deflate" means zlib (RFC 9110), and servers that send it bare exist; a zlib stream begins with method 8.
  const isZlib = firstByte === undefined || (firstByte & 0x0f) === 8;
  return isZlib ? createInflate() : createInflateRaw();
}
