/** The parent's end of a store in another process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Order } from './store-process.ts';

interface Reply {
  readonly answer?: unknown;
  readonly error?: string;
}

const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
});

/** Kills it and waits until it is gone. */
export class ProcessStore {
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends an order and waits for its answer. */
  async tell(order: Order): Promise<unknown> {
    const reply = once(this.#child, 'message') as Promise<[Reply]>;
    this.#child.send(order);
    const [{ answer, error }] = await reply;
    if (error !== undefined) throw new Error(error);
    return answer;
  }

  /** Sends an order that the process may not live to answer; true where it did. */
  async tellOrDie(order: Order): Promise<boolean> {
    const settled = new AbortController();
    const { signal } = settled;
    const gone = once(this.#child, 'exit', { signal }).then(() => false);
    const reply = once(this.#child, 'message', { signal }).then(() => true);
    this.#child.send(order);
    const lived = await Promise.race([gone, reply]);
    settled.abort();
    await Promise.allSettled([gone, reply]);
    return lived;
  }

  /** Sends an order and does not wait. */
  order(order: Order): void {
    this.#child.send(order);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

export async function storeInProcess(path: string): Promise<ProcessStore> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'pawl-compile-cache') }; // starts in half the time
  const child = fork(join(import.meta.dirname, 'store-process.ts'), [path], {
    execArgv: [],
    serialization: 'advanced',
    env,
  });
  children.push(child);
  await once(child, 'message');
  return new ProcessStore(child);
}
