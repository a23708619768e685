/** Redis as Debian packs it, started for one measurement: every command on the disk before it is answered. */
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { once } from 'node:events';
import { freePort, startProgram } from './running.ts';

export const REDIS_SETTING = 'appendonly yes, appendfsync always';

/** What `redis-server` says of its version; nothing where it is not installed. */
export function redisVersion(): string | undefined {
  const said = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return said.status === 0 ? /v=(\S+)/.exec(said.stdout)?.[1] : undefined;
}

export async function startRedis(folder: string): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const options = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  const stop = await startProgram({
    command: 'redis-server',
    args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    folder,
    isReady: () => answers(port),
  });
  return { port, stop };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [data] = await once(socket, 'data');
    return String(data).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
