/** Promises of a verify step: every clause is enforced and reported, and none is skipped because another one failed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findValueProblem } from '../../std/index.ts';
import { type Failure, failureOf, secret, type StepContext } from '../../step/index.ts';
import type { Finding, VerifyOutput } from '../index.ts';
import { verify } from './effect.ts';
import { verifyInputSchema } from './input.ts';

const folder = mkdtempSync(join(tmpdir(), 'pawl-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'notes.md'), '# Notes\n## 1.2.0\nAdded: a pawl\n');
writeFileSync(join(folder, 'huge.txt'), Buffer.alloc(10 * 1024 * 1024 + 1, 'x'));

const context: StepContext = {
  runId: 'run-1',
  tenant: 'default',
  workerId: 'w',
  path: 'check#2',
  attempt: 1,
  idempotencyKey: 'run-1:check#2',
  signal: new AbortController().signal,
  report: () => {},
  progress: () => {},
  heartbeat: () => undefined,
  log: () => {},
  secret: () => 'tok-0123456789',
};

async function passed(
  clauses: readonly object[],
  more: Partial<StepContext> = {},
): Promise<readonly Finding[]> {
  const result = await verify(verifyInputSchema.parse({ clauses }), { ...context, ...more });
  expect(result.outcome).toBe('passed');
  expect(findValueProblem(result.output)).toBeUndefined();
  const { passed: isPassed, findings } = result.output as VerifyOutput;
  expect(isPassed).toBe(true);
  return findings;
}

async function failed(clauses: readonly object[]): Promise<Failure> {
  const thrown: unknown = await passed(clauses).catch((error: unknown) => error);
  const failure = failureOf(thrown, 'check');
  expect(failure).toMatchObject({ class: 'terminal', code: 'VERIFICATION_FAILED' });
  return failure;
}

async function problemOf(clause: object): Promise<string | null | undefined> {
  const { data } = await failed([clause]);
  return (data as unknown as VerifyOutput).findings[0]?.problem;
}

const notes = join(folder, 'notes.md');

describe('a clause that holds', () => {
  test.each<[string, object, string]>([
    [
      'a command',
      { command: 'echo one; echo two >&2', contains: 'one', matches: '^o.e$' },
      'command echo one; echo two >&2',
    ],
    ['arguments', { argv: ['printf', '%s', '$HOME'], contains: '$HOME' }, 'argv printf %s $HOME'],
    ['another exit code', { command: 'exit 7', status: 7, name: 'seven' }, 'seven'],
    [
      'a folder and standard input',
      { command: 'pwd; cat', cwd: folder, stdin: 'in', contains: [folder, 'in'] },
      'command pwd; cat',
    ],
    ['a text', { text: 'a\nbc', contains: ['a', 'c'], matches: ['^b', 'c$'] }, 'text'],
    ['a value as text', { text: { a: [1] }, contains: '{"a":[1]}' }, 'text'],
    ['a value', { value: { a: 1 }, schema: { type: 'object', required: ['a'] } }, 'value'],
    ['a null', { value: null, schema: { type: 'null' } }, 'value'],
    ['files', { files: [folder, notes] }, `files ${folder}, ${notes}`],
    [
      'a file with a text',
      { files: 'notes.md', cwd: folder, contains: 'pawl', matches: '^## 1' },
      'files notes.md',
    ],
    ['an expression', { expression: { source: 'state.n > 1', value: true } }, 'expression state.n > 1'],
  ])('%s is a finding without a problem', async (_what, clause, title) => {
    expect(await passed([clause])).toEqual([{ clause: title, ok: true, problem: null }]);
  });
});

describe('a clause that does not hold', () => {
  test.each<[string, object, string]>([
    [
      'H7: a command that ends badly',
      { command: 'echo passed; echo one >&2; echo two >&2; exit 3' },
      'ended with exit code 3, not 0: two',
    ],
    [
      'H7: the same though its output is as asked',
      { command: 'echo passed; exit 1', contains: 'passed' },
      'ended with exit code 1, not 0',
    ],
    [
      'a good end where a bad one is asked for',
      { command: 'true', status: 1 },
      'ended with exit code 0, not 1',
    ],
    ['a command that a signal ended', { command: 'kill -9 $$' }, 'was ended by SIGKILL, not 0'],
    ['a command that is not there', { argv: ['no-such-program'] }, 'The command could not be started'],
    [
      'the output of a command',
      { command: 'echo a; echo b >&2', contains: 'b' },
      'stdout does not contain "b"',
    ],
    [
      'the end and the output of a command',
      { command: 'exit 2', matches: 'a' },
      'ended with exit code 2, not 0; stdout does not match /a/',
    ],
    [
      'one text of several',
      { text: 'ab', contains: ['a', 'c', 'd'] },
      'does not contain "c"; does not contain "d"',
    ],
    ['one expression of several', { text: 'ab', matches: ['a', '^b'] }, 'does not match /^b/'],
    [
      'every part of a value',
      { value: { a: 1, b: 2 }, schema: { properties: { a: { type: 'string' }, b: { maximum: 1 } } } },
      '$.a must be string; $.b must be <= 1',
    ],
    ['a missing value', { value: null, schema: { type: 'object' } }, '$ must be object'],
    ['a missing file', { files: [notes, '/no/such/file'] }, '/no/such/file does not exist'],
    [
      'a file with another text',
      { files: 'notes.md', cwd: folder, contains: 'ratchet' },
      'notes.md does not contain "ratchet"',
    ],
    ['a folder that is asked for a text', { files: folder, contains: 'x' }, 'has no text: it is no file'],
    [
      'a file that is too long',
      { files: join(folder, 'huge.txt'), contains: 'x' },
      'is longer than 10485760 bytes',
    ],
    ['a file that cannot be read', { files: 'x'.repeat(300) }, 'cannot be read (ENAMETOOLONG)'],
    ['an expression that is false', { expression: { source: 'x', value: false } }, 'gives false'],
    ['an expression that is only truthy', { expression: { source: 'x', value: 'true' } }, 'gives true'],
    [
      'an expression that failed',
      { expression: { source: 'x', problem: 'No such key: x' } },
      'No such key: x',
    ],
  ])('%s is a problem', async (_what, clause, problem) => {
    expect(await problemOf(clause)).toContain(problem);
  });

  test('is each reported, and every clause is looked at: H7', async () => {
    const marker = join(folder, 'ran');
    const failure = await failed([
      { name: 'first', command: 'exit 1' },
      { text: 'a', contains: 'a' },
      { command: `touch ${marker}` },
      { files: marker },
      { name: 'last', text: 'a', contains: 'b' },
    ]);
    expect(failure.message).toBe(
      '2 of 5 clauses do not hold: first: ended with exit code 1, not 0; last: does not contain "b"',
    );
    expect(failure.data).toMatchObject({
      passed: false,
      findings: [
        { ok: false },
        { ok: true },
        { ok: true },
        { ok: true, problem: null },
        { clause: 'last', ok: false },
      ],
    });
  });

  test('has its problem cut, and the message of a long contract too', async () => {
    const clauses = Array.from({ length: 200 }, (_, index) => ({
      name: `clause ${index}`,
      text: '',
      contains: Array.from({ length: 50 }, () => 'x'.repeat(400)),
    }));
    const failure = await failed(clauses);
    expect(Buffer.byteLength(failure.message)).toBeLessThan(9 * 1024);
    expect(failure.message).toContain('bytes left out');
    const { findings } = failure.data as unknown as VerifyOutput;
    expect(findings).toHaveLength(200);
    expect(Math.max(...findings.map(({ problem }) => problem?.length ?? 0))).toBeLessThan(1_100);
  });

  test('shows no secret in what it quotes', async () => {
    const problem = await problemOf({ command: 'echo "bad $T" >&2; exit 1', env: { T: secret('T') } });
    expect(problem).toBe('ended with exit code 1, not 0: bad [secret]');
  });
});

describe('a verify step', () => {
  test('gives its commands what every command gets', async () => {
    const command = 'test "$PAWL_RUN_ID $PAWL_STEP_PATH $PAWL_ATTEMPT" = "run-1 check#2 1"';
    expect(await passed([{ command }])).toHaveLength(1);
  });

  test('ends with its signal', async () => {
    const stop = new AbortController();
    const ended = passed([{ command: 'sleep 60' }, { text: 'a', contains: 'a' }], { signal: stop.signal });
    stop.abort(new Error('cancelled'));
    await expect(ended).rejects.toThrow('cancelled');
    await expect(passed([{ text: 'a', contains: 'a' }], { signal: stop.signal })).rejects.toThrow(
      'cancelled',
    );
  });
});
