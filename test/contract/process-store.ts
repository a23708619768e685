/** The parent's end of a store in another process. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Order } from './store-process.ts';

interface Reply {
  readonly answer?: unknown;
  readonly error?: string;
}

const file = join(import.meta.dirname, 'store-process.ts');
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
});

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

  /** Kills it and waits until it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** Starts a process whose files cannot grow beyond a size: its writes then fail, as on a disk that breaks. */
export async function storeInSmallFiles(path: string, kibibytes: number): Promise<ProcessStore> {
  const script = `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$0" "$@"`;
  const child = spawn('bash', ['-c', script, process.execPath, file, path], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  children.push(child);
  await once(child, 'message');
  return new ProcessStore(child);
}

/**
 * Starts a process that opens the store, by default as the user that we are.
 * @throws an error with the code of what kept it from opening.
 */
export async function storeInProcess(path: string, uid?: number): Promise<ProcessStore> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'pawl-compile-cache') }; // starts in half the time
  const as = uid === undefined ? {} : { uid, gid: uid };
  const child = fork(file, [path], { execArgv: [], serialization: 'advanced', env, ...as });
  children.push(child);
  const [{ error }] = (await once(child, 'message')) as [Reply];
  if (error !== undefined) throw new Error(error);
  return new ProcessStore(child);
}
