/** The disk is full, or the file cannot be written: work waits, and goes on when it can. */
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { judge } from './support/judge.ts';
import { HURRY } from './support/storm.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import { type AskedRun, unlessGone, World } from './support/world.ts';

let world: World;
const undo: (() => void)[] = [];
afterEach(async () => {
  for (const act of undo.splice(0).toReversed()) act();
  await world?.dispose();
});

function can(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A disk of 16 MiB; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-disk-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  if (!can('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder)) return undefined;
  undo.push(() => void can('umount', '--lazy', folder));
  return folder;
}

/** Takes all the space that is left; returns how to give it back. */
function fill(folder: string): () => void {
  const ballast = join(folder, 'ballast');
  const descriptor = openSync(ballast, 'w');
  try {
    for (let chunk = 65_536; chunk >= 512; chunk /= 2) writeUntilFull(descriptor, chunk);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return () => rmSync(ballast, { force: true });
}

function writeUntilFull(descriptor: number, bytes: number): void {
  try {
    for (;;) if (writeSync(descriptor, Buffer.alloc(bytes)) < bytes) return;
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}

function chains(count: number, prefix: string): AskedRun[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}-${index}`,
    workflow: 'chain',
    input: { steps: 5, ms: 5 },
  }));
}

async function complains(worker: WorkerProcess): Promise<void> {
  await worker.heard(
    (line) => line.type === 'log' && line.message.includes('the store does not take commits'),
  );
}

test('on a full disk commits wait, and everything goes on as soon as there is space: nothing is lost, nothing happens twice', async (context) => {
  const disk = smallDisk();
  if (disk === undefined) return context.skip('this user may not mount a small file system');
  world = new World(disk);
  const worker = await world.worker({ time: HURRY });
  await Promise.all(chains(10, 'before').map((run) => world.start(worker, run)));
  const free = fill(disk);
  const starting = Promise.all(chains(100, 'during').map((run) => world.start(worker, run)));
  await complains(worker);
  free();
  await starting;
  await worker.call(
    'results',
    world.asked.map(({ id }) => id),
  );
  await worker.close();

  expect(await judge(world)).toMatchObject({ problems: [], firings: 550, repeats: 0, lost: 0 });
});

test('a process that is killed while the disk is full loses nothing that it had answered for', async (context) => {
  const disk = smallDisk();
  if (disk === undefined) return context.skip('this user may not mount a small file system');
  world = new World(disk);
  const worker = await world.worker({ time: HURRY });
  const answered: string[] = [];
  const start = async (run: AskedRun): Promise<void> => {
    const id = await unlessGone(world.start(worker, run));
    if (id !== undefined) answered.push(id);
  };
  await Promise.all(chains(10, 'before').map(start));
  const free = fill(disk);
  const starting = Promise.all(chains(100, 'during').map(start));
  await complains(worker);
  await world.kill(worker);
  await starting;
  free();
  await world.driven(async (engine) => {
    const there = await engine.runs.list({ limit: 1_000 });
    expect(there.map(({ runId }) => runId)).toEqual(expect.arrayContaining(answered));
    for (const { id, input } of world.asked) await engine.start('chain', input, { id, idempotencyKey: id });
    await Promise.all(world.asked.map(({ id }) => engine.handle(id).result()));
  });

  expect(answered.length).toBeGreaterThanOrEqual(10);
  expect((await judge(world)).problems).toEqual([]);
});

test('where writes fail in the middle of commits, each is found out, and everything goes on when they succeed again', async (context) => {
  if (!can('prlimit', '--version')) return context.skip('nobody here can lift the limit of another process');
  world = new World();
  const worker = await world.worker({ time: HURRY, fileKib: 600 });
  const ballast = 'x'.repeat(5_000);
  const runs = chains(100, 'during').map((run) => ({ ...run, input: { steps: 5, ms: 5, ballast } }));
  const starting = Promise.all(runs.map((run) => world.start(worker, run)));
  await complains(worker); // and asks less and less often
  expect(can('prlimit', '--pid', String(worker.pid), '--fsize=unlimited')).toBe(true);
  await starting;
  await worker.call(
    'results',
    world.asked.map(({ id }) => id),
  );
  await worker.close();
  expect(await judge(world)).toMatchObject({ problems: [], firings: 500, repeats: 0, lost: 0 });
});

test('a file that becomes unwritable under a running worker makes its work wait until it can be written again', async (context) => {
  world = new World();
  const worker = await world.worker({ time: HURRY });
  await Promise.all(chains(10, 'before').map((run) => world.start(worker, run)));
  const wal = `${world.store}-wal`;
  if (!can('chattr', '+i', wal)) return context.skip('this file system or user has no immutable files');
  undo.push(() => void can('chattr', '-i', wal));
  const starting = Promise.all(chains(50, 'during').map((run) => world.start(worker, run)));
  await worker.heard((line) => line.type === 'log' && line.level === 'error');
  can('chattr', '-i', wal);
  await starting;
  await worker.call(
    'results',
    world.asked.map(({ id }) => id),
  );
  await worker.close();

  expect(await judge(world)).toMatchObject({ problems: [], firings: 300, repeats: 0, lost: 0 });
});
