/** How busy the machine was with anything but the measurement. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const TICK_MS = 10;
/** Columns of the first line of `/proc/stat` that are not idleness: user nice system, irq softirq steal. */
const BUSY_COLUMNS = [1, 2, 3, 6, 7, 8];
/** Calm: others use no more of the machine than this. */
export const CALM_SHARE = 0.1;
const LOOK_MS = 300;

/** Columns of `/proc/self/stat` behind the name of the program: own processor time, and that of children that have ended. */
const OWN_COLUMNS = [11, 12, 13, 14];

interface Reading {
  readonly at: number;
  readonly busyMs: number;
  readonly ownMs: number;
}

function read(serverPid: number | undefined): Reading | undefined {
  if (!existsSync('/proc/stat')) return undefined;
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const columns = line.split(/\s+/);
  const ticks = BUSY_COLUMNS.reduce((sum, column) => sum + Number(columns[column] ?? 0), 0);
  return {
    at: performance.now(),
    busyMs: ticks * TICK_MS,
    ownMs: (ownTicks() + serverTicks(serverPid)) * TICK_MS,
  };
}

function ownTicks(): number {
  return sumOf(columnsOf('self'), OWN_COLUMNS);
}

/** What follows the name of the program; nothing where the process has gone. */
function columnsOf(pid: string): readonly string[] {
  try {
    return (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '').split(' ');
  } catch {
    return [];
  }
}

function sumOf(values: readonly string[], columns: readonly number[]): number {
  return columns.reduce((sum, column) => sum + Number(values[column] ?? 0), 0);
}

const PARENT_COLUMN = 1;

/** Processor time of a server so far, ms; NaN where nobody knows. */
export function serverCpuMs(pid: number): number {
  return existsSync('/proc/stat') ? serverTicks(pid) * TICK_MS : Number.NaN;
}

/** A server's first process and all that it has started; those that have ended are in its own figures. */
function serverTicks(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const own = columnsOf(String(pid));
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(columnsOf)
    .filter((columns) => columns[PARENT_COLUMN] === String(pid));
  return children.reduce((sum, columns) => sum + sumOf(columns, OWN_COLUMNS), sumOf(own, OWN_COLUMNS));
}

/** Starts watching, a server of ours left out; the answer is the share (0 to 1) of all cores that others used meanwhile, NaN where nobody knows. */
export function watchOthers(serverPid?: number): () => number {
  const start = read(serverPid);
  return () => {
    const end = read(serverPid);
    if (start === undefined || end === undefined) return Number.NaN;
    const othersMs = end.busyMs - start.busyMs - (end.ownMs - start.ownMs);
    return Math.max(0, othersMs / ((end.at - start.at) * availableParallelism()));
  };
}

/** Waits until the machine is calm, at most to this time of the monotonic clock. */
export async function untilCalm(endAt: number): Promise<void> {
  while (performance.now() < endAt) {
    const others = watchOthers();
    await delay(LOOK_MS);
    if (!(others() > CALM_SHARE)) return;
  }
}
