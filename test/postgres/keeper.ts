/** Keeps one PostgreSQL for a whole run of the tests, and ends it when the run is over, however it ended. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import { type PostgresServer, startServer } from './server.ts';

const LOOK_MS = 200;
const platform = nodePlatform();

/** Whether the process of the test run still lives. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function watch(pid: number, onGone: () => void): void {
  platform.setTimer(LOOK_MS, () => (isAlive(pid) ? watch(pid, onGone) : onGone()));
}

async function end(server: PostgresServer, folder: string): Promise<void> {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function keep(folder: string, pid: number): Promise<void> {
  const server = await startServer({ folder });
  writeFileSync(join(folder, 'url.new'), server.url);
  renameSync(join(folder, 'url.new'), join(folder, 'url'));
  watch(pid, () => void end(server, folder));
}

await keep(process.argv[2] ?? '', Number(process.argv[3]));
