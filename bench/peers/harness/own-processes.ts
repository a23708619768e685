/** How busy the machine was with anything but us: this process, those that it started, and the servers among them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { watchOthers } from '../../harness/load.ts';

const TICK_MS = 10;
/** Columns of `/proc/PID/stat` behind the name of the program. */
const PARENT_COLUMN = 1;
const TICK_COLUMNS = [11, 12, 13, 14];

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** Starts watching; the answer is the share (0 to 1) of all cores that others used meanwhile, NaN where nobody knows. */
export function watchStrangers(): () => number {
  const others = watchOthers();
  const start = performance.now();
  const before = descendantMs();
  return () => {
    const ours = descendantMs() - before;
    return Math.max(0, others() - ours / ((performance.now() - start) * availableParallelism()));
  };
}

/** Processor time of all living processes below this one, and of those that ended below them. */
function descendantMs(): number {
  if (!existsSync('/proc/self/stat')) return 0;
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statOf);
  const ours = new Set([process.pid]);
  let isGrowing = true;
  while (isGrowing) {
    const found = all.filter(({ pid, parent }) => ours.has(parent) && !ours.has(pid));
    for (const { pid } of found) ours.add(pid);
    isGrowing = found.length > 0;
  }
  const ticks = all
    .filter(({ pid }) => pid !== process.pid && ours.has(pid))
    .reduce((sum, one) => sum + one.ticks, 0);
  return ticks * TICK_MS;
}

/** Nothing where the process has gone. */
function statOf(pid: string): readonly ProcessStat[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const columns = text.slice(text.lastIndexOf(') ') + 2).split(' ');
    const ticks = TICK_COLUMNS.reduce((sum, column) => sum + Number(columns[column] ?? 0), 0);
    return [{ pid: Number(pid), parent: Number(columns[PARENT_COLUMN]), ticks }];
  } catch {
    return [];
  }
}
