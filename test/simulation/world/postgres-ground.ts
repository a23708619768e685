/** A world on a real PostgreSQL server: each process has its sessions, and simulated time waits for real answers. */
import { Client } from 'pg';
import { nodePlatform } from '../../../packages/pawl/src/engine/platform.ts';
import type { Store } from '../../../packages/pawl/src/store/index.ts';
import { Connection, type StorePlatform } from '../../../packages/pawl/src/store/postgres/connection.ts';
import { dropDatabase, empty, newDatabase } from '../../postgres/databases.ts';
import { putTogether, type SessionHooks } from '../../postgres/put-together.ts';
import { type Asker, Statements } from '../../postgres/statements.ts';
import { chanceOf } from '../plan/chance.ts';
import type { TaskNow } from '../rules/task-rows.ts';
import type { RowNow } from '../rules/watched-run.ts';
import type { StoreCall } from './faulty-store.ts';
import type { Ground, GroundSetup, NewGround, Reached, StoreNow } from './ground.ts';
import { ProcessLine } from './postgres-line.ts';
import type { Process } from './process.ts';

const NOW = `
  select r.num::int, r.id, l.workflow, l.version,
    (array['queued', 'running', 'waiting', 'parked', 'paused', 'completed', 'failed', 'cancelled'])[r.status + 1] as status,
    r.park_reason, h.id as holder, r.epoch, r.strikes, r.due_at::float8, r.last_seq, r.arrived_seq, r.input_tokens::int,
    r.output_tokens::int, r.parent_id, r.parent_path
  from pawl.runs r join pawl.lanes l on l.num = r.lane left join pawl.holders h on h.num = r.holder order by r.num;
  select t.num::int, t.run::int, t.path, t.attempt, t.epoch, t.has_begun::int, t.is_stopped::int, h.id as holder
  from pawl.tasks t left join pawl.holders h on h.num = t.holder order by t.num;
  select id from pawl.workers where draining order by id;
  select run::int, sum(input_tokens + output_tokens)::int as tokens from pawl.ledger group by run order by run;
  select run::int, path from pawl.waits where kind <> 'signal' order by run, path`;

/** A database for worlds, one after the other. */
export interface PostgresGrounds {
  readonly newGround: NewGround;
  close(): Promise<void>;
}

interface Server {
  readonly url: string;
  /** Looks, and makes empty. */
  readonly client: Client;
  /** Of the store that belongs to nobody. */
  readonly writer: Connection;
  readonly reader: Connection;
}

export async function openPostgresGrounds(): Promise<PostgresGrounds> {
  const url = await newDatabase();
  const client = new Client({ connectionString: url });
  await client.connect();
  const platform = nodePlatform();
  const writer = new Connection({ url, platform });
  const reader = new Connection({ url, platform });
  return {
    newGround: (setup) => new PostgresGround(setup, { url, client, writer, reader }),
    close: async () => {
      await Promise.all([client.end(), writer.close(), reader.close()]);
      await dropDatabase(url);
    },
  };
}

const nobody: Asker = { isDead: false };

class PostgresGround implements Ground {
  readonly own: Store;
  readonly #setup: GroundSetup;
  readonly #server: Server;
  readonly #statements = new Statements();
  readonly #lines = new Set<ProcessLine>();
  /** Where death is not proved by a lock on the machine: whether by the session of the process, or, behind a pooler, by nothing. */
  readonly #isPooled: boolean;
  /** The answer to the last look. */
  #seen = '';

  constructor(setup: GroundSetup, server: Server) {
    this.#setup = setup;
    this.#server = server;
    this.#isPooled = chanceOf(setup.seed, 'pooler').is(0.3);
    const connections = [server.reader, server.writer].map((one) => this.#statements.through(one, nobody));
    this.own = putTogether({
      platform: { ...nodePlatform(), clock: setup.clock },
      connect: () => connections.shift() as Connection,
    });
  }

  async begin(): Promise<void> {
    await empty(this.#server.client);
  }

  async reach(process: Process): Promise<Reached> {
    const { clock, table } = this.#setup;
    const { platform: own } = process;
    const platform: StorePlatform = { ...own, clock };
    const line = await this.#statements.take(nobody, () => this.#lineOf(process, platform));
    const connect = (hooks: SessionHooks): Connection => line.connection(hooks);
    return {
      store: putTogether({ platform, connect, machine: table.locksOf(process) }),
      arm: (statements) => line.arm(statements),
      loseNext: (what) => line.loseNext(what),
      cut: () => line.cut(),
    };
  }

  async look(): Promise<StoreNow | undefined> {
    const answer = await this.#statements.take(nobody, () => this.#server.client.query(NOW));
    const [runs, tasks, draining, used, waits] = (answer as unknown as readonly { rows: object[] }[]).map(
      ({ rows }) => rows,
    );
    const seen = JSON.stringify([runs, tasks, draining]);
    if (seen === this.#seen) return undefined;
    this.#seen = seen;
    const ledger = new Map(
      (used as { run: number; tokens: number }[]).map(({ run, tokens }) => [run, tokens]),
    );
    return {
      runs: runs as RowNow[],
      tasks: tasks as TaskNow[],
      draining: (draining as { id: string }[]).map(({ id }) => id),
      usedBy: (run) => ledger.get(run) ?? 0,
      waitsOf: (run) =>
        (waits as { run: number; path: string }[]).flatMap((wait) => (wait.run === run ? wait.path : [])),
    };
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#statements.alone(work);
  }

  land({ batches }: StoreCall): Promise<unknown> {
    return this.own.commit(batches);
  }

  settled(): Promise<void> {
    return this.#statements.settled();
  }

  async close(): Promise<void> {
    await this.settled();
    for (const line of this.#lines) await line.close();
  }

  async #lineOf(process: Process, platform: StorePlatform): Promise<ProcessLine> {
    const line = await ProcessLine.open({
      url: this.#server.url,
      platform,
      process,
      statements: this.#statements,
      line: { isPooler: this.#isPooled },
      whenGone: (pids) => this.#gone(pids),
    });
    this.#lines.add(line);
    process.whenDead(() => {
      this.#lines.delete(line);
      void this.#statements.take(nobody, () => line.close());
    });
    return line;
  }

  /** A lock falls when the server has noticed that its session is gone. */
  async #gone(pids: readonly number[]): Promise<void> {
    const sql = 'select 1 from pg_stat_activity where pid = any ($1)';
    while (((await this.#server.client.query(sql, [pids])).rowCount ?? 0) > 0);
  }
}
