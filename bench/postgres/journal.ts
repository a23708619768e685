/** The toy journal on PostgreSQL: one insert a group, durable when it is answered, and group commit by what comes meanwhile. */
import { Client } from 'pg';
import type { Row } from '../floor/journal.ts';

interface Waiting {
  readonly row: Row;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const TABLE = `create table public.journal (run integer, seq integer, name text, output text, primary key (run, seq))`;
const ONE = { name: 'one', text: 'insert into public.journal values ($1, $2, $3, $4)' };
const MANY = {
  name: 'many',
  text: 'insert into public.journal select * from unnest($1::int[], $2::int[], $3::text[], $4::text[])',
};

/** States: *quiet* → (a row) *gathering* → one round trip → *gathering* or *quiet*. */
export class ServerJournal {
  readonly #client: Client;
  #waiting: Waiting[] = [];
  #isBusy = false;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<ServerJournal> {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(TABLE);
    return new ServerJournal(client);
  }

  /** Durable when it resolves, in one statement with what else came while the one before was under way. */
  append(row: Row): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, resolve, reject });
      this.#schedule();
    });
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  #schedule(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    const group = this.#waiting;
    this.#waiting = [];
    try {
      await this.#write(group.map(({ row }) => row));
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    this.#isBusy = false;
    if (this.#waiting.length > 0) this.#schedule();
  }

  #write(rows: readonly Row[]): Promise<unknown> {
    const [only] = rows;
    if (rows.length === 1 && only !== undefined) return this.#client.query({ ...ONE, values: [...only] });
    const columns = [0, 1, 2, 3].map((column) => rows.map((row) => row[column]));
    return this.#client.query({ ...MANY, values: columns });
  }
}
