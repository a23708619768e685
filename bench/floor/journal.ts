/** The toy journal: one row a step, durable before the next step, group commit where runs overlap. No engine around it. */
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

export const FLOOR_FILE = 'floor.db';

/** The page and log settings of Pawl's own store. */
const OPENING = `
  pragma page_size = 4096;
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma fullfsync = on;
  pragma checkpoint_fullfsync = on;
  pragma cache_size = -32768;
  pragma wal_autocheckpoint = 1000;
  pragma journal_size_limit = 67108864;
  pragma temp_store = memory;
  create table journal (run integer, seq integer, name text, output text, primary key (run, seq)) without rowid;`;

/** Enough to take a run up again: its number, the place in the run, what the step was called and what it returned. */
export type Row = readonly [run: number, seq: number, name: string, output: string];

interface Waiting {
  readonly row: Row;
  readonly resolve: () => void;
}

/** States: *quiet* → *gathering* (rows of this turn of the event loop) → one transaction → *quiet*. */
export class FloorJournal {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #waiting: Waiting[] = [];

  constructor(folder: string) {
    this.#db = new DatabaseSync(join(folder, FLOOR_FILE));
    this.#db.exec(OPENING);
    this.#insert = this.#db.prepare('insert into journal values (?, ?, ?, ?)');
    this.#begin = this.#db.prepare('begin immediate');
    this.#commit = this.#db.prepare('commit');
  }

  /** Durable when it returns. */
  write(row: Row): void {
    this.#insert.run(...row);
  }

  /** Durable when it resolves, in one transaction with what else is written in this turn. */
  append(row: Row): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push({ row, resolve }) === 1) setImmediate(() => this.#flush());
    });
  }

  close(): void {
    this.#db.close();
  }

  #flush(): void {
    const group = this.#waiting;
    this.#waiting = [];
    this.#begin.run();
    for (const { row } of group) this.#insert.run(...row);
    this.#commit.run();
    for (const { resolve } of group) resolve();
  }
}
