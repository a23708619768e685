/** Kills the process right before one chosen SQL statement that writes: the moments between which nothing can be torn. */
import { DatabaseSync, StatementSync } from 'node:sqlite';

const READS = /^\s*(?:select|pragma|with|explain)\b/i;

/** @returns how many writing statements have run so far. */
export function layMine(dieAtWrite = Number.POSITIVE_INFINITY): () => number {
  let writes = 0;
  const step = (sql: string): void => {
    if (READS.test(sql)) return;
    writes += 1;
    if (writes === dieAtWrite) process.kill(process.pid, 'SIGKILL');
  };
  const exec = DatabaseSync.prototype.exec;
  DatabaseSync.prototype.exec = function mined(this: DatabaseSync, sql: string): void {
    step(sql);
    exec.call(this, sql);
  };
  for (const name of ['run', 'get', 'all'] as const) {
    const original = StatementSync.prototype[name] as (...params: unknown[]) => unknown;
    const mined = function mined(this: StatementSync, ...params: unknown[]): unknown {
      step(this.sourceSQL);
      return original.apply(this, params);
    };
    Object.assign(StatementSync.prototype, { [name]: mined });
  }
  return () => writes;
}
