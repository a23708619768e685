/** Runs the command `pawl` as a real process in a folder of its own, and waits for what it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const bin = fileURLToPath(new URL('../../packages/pawl/bin/pawl.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** A temporary folder that goes away with the tests of the file. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pawl-e2e-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The environment of this process without what would change the command. */
function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:PAWL_|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...extra };
}

/** starting → running → ended. Everything that it printed stays in `stdout` and `stderr`. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  readonly #watchers = new Set<() => void>();

  constructor(command: string, args: readonly string[], options: RunOptions = {}) {
    this.child = spawn(command, args, { cwd: options.cwd, env: environment(options.env), stdio: 'pipe' });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take('stdout', text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#take('stderr', text));
    if (options.stdin !== undefined) this.child.stdin?.end(options.stdin);
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => {
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
        for (const watcher of this.#watchers) watcher();
      });
    });
  }

  /** Resolves with the match as soon as standard output holds it; rejects when the command ends without it. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match) return match;
      if (this.child.exitCode !== null)
        throw new Error(`ended without ${String(pattern)}: ${this.stdout}${this.stderr}`);
      await this.#change();
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  #take(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    for (const watcher of this.#watchers) watcher();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const watcher = (): void => {
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }
}

const running = new Set<Running>();
afterAll(() => {
  for (const one of running) one.kill('SIGKILL');
});

/** Starts `pawl` with these arguments; what still runs after the tests is killed. */
export function startPawl(args: readonly string[], options: RunOptions = {}): Running {
  const started = new Running(process.execPath, [bin, ...args], options);
  running.add(started);
  void started.ended.then(() => running.delete(started));
  return started;
}

/** Runs `pawl` to its end. */
export function pawl(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startPawl(args, { stdin: '', ...options }).ended;
}

/** Runs a command in a pseudo terminal. */
export const scriptProgram = '/usr/bin/script';

/** Runs `pawl` in a terminal; needs the util-linux `script`. */
export function startInTerminal(args: readonly string[], options: RunOptions = {}): Running {
  const command = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(' ');
  const started = new Running(scriptProgram, ['-qec', command, '/dev/null'], options);
  running.add(started);
  return started;
}

/** The one line of JSON that a command printed. */
export function jsonOf(ended: Ended): Record<string, unknown> {
  const lines = ended.stdout.trim().split('\n');
  if (lines.length !== 1 || lines[0] === '')
    throw new Error(`expected one line: ${ended.stdout}${ended.stderr} (exit code ${ended.code})`);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

/** The one JSON object that a command printed on standard error. */
export function errorOf(ended: Ended): Record<string, unknown> {
  return (JSON.parse(ended.stderr) as { error: Record<string, unknown> }).error;
}
