/** Promises of a child process: capped, ended with everything that it started, and never waited for in vain. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { type ProcessLimits, type ProcessRequest, runProcess } from './run-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'pawl-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LIMITS: ProcessLimits = { streamBytes: 1024 * 1024, killDelayMs: 60_000, pipeGraceMs: 60_000 };
const never = new AbortController().signal;
const reason = new Error('the attempt took too long');

function shell(command: string, more: Partial<ProcessRequest> = {}): ProcessRequest {
  return { file: '/bin/sh', args: ['-c', command], env: { PATH: process.env['PATH'] ?? '' }, ...more };
}

let files = 0;
function newFile(): string {
  files += 1;
  return join(folder, `pid-${files}`);
}

/** The pid that a process wrote into a file, as soon as it is there. */
async function pidIn(file: string): Promise<number> {
  return vi.waitFor(
    () => {
      const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
      if (Number.isNaN(pid)) throw new Error(`no pid in ${file}`);
      return pid;
    },
    { timeout: 8_000, interval: 5 },
  );
}

/** Whether a process runs. A dead one whose adopter has not reaped it yet still answers kill, and does not run. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  try {
    return !existsSync(stat) || !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false; // it went between the two looks
  }
}

async function hasGone(pid: number): Promise<void> {
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 8_000, interval: 5 });
}

async function endedBy(request: ProcessRequest, limits: Partial<ProcessLimits> = {}) {
  const ended = await runProcess(request, { ...LIMITS, ...limits }, never);
  if (ended.kind !== 'ended') throw new Error(ended.problem);
  return { ...ended, stdout: ended.stdout.text(), stderr: ended.stderr.text() };
}

describe('a process that ends', () => {
  test('answers with both streams and its exit code', async () => {
    const ended = await endedBy(shell('echo out; echo err >&2; exit 3'));
    expect(ended).toMatchObject({ exitCode: 3, signal: null });
    expect([ended.stdout.head, ended.stderr.head]).toEqual(['out\n', 'err\n']);
  });

  test('tells whenever it writes something, to either stream', async () => {
    let signs = 0;
    const request = (command: string) => shell(command, { onOutput: () => void signs++ });
    await endedBy(request('true'));
    expect(signs).toBe(0);
    await endedBy(request('echo out'));
    expect(signs).toBe(1);
    await endedBy(request('echo err >&2'));
    expect(signs).toBe(2);
  });

  test('answers with the signal that ended it', async () => {
    expect(await endedBy(shell('kill -USR1 $$'))).toMatchObject({ exitCode: null, signal: 'SIGUSR1' });
  });

  test('gets its standard input, however long', async () => {
    const ended = await endedBy(shell('wc -c', { stdin: 'x'.repeat(3_000_000) }));
    expect(Number(ended.stdout.head)).toBe(3_000_000);
  });

  test('may end without having read its standard input', async () => {
    const ended = await endedBy(shell('exec 0<&-; exit 0', { stdin: 'x'.repeat(3_000_000) }));
    expect(ended.exitCode).toBe(0);
  });

  test('has an empty standard input when none is given', async () => {
    expect((await endedBy(shell('cat; echo end'))).stdout.head).toBe('end\n');
  });

  test('I14: 400 MB of output are cut while they stream, not afterwards', async () => {
    const before = process.resourceUsage().maxRSS;
    const ended = await endedBy(shell('echo first; head -c 400000000 /dev/zero; echo last'));
    expect(ended.stdout.head.startsWith('first\n')).toBe(true);
    expect(ended.stdout.tail.endsWith('last\n')).toBe(true);
    expect(ended.stdout.leftOutBytes).toBe(400_000_011 - LIMITS.streamBytes);
    const grownKb = process.resourceUsage().maxRSS - before;
    expect(grownKb).toBeLessThan(200_000);
  }, 60_000); // how long 400 MB take is the machine's affair
});

describe('a process that must end', () => {
  test('I14: an abort ends grandchildren too, and is answered when the process has gone', async () => {
    const abort = new AbortController();
    const file = newFile();
    const running = runProcess(shell(`sleep 1000 & echo $! > ${file}; wait`), LIMITS, abort.signal);
    const grandchild = await pidIn(file);
    expect(isAlive(grandchild)).toBe(true);
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    await hasGone(grandchild);
  });

  test('I14: what ignores SIGTERM gets SIGKILL, grandchildren without pipes included', async () => {
    const abort = new AbortController();
    const [child, grandchild] = [newFile(), newFile()];
    const stubborn = `trap '' TERM; (trap '' TERM; while :; do sleep 1000; done) > /dev/null 2>&1 & echo $! > ${grandchild}`;
    const command = `${stubborn}; echo $$ > ${child}; while :; do sleep 1000; done`;
    const running = runProcess(shell(command), { ...LIMITS, killDelayMs: 100 }, abort.signal);
    const pids = [await pidIn(child), await pidIn(grandchild)] as const;
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(isAlive(pids[0])).toBe(false);
    await hasGone(pids[1]);
  });

  test('gets the time to clean up, and so does what it started', async () => {
    const abort = new AbortController();
    const [ready, cleaned] = [newFile(), newFile()];
    // The outer shell dies of SIGTERM at once; the inner one cleans up after that.
    const inner = `(trap 'echo 1 > ${cleaned}; exit' TERM; echo 1 > ${ready}; while :; do sleep 0.01; done)`;
    const running = runProcess(shell(`${inner} & wait`), LIMITS, abort.signal);
    await pidIn(ready);
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(await pidIn(cleaned)).toBe(1);
  });

  test('rejects with an error even when the reason is none', async () => {
    const abort = new AbortController();
    const running = runProcess(shell('sleep 1000'), LIMITS, abort.signal);
    abort.abort('because');
    await expect(running).rejects.toMatchObject({ message: 'The call was aborted.', cause: 'because' });
  });

  test('is not started when the signal has aborted', async () => {
    const file = newFile();
    const running = runProcess(shell(`echo 1 > ${file}`), LIMITS, AbortSignal.abort(reason));
    await expect(running).rejects.toBe(reason);
    expect(existsSync(file)).toBe(false);
  });

  test('is ended when this process exits', async () => {
    const [child, script] = [newFile(), join(folder, 'exits.mjs')];
    const source = fileURLToPath(new URL('run-process.ts', import.meta.url));
    const command = `echo $$ > ${child}; kill -USR1 $PPID; exec sleep 1000`;
    const lines = [
      `import { runProcess } from ${JSON.stringify(source)};`,
      "process.on('SIGUSR1', () => process.exit(7));",
      `const request = ${JSON.stringify(shell(command))};`,
      `runProcess(request, ${JSON.stringify(LIMITS)}, new AbortController().signal);`,
    ];
    writeFileSync(script, lines.join('\n'));
    const ended = await endedBy({ file: process.execPath, args: [script], env: shell('').env });
    expect(ended.exitCode).toBe(7);
    await hasGone(await pidIn(child));
  });
});

describe('a process that leaves others behind', () => {
  test('I14: is answered although a grandchild keeps the pipes open, which is killed', async () => {
    const file = newFile();
    const command = `sleep 1000 & echo $! > ${file}; echo done`;
    const ended = await endedBy(shell(command), { pipeGraceMs: 50 });
    expect(ended).toMatchObject({ exitCode: 0, stdout: { head: 'done\n' } });
    await hasGone(await pidIn(file));
  });

  test('I14: is answered although somebody outside of its group keeps the pipes open', async () => {
    const file = newFile();
    // Node makes the session itself: not every system has the command setsid.
    const script = `const c = require('child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'inherit' });
      require('fs').writeFileSync('${file}', String(c.pid)); process.exit(0)`;
    const request = { file: process.execPath, args: ['-e', script], env: shell('').env };
    const ended = await endedBy(request, { pipeGraceMs: 50 });
    const escaped = await pidIn(file);
    expect(ended.exitCode).toBe(0);
    expect(isAlive(escaped)).toBe(true);
    process.kill(escaped, 'SIGKILL');
  });

  test('leaves alone what has let go of the pipes', async () => {
    const file = newFile();
    const ended = await endedBy(shell(`sleep 1000 > /dev/null 2>&1 & echo $! > ${file}`));
    const left = await pidIn(file);
    expect(ended.exitCode).toBe(0);
    expect(isAlive(left)).toBe(true);
    process.kill(left, 'SIGKILL');
  });

  test('can still be aborted while its pipes are open', async () => {
    const abort = new AbortController();
    const file = newFile();
    const running = runProcess(shell(`sleep 1000 & echo $! > ${file}`), LIMITS, abort.signal);
    const grandchild = await pidIn(file);
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    await hasGone(grandchild);
  });
});

describe('a process that cannot start', () => {
  const unreadable = join(folder, 'not-executable');
  writeFileSync(unreadable, 'x', { mode: 0o644 });

  test.each([
    ['a program that does not exist', { file: 'no-such-program' }, '"no-such-program" was not found'],
    ['a file that may not be executed', { file: unreadable }, 'may not be executed'],
    ['a folder that does not exist', { cwd: join(folder, 'nowhere') }, 'cannot be used (ENOENT)'],
    ['a folder that is a file', { cwd: unreadable }, 'is not a folder'],
    ['an environment that is too long', { env: { HUGE: 'x'.repeat(4_000_000) } }, 'too long for the system'],
    ['an argument with a NUL', { args: ['-c', 'a\0b'] }, 'null bytes'],
  ] as const)('says so of %s', async (_what, more, problem) => {
    const answer = await runProcess(shell('true', more), LIMITS, never);
    expect(answer).toMatchObject({ kind: 'not_started', isTransient: false });
    expect(answer).toHaveProperty('problem', expect.stringContaining(problem));
  });
});
