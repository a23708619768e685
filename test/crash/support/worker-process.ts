/** A worker process as a test sees it: started, asked, stopped, continued, killed. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Calls, Firing, Line, Request, Verb, WorkerPlan } from './protocol.ts';

const NODE = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
const PROGRAM = fileURLToPath(new URL('worker.ts', import.meta.url));
/** Compiled sources, kept between processes: a start takes half as long. */
const CACHE = join(tmpdir(), 'pawl-crash-compile-cache');

/** The process was gone before it answered: what became of the call is unknown. */
export class WorkerGone extends Error {}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
}

interface Watcher {
  readonly test: (line: Line) => boolean;
  resolve(line: Line): void;
  reject(reason: unknown): void;
}

/** States: starting → ready → (stopped ⇄ ready) → gone. */
export class WorkerProcess {
  /** Everything it said. */
  readonly lines: Line[] = [];
  /** Resolves when the process is gone, with when and how. */
  readonly gone: Promise<{
    readonly at: number;
    readonly signal: NodeJS.Signals | null;
    readonly code: number | null;
  }>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #pending = new Map<number, Pending>();
  readonly #watchers = new Set<Watcher>();
  #calls = 0;
  #isGone = false;
  #complaint = '';

  constructor(plan: WorkerPlan) {
    const args = ['--disable-warning=ExperimentalWarning', PROGRAM, JSON.stringify(plan)];
    const env = { ...process.env, NODE_COMPILE_CACHE: CACHE };
    const [command, ...rest] = [...(plan.within ?? limitOf(plan)), NODE, ...args] as [string, ...string[]];
    this.#child = spawn(command, rest, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdin.on('error', () => undefined); // writing to the dead is answered by `gone`
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-4_000);
    });
    createInterface({ input: this.#child.stdout }).on('line', (text) => {
      const line = lineOf(text);
      if (line) this.#hear(line);
    });
    this.gone = this.#untilGone();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** What it wrote to stderr. */
  get complaint(): string {
    return this.#complaint;
  }

  get firings(): readonly Firing[] {
    return this.lines.flatMap((line) => (line.type === 'fired' ? [line.firing] : []));
  }

  /** Resolves with the id of its engine, as soon as that is open. */
  async ready(): Promise<string> {
    const line = await this.heard((one) => one.type === 'ready');
    return line.type === 'ready' ? line.engine : '';
  }

  /** Resolves with the first line, said already or not, that passes. @throws `WorkerGone` */
  heard(test: (line: Line) => boolean): Promise<Line> {
    const said = this.lines.find(test);
    if (said) return Promise.resolve(said);
    if (this.#isGone) return Promise.reject(this.#goneError());
    return new Promise((resolve, reject) => {
      this.#watchers.add({ test, resolve, reject });
    });
  }

  /** Resolves when the effect has happened in this process. */
  async fired(path: string, where: Partial<Firing> = {}): Promise<Firing> {
    const line = await this.heard(
      (one) =>
        one.type === 'fired' &&
        one.firing.path === path &&
        Object.entries(where).every(([key, value]) => one.firing[key as keyof Firing] === value),
    );
    return (line as Extract<Line, { type: 'fired' }>).firing;
  }

  /** @throws `WorkerGone` where the process died first, else what the engine threw. */
  call<V extends Verb>(verb: V, ...args: Parameters<Calls[V]>): Promise<ReturnType<Calls[V]>> {
    if (this.#isGone) return Promise.reject(this.#goneError());
    const id = ++this.#calls;
    const request: Request = { id, verb, args };
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
  }

  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  continue(): void {
    this.#child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.gone;
  }

  async close(): Promise<void> {
    await this.call('close');
    await this.gone;
  }

  #hear(line: Line): void {
    this.lines.push(line);
    if (line.type === 'answer') this.#answered(line);
    for (const watcher of this.#watchers) {
      if (!watcher.test(line)) continue;
      this.#watchers.delete(watcher);
      watcher.resolve(line);
    }
  }

  #answered({ id, value, error }: Extract<Line, { type: 'answer' }>): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(value as never);
    else pending?.reject(new Error(error));
  }

  async #untilGone(): Promise<{ at: number; signal: NodeJS.Signals | null; code: number | null }> {
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null];
    const at = Date.now();
    if (!this.#child.stdout.closed) await once(this.#child.stdout, 'close'); // its last words
    this.#isGone = true;
    for (const one of [...this.#pending.values(), ...this.#watchers]) one.reject(this.#goneError());
    this.#pending.clear();
    this.#watchers.clear();
    return { at, signal, code };
  }

  #goneError(): WorkerGone {
    return new WorkerGone(`worker ${this.pid} is gone. ${this.#complaint}`);
  }
}

/** The shell that limits the files of the process, and becomes it. */
function limitOf({ fileKib }: WorkerPlan): readonly string[] {
  if (fileKib === undefined) return [];
  return ['bash', '-c', `trap '' XFSZ; ulimit -S -f ${fileKib}; exec "$0" "$@"`];
}

/** The last words of a killed process may be cut. */
function lineOf(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
