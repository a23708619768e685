/** A worker of the demo as a process of its own: started, killed for real, or asked to drain. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { pawlError } from '../../errors/index.ts';

/** What a worker of the demo says to the process that started it. */
export type WorkerMessage =
  | { readonly ready: { readonly workerId: string; readonly workflow: string } }
  /** Its workflow function stands between two steps, and this many steps were delivered to it. */
  | { readonly held: { readonly steps: number } };

export interface WorkerOptions {
  /** Arguments of Node: the file to run, and what it is given. */
  readonly argv: readonly string[];
  readonly onChange: () => void;
}

const STDERR_KEPT = 4_000;

/** starting → ready (→ held) → ended. `#isExpected` is set before we end it ourselves. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #onChange: () => void;
  #ready: { readonly workerId: string; readonly workflow: string } | undefined;
  #heldSteps: number | undefined;
  #stderr = '';
  #isExpected = false;
  #end: string | undefined;

  constructor({ argv, onChange }: WorkerOptions) {
    this.#onChange = onChange;
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...argv], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.on('message', (message) => this.#receive(message as WorkerMessage));
    this.#child.on('error', (error) => this.#noteEnd(error.message));
    this.#child.on('exit', (code, signal) => this.#noteEnd(signal ?? `exit code ${code}`));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-STDERR_KEPT);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get ready(): { readonly workerId: string; readonly workflow: string } | undefined {
    return this.#ready;
  }

  /** How many steps its function has seen, once it stands between two of them. */
  get heldSteps(): number | undefined {
    return this.#heldSteps;
  }

  /** @throws `DEMO_FAILED` where it ended by itself */
  check(): void {
    if (this.#end === undefined || this.#isExpected) return;
    const reason = this.#stderr.trim() === '' ? '' : `: ${this.#stderr.trim()}`;
    throw pawlError('DEMO_FAILED', { problem: `a worker ended by itself (${this.#end})${reason}.` });
  }

  /** SIGKILL: no handler runs, nothing is flushed. Resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#endBy('SIGKILL');
  }

  /** SIGTERM: it drains and leaves. */
  async stop(): Promise<void> {
    await this.#endBy('SIGTERM');
  }

  async #endBy(signal: NodeJS.Signals): Promise<void> {
    this.#isExpected = true;
    if (this.#end !== undefined) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }

  #receive(message: WorkerMessage): void {
    if ('ready' in message) this.#ready = message.ready;
    else this.#heldSteps = message.held.steps;
    this.#onChange();
  }

  #noteEnd(end: string): void {
    this.#end = end;
    this.#onChange();
  }
}
