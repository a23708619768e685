/** Promises of a shell step, kept with real processes. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findValueProblem } from '../../std/index.ts';
import { type Failure, FailureError, MASK, secret, type StepContext } from '../../step/index.ts';
import { runShell } from './effect.ts';
import { shellInputSchema } from './input.ts';
import type { ShellOutput } from './output.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pawl-shell-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secrets: Readonly<Record<string, string>> = { TOKEN: 'tok-0123456789' };

const context: StepContext = {
  runId: 'run-1',
  tenant: 'default',
  workerId: 'w',
  path: 'build#2',
  attempt: 3,
  idempotencyKey: 'run-1/build#2',
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

async function run(input: unknown, more: Partial<StepContext> = {}): Promise<ShellOutput> {
  const result = await runShell(shellInputSchema.parse(input), { ...context, ...more });
  expect(result.outcome).toBe('ok');
  expect(findValueProblem(result.output)).toBeUndefined();
  return result.output as ShellOutput;
}

async function failureOf(input: unknown): Promise<Failure> {
  const error: unknown = await run(input).catch((thrown: unknown) => thrown);
  if (!(error instanceof FailureError)) throw new Error('expected a failure', { cause: error });
  expect(findValueProblem(error.failure)).toBeUndefined();
  return error.failure;
}

describe('a command that ends well', () => {
  test('gives a sign of life when it prints something', async () => {
    let signs = 0;
    await run({ command: 'echo alive' }, { heartbeat: () => void signs++ });
    expect(signs).toBe(1);
  });

  test('answers with its output', async () => {
    expect(await run({ command: 'echo "out $0"; echo err >&2' })).toEqual({
      stdout: 'out /bin/sh\n',
      stderr: 'err\n',
      exitCode: 0,
      signal: null,
      truncated: false,
    });
  });

  test('gets its arguments without a shell', async () => {
    const { stdout } = await run({ argv: ['printf', '%s|', '$HOME', 'a b', '', '`x`'] });
    expect(stdout).toBe('$HOME|a b||`x`|');
  });

  test('runs in its folder and reads its standard input', async () => {
    expect((await run({ command: 'pwd; cat', cwd: folder, stdin: 'in' })).stdout).toBe(`${folder}\nin`);
  });

  test('knows its run, step and attempt, and a key that recognizes a repetition', async () => {
    const { stdout } = await run({ command: 'env | grep ^PAWL_ | sort', cleanEnv: true });
    expect(stdout.trim().split('\n')).toEqual([
      'PAWL_ATTEMPT=3',
      'PAWL_IDEMPOTENCY_KEY=run-1/build#2',
      'PAWL_RUN_ID=run-1',
      'PAWL_STEP_PATH=build#2',
    ]);
  });

  test('inherits the environment of the worker unless told otherwise', async () => {
    const command = 'echo "${PATH:+path} $ADDED"';
    const env = { ADDED: 'added' };
    expect((await run({ command, env })).stdout).toBe('path added\n');
    const listing = await run({ argv: ['/usr/bin/env'], env, cleanEnv: true });
    const names = listing.stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names.filter((name) => !name?.startsWith('PAWL_'))).toEqual(['ADDED']);
  });

  test('gets the value of a secret', async () => {
    const { stdout } = await run({ command: 'printf %s "$T" | wc -c', env: { T: secret('TOKEN') } });
    expect(Number(stdout)).toBe(secrets['TOKEN']?.length);
  });

  test('may write what is no text', async () => {
    const { stdout } = await run({ command: String.raw`printf 'a\0b\377c\303'` });
    expect(stdout).toBe('a\uFFFDb\uFFFDc\uFFFD');
  });
});

describe('a command with too much output', () => {
  test('I14: keeps the head and the tail of each stream, and says what was left out', async () => {
    const { stdout, stderr, truncated } = await run({
      command: "echo first; head -c 11000000 /dev/zero | tr '\\0' x; echo last; echo err >&2",
    });
    expect(truncated).toBe(true);
    const half = 5 * 1024 * 1024;
    const leftOut = 11_000_011 - 2 * half;
    expect(stdout).toBe(
      `first\n${'x'.repeat(half - 6)}\n[… ${leftOut} bytes left out …]\n${'x'.repeat(half - 5)}last\n`,
    );
    expect(stderr).toBe('err\n');
  });

  test('fits the journal whatever it wrote, and so is not lost', async () => {
    const output = await run({ command: 'head -c 10000000 /dev/urandom; head -c 10000000 /dev/zero >&2' });
    expect(output.truncated).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(output))).toBeLessThan(16 * 1024 * 1024);
  });

  test('I12: leaves no half of a secret at the cut', async () => {
    const half = 5 * 1024 * 1024;
    const head = `head -c ${half - 8} /dev/zero | tr '\\0' x; printf %s "$T"`;
    const tail = `printf %s "$T"; head -c ${half - 5} /dev/zero | tr '\\0' y`;
    const command = `${head}; head -c 1000 /dev/zero | tr '\\0' z; ${tail}`;
    const { stdout } = await run({ command, env: { T: secret('TOKEN') } });
    expect(stdout).not.toContain('tok-0');
    expect(stdout).not.toContain('56789');
    expect(stdout.match(/x\[secret\]\n\[… \d+ bytes left out …\]\n\[secret\]y/)).not.toBeNull();
  });
});

describe('a command that ends badly', () => {
  test('fails for good with its exit code and the ends of its streams', async () => {
    const command = "head -c 6000 /dev/zero | tr '\\0' x; echo one >&2; echo two >&2; exit 7";
    const failure = await failureOf({ command });
    expect(failure).toMatchObject({
      class: 'terminal',
      code: 'SHELL_EXIT',
      message: 'The command ended with exit code 7: two',
      data: { exitCode: 7, stderr: 'one\ntwo\n' },
    });
    expect(failure.data).toHaveProperty('stdout', `[… 1904 bytes left out …]${'x'.repeat(4_096)}`);
  });

  test('says so plainly when it said nothing itself', async () => {
    const { message } = await failureOf({ command: 'exit 1' });
    expect(message).toBe('The command ended with exit code 1.');
  });

  test('I12: shows no secret in its failure, not even half of one', async () => {
    const command = `printf 'x%s' "$T" >&2; head -c 4090 /dev/zero | tr '\\0' y >&2; printf '%s\n' "$T"; exit 1`;
    const failure = await failureOf({ command, env: { T: secret('TOKEN') } });
    expect(JSON.stringify(failure)).not.toMatch(/tok-|6789/);
    expect(failure.data).toHaveProperty('stdout', `${MASK}\n`);
  });

  test('answers with exit codes that are data', async () => {
    expect(await run({ command: 'exit 7', allowExit: [3, 7] })).toMatchObject({ exitCode: 7 });
    expect(await run({ command: 'exit 9', allowExit: true })).toMatchObject({ exitCode: 9 });
    expect(await failureOf({ command: 'exit 8', allowExit: [3, 7] })).toMatchObject({ code: 'SHELL_EXIT' });
  });

  test('fails for good when a signal ended it', async () => {
    const failure = await failureOf({ command: 'echo said; kill -KILL $$', allowExit: [1] });
    expect(failure).toMatchObject({
      class: 'terminal',
      code: 'SHELL_SIGNAL',
      message: 'The command was ended by SIGKILL.',
      data: { signal: 'SIGKILL', stdout: 'said\n' },
    });
    const data = await run({ command: 'kill -KILL $$', allowExit: true });
    expect(data).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  test.each([
    ['a program that does not exist', { argv: ['no-such-program'] }, '"no-such-program" was not found'],
    ['a folder that does not exist', { command: 'x', cwd: join(folder, 'no') }, 'cannot be used (ENOENT)'],
    ['a huge environment', { command: 'x', env: { HUGE: 'x'.repeat(4_000_000) } }, 'too long'],
  ])('cannot be started with %s', async (_what, input, problem) => {
    const failure = await failureOf(input);
    expect(failure).toMatchObject({ class: 'terminal', code: 'SHELL_START' });
    expect(failure.message).toContain(problem);
  });

  test('is not started when a secret is missing', async () => {
    const failure = await failureOf({ command: 'x', env: { T: secret('NOWHERE') } });
    expect(failure).toMatchObject({ class: 'terminal', code: 'SECRET_MISSING' });
  });
});

test('an aborted command rejects with the reason of the engine', async () => {
  const reason = new FailureError({ class: 'timeout', code: 'STEP_TIMEOUT', message: 'too long' });
  const abort = new AbortController();
  const running = run({ command: 'exec sleep 1000' }, { signal: abort.signal });
  abort.abort(reason);
  await expect(running).rejects.toBe(reason);
});
