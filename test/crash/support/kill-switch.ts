/** Kills the process at one chosen moment between two transactions: right before one begins, or right after one was committed. */
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { Client } from 'pg';

const READS = /^\s*(?:select|pragma|with|explain)\b/i;
const BEGINS = /^\s*begin\b/i;
const ENDS = /^\s*(?:commit|rollback)\b/i;

/**
 * A write outside of any transaction is a transaction of its own: two of them where there was one are two more moments.
 * @returns how many moments have passed.
 */
export function armKillSwitch(die: () => void, dieAtMoment = Number.POSITIVE_INFINITY): () => number {
  let moments = 0;
  let isInside = false;
  const pass = (): void => {
    moments += 1;
    if (moments === dieAtMoment) die();
  };
  const around = <T>(sql: string, run: () => T): T => {
    if (READS.test(sql)) return run();
    if (!isInside) pass();
    const result = run();
    if (BEGINS.test(sql)) isInside = true;
    if (ENDS.test(sql)) isInside = false;
    if (!isInside) pass();
    return result;
  };
  for (const name of ['run', 'get', 'all'] as const) {
    const original = Reflect.get(StatementSync.prototype, name) as (...params: unknown[]) => unknown;
    const watched = function watched(this: StatementSync, ...params: unknown[]): unknown {
      return around(this.sourceSQL, () => original.apply(this, params));
    };
    Object.assign(StatementSync.prototype, { [name]: watched });
  }
  watchScripts(pass);
  watchServer(pass);
  return () => moments;
}

/** Scripts are migrations, which stand in a transaction, and the locks of other files: moments before and after them. */
function watchScripts(pass: () => void): void {
  const original: (sql: string) => void = Reflect.get(DatabaseSync.prototype, 'exec');
  DatabaseSync.prototype.exec = function watched(this: DatabaseSync, sql: string): void {
    if (READS.test(sql)) return original.call(this, sql);
    pass();
    original.call(this, sql);
    return pass();
  };
}

/** What changes something on a server; each statement there is a transaction. */
const SERVER_WRITES =
  /^\s*notify\b|pawl\.(?:commit|free|register)_1|pg_advisory_lock|\b(?:update|insert into|delete from) pawl\./i;

/** Before a write is sent, and when its answer is here. */
function watchServer(pass: () => void): void {
  const original = Reflect.get(Client.prototype, 'query') as (...params: unknown[]) => Promise<unknown>;
  const watched = async function watched(this: Client, ...params: unknown[]): Promise<unknown> {
    const [first] = params as [string | { readonly text: string }];
    if (!SERVER_WRITES.test(typeof first === 'string' ? first : first.text))
      return await original.apply(this, params);
    pass();
    const result = await original.apply(this, params);
    pass();
    return result;
  };
  Object.assign(Client.prototype, { query: watched });
}
