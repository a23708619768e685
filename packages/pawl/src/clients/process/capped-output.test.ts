/** Promises of a capped output stream: exact while it is short, head and tail when it is long, bounded in memory. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CappedOutput } from './capped-output.ts';

function outputOf(chunks: readonly Uint8Array[], limit: number): CappedOutput {
  const output = new CappedOutput(limit);
  for (const chunk of chunks) output.push(chunk);
  return output;
}

const ascii = fc.uint8Array({ maxLength: 30 }).map((bytes) => bytes.map((byte) => 97 + (byte % 26)));

test('I14: whatever the chunks, the head and the tail are those of the whole stream', () => {
  fc.assert(
    fc.property(fc.array(ascii), fc.integer({ min: 1, max: 40 }), (chunks, half) => {
      const all = Buffer.concat(chunks).toString();
      const text = outputOf(chunks, half * 2).text();
      const isShort = all.length <= half * 2;
      expect(text).toEqual({
        head: isShort ? all : all.slice(0, half),
        tail: isShort ? '' : all.slice(-half),
        leftOutBytes: isShort ? 0 : all.length - half * 2,
      });
    }),
    { numRuns: 500 },
  );
});

test('a stream can be read out shorter than it was kept', () => {
  const output = outputOf([Buffer.from('0123456789')], 20);
  expect(output.text(4)).toEqual({ head: '01', tail: '89', leftOutBytes: 6 });
  expect(output.text(20)).toEqual({ head: '0123456789', tail: '', leftOutBytes: 0 });
});

test('a character that a cut would break is left out and counted', () => {
  const text = outputOf([Buffer.from('aé€😀€éz'.repeat(3))], 8).text();
  expect(text.head + text.tail).not.toContain('\uFFFD');
  expect(text.leftOutBytes).toBe(
    Buffer.byteLength('aé€😀€éz') * 3 - Buffer.byteLength(text.head + text.tail),
  );
});

test('characters that arrive in two chunks are whole', () => {
  const bytes = Buffer.from('€😀');
  const output = outputOf([bytes.subarray(0, 1), bytes.subarray(1, 5), bytes.subarray(5)], 100);
  expect(output.text().head).toBe('€😀');
});

test('NUL and bytes that are no UTF-8 become U+FFFD', () => {
  expect(outputOf([Buffer.from([97, 0, 255, 98])], 100).text().head).toBe('a\uFFFD\uFFFDb');
});

test('I14: a million tiny chunks cost no more memory than one big chunk', () => {
  const before = process.memoryUsage();
  const output = new CappedOutput(2 * 1024 * 1024);
  const slab = Buffer.alloc(1_000_000, 'x');
  for (let index = 0; index < slab.length; index++) output.push(slab.subarray(index, index + 1));
  const after = process.memoryUsage();
  expect(output.text().head).toHaveLength(1_000_000);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(20_000_000);
});
