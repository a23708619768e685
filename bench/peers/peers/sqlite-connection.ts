/** A connection as `better-sqlite3` has it, made of Node's own SQLite: what LangGraph's saver calls, and no more. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

type Value = SQLInputValue | undefined;

function bound(value: Value): SQLInputValue {
  return value ?? null;
}

/**
 * `better-sqlite3` has to be compiled or downloaded by its install script, which is not run here. It is built to sync at checkpoints
 * only; this connection syncs at every commit, as all others do.
 */
export class SqliteConnection {
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#db = new DatabaseSync(file);
  }

  pragma(text: string): void {
    this.#db.exec(`pragma ${text}`);
    this.#db.exec('pragma synchronous = full');
  }

  exec(script: string): void {
    this.#db.exec(script);
  }

  prepare(sql: string) {
    const statement = this.#db.prepare(sql);
    return {
      get: (...values: Value[]) => statement.get(...values.map(bound)),
      all: (...values: Value[]) => statement.all(...values.map(bound)),
      run: (...values: Value[]) => statement.run(...values.map(bound)),
    };
  }

  transaction<T>(work: (argument: T) => void): (argument: T) => void {
    return (argument) => {
      this.#db.exec('begin');
      try {
        work(argument);
        this.#db.exec('commit');
      } catch (error) {
        this.#db.exec('rollback');
        throw error;
      }
    };
  }

  close(): void {
    this.#db.close();
  }
}
