/** A server of ours while it runs, and how it is started and ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it says goes to a file in this folder. */
  readonly folder: string;
  readonly isReady: () => Promise<boolean>;
}

const START_MS = 30_000;
const LOOK_MS = 20;
/** A server that has not ended by then is killed. */
const STOP_MS = 5_000;

/** Starts a program, waits until it is ready, and gives the call that ends it. */
export async function startProgram(program: Program): Promise<() => Promise<void>> {
  const log = openSync(join(program.folder, 'server.log'), 'a');
  const child = spawn(program.command, program.args, {
    cwd: program.folder,
    env: { ...process.env, ...program.env },
    stdio: ['ignore', log, log],
  });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  failed.catch(() => undefined);
  await Promise.race([ready(child, program), failed]);
  return () => end(child);
}

async function ready(child: ChildProcess, { command, isReady }: Program): Promise<void> {
  const giveUpAt = performance.now() + START_MS;
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode} at its start`);
    if (performance.now() > giveUpAt) {
      child.kill('SIGKILL');
      throw new Error(`${command} was not ready after ${START_MS / 1_000} s`);
    }
    await delay(LOOK_MS);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(late);
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
