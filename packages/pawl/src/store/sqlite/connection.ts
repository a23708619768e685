/** One open database: prepared statements by name, and transactions that never stay open across an await. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { type Params, type Query, query } from './query.ts';

const begin = query<[]>('begin immediate');
const commit = query<[]>('commit');
const rollback = query<[]>('rollback');
const dataVersion = query<[], { data_version: number }>('pragma data_version');

/**
 * States: idle → (begin) → in a transaction → (commit or rollback) → idle; closed from any of them, for ever.
 * Every read takes all its rows at once, so that no statement holds a lock while JavaScript waits.
 */
export class Connection {
  readonly #database: DatabaseSync;
  /** Grows to one entry a query of the `queries` folder. */
  readonly #statements = new Map<Query<Params, unknown>, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get<P extends Params, Row>(one: Query<P, Row>, ...params: P): Row | undefined {
    return this.#prepared(one).get(...(params as readonly SQLInputValue[])) as Row | undefined;
  }

  all<P extends Params, Row>(one: Query<P, Row>, ...params: P): Row[] {
    return this.#prepared(one).all(...(params as readonly SQLInputValue[])) as Row[];
  }

  /** How many rows the statement changed. */
  run<P extends Params>(one: Query<P, unknown>, ...params: P): number {
    return Number(this.#prepared(one).run(...(params as readonly SQLInputValue[])).changes);
  }

  /** Runs a script of several statements (migrations, pragmas). */
  exec(script: string): void {
    this.#database.exec(script);
  }

  /** Takes the one write lock of the file, or throws SQLITE_BUSY at once. */
  begin(): void {
    this.run(begin);
  }

  commit(): void {
    this.run(commit);
  }

  /** Undoes what is open; SQLite has done so by itself after some errors. */
  rollback(): void {
    if (this.#database.isTransaction) this.run(rollback);
  }

  /** Changes when another connection committed, never by our own commits. */
  dataVersion(): number {
    return this.get(dataVersion)?.data_version ?? 0;
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepared(one: Query<Params, unknown>): StatementSync {
    let statement = this.#statements.get(one);
    if (statement === undefined) {
      statement = this.#database.prepare(one.sql);
      if (one.isTuple) statement.setReturnArrays(true);
      this.#statements.set(one, statement);
    }
    return statement;
  }
}
