/** Time that passes for one process and not for another, until a lease is over. */
import type { Line } from './protocol.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What has not beaten for so long has lost its runs. */
export const LEASE_MS = 30_000;

/** Moves the time of a process on in steps that are shorter than a heartbeat's round. */
export async function skip(worker: WorkerProcess, ms: number): Promise<void> {
  for (let moved = 0; moved < ms; moved += 2_000) await worker.call('skip', 2_000);
}

/** It says that it has lost a run. */
export function isLost(line: Line): boolean {
  return line.type === 'log' && line.message.includes('lost to another holder');
}
