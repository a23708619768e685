/** What the disk holds of a database when the power is cut: its files at one instant, less what had not been synced. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Chance } from './chance.ts';
import type { WorkerProcess } from './worker-process.ts';

/** https://sqlite.org/fileformat2.html#the_write_ahead_log */
const WAL_HEADER = 32;
const FRAME_HEADER = 24;
const PAGE = 4_096;
const FRAME = FRAME_HEADER + PAGE;

export interface DiskImage {
  readonly db: Buffer;
  readonly wal: Buffer;
}

export function writeImage({ db, wal }: DiskImage, store: string): void {
  writeFileSync(store, db);
  writeFileSync(`${store}-wal`, wal);
}

/** The files while nobody can write: all processes are stopped, wherever they are. */
export async function imageOfStopped(store: string, workers: readonly WorkerProcess[]): Promise<DiskImage> {
  for (const worker of workers) worker.stop();
  try {
    for (const worker of workers) while (!isStopped(worker.pid)) await nextTurn();
    return read(store);
  } finally {
    for (const worker of workers) worker.continue();
  }
}

/**
 * The files while everybody writes; undefined where a checkpoint ran meanwhile, for then the two are not of one instant. A frame
 * may be cut: it was being written.
 */
export function imageOfRunning(store: string): DiskImage | undefined {
  const before = generationOf(store);
  const image = read(store);
  return before.equals(generationOf(store)) ? image : undefined;
}

/** The database's time of change and the header of its log: both stay the same from one checkpoint to the next. */
function generationOf(store: string): Buffer {
  const { mtimeNs } = statSync(store, { bigint: true });
  return Buffer.concat([Buffer.from(String(mtimeNs)), read(store).wal.subarray(0, WAL_HEADER)]);
}

/** Differs from one generation of the log to the next: before and after a checkpoint that gave it up. */
export function generationIn({ wal }: DiskImage): string {
  return wal.subarray(16, 24).toString('hex');
}

/** These files are opened here, so no engine of this very process may use them: its locks would fall. */
function read(store: string): DiskImage {
  const wal = statSync(`${store}-wal`, { throwIfNoEntry: false })
    ? readFileSync(`${store}-wal`)
    : Buffer.alloc(0);
  return { db: readFileSync(store), wal };
}

function isStopped(pid: number): boolean {
  return /\) [Tt] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Takes away what no sync had confirmed: frames behind the last commit are lost or noise, and pages of the database that
 * stand in the log too may be half written, since a checkpoint gives up the log only when they are synced.
 */
export function torn({ db, wal }: DiskImage, chance: Chance): DiskImage {
  const frames = framesOf(wal);
  const synced = WAL_HEADER + (1 + frames.findLastIndex((frame) => frame.isCommit)) * FRAME;
  const log = Buffer.from(wal);
  if (synced < log.length)
    damage(log, { from: chance.between(synced, log.length - 1), to: log.length, chance });
  const end = chance.percent(50) ? log.length : chance.between(Math.min(synced, log.length), log.length);
  const pages = Buffer.from(db);
  const isCommitted = frames.slice(0, (synced - WAL_HEADER) / FRAME);
  for (const { page } of isCommitted) {
    if (page === 1 || page * PAGE > pages.length || !chance.percent(20)) continue;
    const from = (page - 1) * PAGE + chance.between(0, PAGE - 1);
    damage(pages, { from, to: page * PAGE, chance });
  }
  return { db: pages, wal: log.subarray(0, end) };
}

function damage(bytes: Buffer, range: { from: number; to: number; chance: Chance }): void {
  const noise = range.chance.between(0, 255);
  bytes.fill(noise, range.from, range.to);
}

interface Frame {
  readonly page: number;
  readonly isCommit: boolean;
}

/** The frames of the log's present generation, up to the first that is of an older one or cut. */
function framesOf(wal: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  if (wal.length < WAL_HEADER) return frames;
  const salts = wal.subarray(16, 24);
  for (let at = WAL_HEADER; at + FRAME <= wal.length; at += FRAME) {
    if (!wal.subarray(at + 8, at + 16).equals(salts)) return frames;
    frames.push({ page: wal.readUInt32BE(at), isCommit: wal.readUInt32BE(at + 4) > 0 });
  }
  return frames;
}
