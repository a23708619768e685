/** A world on SQLite: all its processes share one database in memory, and every call is over before the next begins. */
import { DEFAULT_STORE_LIMITS, type Store } from '../../../packages/pawl/src/store/index.ts';
import type { Connection } from '../../../packages/pawl/src/store/sqlite/connection.ts';
import type { LivenessLocks } from '../../../packages/pawl/src/sqlite.ts';
import { openFile } from '../../../packages/pawl/src/store/sqlite/open-file.ts';
import { query } from '../../../packages/pawl/src/store/sqlite/query.ts';
import { SqliteStore } from '../../../packages/pawl/src/store/sqlite/sqlite-store.ts';
import type { TaskNow } from '../rules/task-rows.ts';
import type { RowNow } from '../rules/watched-run.ts';
import type { StoreCall } from './faulty-store.ts';
import type { Ground, GroundSetup, Reached, StoreNow } from './ground.ts';
import { mortalConnection } from './mortal-connection.ts';
import type { Process } from './process.ts';

const totalChanges = query<[], { changes: number }>('select total_changes() as changes');

const rowsNow = query<[], RowNow>(`
  select r.num, r.id, l.workflow, l.version, r.status, r.park_reason, h.id as holder, r.epoch, r.strikes, r.due_at,
    r.last_seq, r.arrived_seq, r.input_tokens, r.output_tokens, r.parent_id, r.parent_path
  from runs r join lanes l on l.num = r.lane left join holders h on h.num = r.holder order by r.num`);

const tasksNow = query<[], TaskNow>(`
  select t.num, t.run, t.path, t.attempt, t.epoch, t.has_begun, t.is_stopped, h.id as holder
  from tasks t left join holders h on h.num = t.holder order by t.num`);

const drainingNow = query<[], { id: string }>('select id from workers where draining = 1');

const ledgerSum = query<[run: number], { tokens: number | null }>(
  'select sum(input_tokens + output_tokens) as tokens from ledger where run = ?',
);

const openWaits = query<[run: number], { path: string }>(
  `select path from waits where run = ? and kind <> 'signal' order by path`,
);

export class SqliteGround implements Ground {
  readonly own: Store;
  readonly #setup: GroundSetup;
  readonly #db: Connection;
  /** Rows that were ever written, at the last look. */
  #changes = 0;

  constructor(setup: GroundSetup) {
    this.#setup = setup;
    this.#db = openFile(':memory:', setup.clock.now());
    this.own = this.#storeOn(this.#db, {
      random: () => 0.5,
      setTimer: () => () => undefined,
      locks: setup.table.locksOf({ name: 'observer', state: 'up', isWell: true, hold: () => undefined }),
    });
  }

  async begin(): Promise<void> {
    // it has just been made
  }

  async reach(process: Process): Promise<Reached> {
    const mortal = mortalConnection(this.#db);
    const store = this.#storeOn(mortal.connection, {
      random: () => process.chance.next(),
      setTimer: (delayMs, run) => process.setTimer(delayMs, run),
      locks: this.#setup.table.locksOf(process),
    });
    return { store, arm: (statements) => mortal.arm(statements) };
  }

  async look(): Promise<StoreNow | undefined> {
    const db = this.#db;
    const changes = db.get(totalChanges)?.changes ?? 0;
    if (changes === this.#changes) return undefined;
    this.#changes = changes;
    return {
      runs: db.all(rowsNow),
      tasks: db.all(tasksNow),
      draining: db.all(drainingNow).map(({ id }) => id),
      usedBy: (run) => db.get(ledgerSum, run)?.tokens ?? 0,
      waitsOf: (run) => db.all(openWaits, run).map(({ path }) => path),
    };
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  land(call: StoreCall): Promise<unknown> {
    return call.run();
  }

  /** Everything that the last task set off is done when the microtasks are. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #storeOn(
    db: Connection,
    own: Pick<Process['platform'], 'random' | 'setTimer'> & { readonly locks: LivenessLocks },
  ): Store {
    const { locks, random, setTimer } = own;
    const platform = { clock: this.#setup.clock, random, setTimer };
    return new SqliteStore({ db, file: ':memory:', platform, limits: DEFAULT_STORE_LIMITS, locks });
  }
}
