/** Restate's server from npm, started for one measurement with its default configuration, on loopback. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort, startProgram } from './running.ts';

export interface RestateServer {
  readonly ingressUrl: string;
  readonly adminUrl: string;
  /** Free, for the process with the steps. */
  readonly endpointPort: number;
  stop(): Promise<void>;
}

/** The program of this machine; nothing where npm has none for it. */
function programFile(): string | undefined {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), 'bin', 'restate-server');
  } catch {
    return undefined;
  }
}

export function hasRestate(): boolean {
  return programFile() !== undefined;
}

export async function startRestate(folder: string): Promise<RestateServer> {
  const command = programFile();
  if (command === undefined) throw new Error('there is no Restate server for this machine');
  const [ingress, admin, node, endpointPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const adminUrl = `http://127.0.0.1:${admin}`;
  const ingressUrl = `http://127.0.0.1:${ingress}`;
  const stop = await startProgram({
    command,
    args: ['--no-logo', '--node-name', 'bench', '--base-dir', join(folder, 'restate-data')],
    env: {
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}/`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'warn',
    },
    folder,
    isReady: async () =>
      (await isHealthy(`${adminUrl}/health`)) && (await isHealthy(`${ingressUrl}/restate/health`)),
  });
  return { ingressUrl, adminUrl, endpointPort, stop };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url);
    return answer.ok;
  } catch {
    return false;
  }
}
