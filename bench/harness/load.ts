/** How busy the machine was with anything but the measurement. */
import { existsSync, readFileSync } from 'node:fs';
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

function read(): Reading | undefined {
  if (!existsSync('/proc/stat')) return undefined;
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const columns = line.split(/\s+/);
  const ticks = BUSY_COLUMNS.reduce((sum, column) => sum + Number(columns[column] ?? 0), 0);
  return { at: performance.now(), busyMs: ticks * TICK_MS, ownMs: ownTicks() * TICK_MS };
}

function ownTicks(): number {
  const [, columns = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ');
  return OWN_COLUMNS.reduce((sum, column) => sum + Number(columns.split(' ')[column] ?? 0), 0);
}

/** Starts watching; the answer is the share (0 to 1) of all cores that others used meanwhile, NaN where nobody knows. */
export function watchOthers(): () => number {
  const start = read();
  return () => {
    const end = read();
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
