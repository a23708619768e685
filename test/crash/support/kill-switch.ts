/** Kills the process at one chosen moment between two transactions: right before one begins, or right after one was committed. */
import { DatabaseSync, StatementSync } from 'node:sqlite';

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
