/** The machine that a report was made on. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileSystemName, inFreshFolder } from './data-folder.ts';
import { median } from './statistics.ts';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly node: string;
  readonly sqlite: string;
  readonly disk: string;
  /** Median of appending 4 KiB to a file and waiting for the disk: what no durable step can beat. */
  readonly syncMs: number;
  readonly load: readonly number[];
}

const SYNCS = 200;

export async function describeMachine(): Promise<Machine> {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.versions.node,
    sqlite: process.versions['sqlite'] ?? 'unknown',
    disk: fileSystemName(),
    syncMs: await inFreshFolder('sync', (folder) => Promise.resolve(syncMs(folder))),
    load: loadavg().map((one) => Math.round(one * 100) / 100),
  };
}

function syncMs(folder: string): number {
  const file = openSync(join(folder, 'file'), 'w');
  const page = Buffer.alloc(4_096, 1);
  const times = Array.from({ length: SYNCS }, () => {
    const start = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  return median(times);
}

export function machineLines(machine: Machine): string[] {
  const { cores, processor, node, sqlite, disk, syncMs, load } = machine;
  return [
    `${cores} cores (${processor}), Node ${node}, SQLite ${sqlite}, load ${load.join(' ')}`,
    `disk: ${disk}; append 4 KiB and wait for it: ${syncMs.toFixed(3)} ms`,
  ];
}
