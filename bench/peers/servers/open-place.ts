/** A place for one measurement: an empty folder on the real disk, and a server or a database where the peer needs one. */
import { inFreshFolder } from '../../harness/data-folder.ts';
import type { Place, ServerKind } from '../peer.ts';
import { PostgresOfReport } from './postgres.ts';
import { hasRestate, startRestate } from './restate.ts';
import { redisVersion, startRedis } from './redis.ts';

const nowhere = { url: '', port: 0, adminUrl: '' };

interface Stoppable {
  stop(): Promise<void>;
}

/** States: *idle* → *serving* (PostgreSQL was started by the first peer that needs it) → *closed*. */
export class Places {
  readonly #folder: string;
  readonly #running = new Set<Stoppable>();
  #postgres: Promise<PostgresOfReport> | undefined;

  /** @param folder empty; where PostgreSQL keeps its data */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Why peers on such a server cannot be measured here. */
  reasonAgainst(kind: ServerKind): string | undefined {
    if (kind === 'redis' && redisVersion() === undefined)
      return 'redis-server is not installed (Debian: apt-get install redis-server)';
    if (kind === 'restate' && !hasRestate()) return 'npm has no Restate server for this machine';
    return undefined;
  }

  /** What is said of the server of such peers. */
  async serverOf(kind: ServerKind): Promise<string | undefined> {
    if (kind === 'postgres') {
      const server = await this.#server().catch(() => undefined);
      return `PostgreSQL ${server?.version ?? 'did not start'}`;
    }
    if (kind === 'redis') return `Redis ${redisVersion() ?? '?'}`;
    return undefined;
  }

  withPlace<T>(kind: ServerKind, work: (place: Place) => Promise<T>): Promise<T> {
    return inFreshFolder(`peers-${kind}`, (folder) => this.#within(kind, folder, work));
  }

  /** Ends whatever still runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((server) => server.stop()));
    const postgres = await this.#postgres?.catch(() => undefined);
    await postgres?.stop();
  }

  async #within<T>(kind: ServerKind, folder: string, work: (place: Place) => Promise<T>): Promise<T> {
    switch (kind) {
      case 'file':
        return await work({ kind, folder, ...nowhere });
      case 'postgres':
        return await this.#inDatabase(folder, work);
      case 'redis': {
        const server = await startRedis(folder);
        return await this.#ending(server, () => work({ kind, folder, ...nowhere, port: server.port }));
      }
      case 'restate': {
        const server = await startRestate(folder);
        const { ingressUrl: url, adminUrl, endpointPort: port } = server;
        return await this.#ending(server, () => work({ kind, folder, url, adminUrl, port }));
      }
      default:
        return kind satisfies never;
    }
  }

  async #inDatabase<T>(folder: string, work: (place: Place) => Promise<T>): Promise<T> {
    const server = await this.#server();
    const url = await server.newDatabase();
    const place: Place = { kind: 'postgres', folder, ...nowhere, url };
    return await this.#ending({ stop: () => server.drop(url) }, () => work(place));
  }

  /** Does the work on a server, then ends it, however the work ended. */
  async #ending<T>(server: Stoppable, work: () => Promise<T>): Promise<T> {
    this.#running.add(server);
    try {
      return await work();
    } finally {
      this.#running.delete(server);
      await server.stop();
    }
  }

  #server(): Promise<PostgresOfReport> {
    this.#postgres ??= PostgresOfReport.start(this.#folder);
    return this.#postgres;
  }
}
