/** Promises of a look at a path: what is there is said as data, and nothing longer than asked for is read. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { lookAtFile } from './look-at-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'pawl-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const never = new AbortController().signal;
writeFileSync(join(folder, 'a.txt'), 'äb\0');
writeFileSync(join(folder, 'empty'), '');
mkdirSync(join(folder, 'inner'));
symlinkSync('nowhere', join(folder, 'broken'));
symlinkSync('circle', join(folder, 'circle'));

describe('a look at a path', () => {
  test.each<[string, number | undefined, object]>([
    ['a.txt', undefined, { kind: 'file' }],
    ['a.txt', 4, { kind: 'text', text: 'äb\uFFFD' }],
    ['a.txt', 3, { kind: 'too_long', limitBytes: 3 }],
    ['empty', 0, { kind: 'text', text: '' }],
    ['inner', 9, { kind: 'other' }],
    ['none', 9, { kind: 'missing' }],
    ['a.txt/none', 9, { kind: 'missing' }],
    ['broken', 9, { kind: 'missing' }],
    ['circle', 9, { kind: 'unreadable', problem: 'ELOOP' }],
  ])('%s of at most %s bytes says %j', async (name, textBytes, expected) => {
    expect(await lookAtFile({ path: join(folder, name), textBytes }, never)).toEqual(expected);
  });

  test('reads what has a text without a size', async () => {
    const look = await lookAtFile({ path: '/proc/self/status', textBytes: 65_536 }, never);
    expect(look).toMatchObject({ kind: 'text', text: expect.stringContaining('Pid:') });
  });

  test('ends with the signal', async () => {
    const path = join(folder, 'a.txt');
    await expect(lookAtFile({ path, textBytes: 9 }, AbortSignal.abort())).rejects.toThrow('abort');
  });
});
