/** Two servers: a primary, and a standby that follows it, until the one dies and the other is promoted. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onServer } from './databases.ts';
import { initializeData, type PostgresServer, startServer, until } from './server.ts';

const NAME = 'standby';

/** States: *followed* → (`cutOff` ⇄ `follow`) → *failed over*, when the primary was killed and the standby promoted. */
export class Pair {
  primary: PostgresServer;
  #standby: PostgresServer | undefined;
  readonly #folder: string;
  readonly #settings: readonly string[];

  private constructor(folder: string, primary: PostgresServer) {
    this.#folder = folder;
    this.primary = primary;
    this.#settings = [
      `primary_conninfo=host=127.0.0.1 port=${primary.port} user=pawl application_name=${NAME}`,
    ];
  }

  /** @param isSynchronous whether a commit is answered when the standby has it on its disk, and not before. */
  static async start(isSynchronous: boolean): Promise<Pair> {
    const folder = mkdtempSync(join(tmpdir(), 'pawl-pair-'));
    chmodSync(folder, 0o755);
    initializeData(join(folder, 'primary'));
    copyData(join(folder, 'primary'), join(folder, NAME));
    writeFileSync(join(folder, NAME, 'data', 'standby.signal'), '');
    const names = isSynchronous ? [`synchronous_standby_names=${NAME}`] : [];
    const settings = ['wal_keep_size=256MB', ...names];
    // a server waits for its standby with everything that it writes, its own start apart
    const pair = new Pair(folder, await startServer({ folder: join(folder, 'primary'), settings }));
    await pair.follow();
    return pair;
  }

  /** The standby follows the primary; where it was cut off, from where it stands. */
  async follow(): Promise<void> {
    await this.#startStandby();
    const followers = `select from pg_stat_replication where application_name = '${NAME}' and state = 'streaming'`;
    await onServer(
      (client) => until(async () => (await client.query(followers)).rowCount === 1),
      this.primary.url,
    );
  }

  /** The standby hears nothing of what the primary does from here on. */
  async cutOff(): Promise<void> {
    await this.#standby?.stop();
    this.#standby = undefined;
  }

  async killPrimary(): Promise<void> {
    await this.primary.kill();
  }

  /** Starts the standby where it was cut off; nothing can be written there before it is promoted. */
  async standby(): Promise<PostgresServer> {
    return this.#standby ?? (await this.#startStandby());
  }

  /** The standby becomes a primary. */
  async promote(): Promise<void> {
    await onServer((client) => client.query('select pg_promote()'), (await this.standby()).url);
  }

  async stop(): Promise<void> {
    await this.primary.kill();
    await this.#standby?.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #startStandby(): Promise<PostgresServer> {
    this.#standby = await startServer({ folder: join(this.#folder, NAME), settings: this.#settings });
    return this.#standby;
  }
}

/** The data of a server that does not run. */
export function copyData(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o755 });
  const copied = spawnSync('cp', ['-Rp', join(from, 'data'), join(to, 'data')], { encoding: 'utf8' });
  if (copied.status !== 0) throw new Error(`the data were not copied: ${copied.stderr}`);
}
