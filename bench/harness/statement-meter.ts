/** Counts and times every statement of this process, of SQLite and PostgreSQL, whoever runs it. */
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { Client } from 'pg';

export interface StatementCount {
  readonly sql: string;
  count: number;
  ms: number;
}

type Call = (this: object, ...parameters: unknown[]) => unknown;

/** States: *off* → *on* (the methods of node:sqlite and pg are wrapped) → *off*. One at a time a process. */
export class StatementMeter {
  readonly #counts = new Map<string, StatementCount>();
  readonly #undo: (() => void)[] = [];

  start(): void {
    for (const method of ['run', 'get', 'all', 'iterate'] as const)
      this.#wrap(StatementSync.prototype, method, (self) => (self as StatementSync).sourceSQL);
    this.#wrap(DatabaseSync.prototype, 'exec', (_self, [script]) => String(script));
    this.#wrap(Client.prototype, 'query', (_self, [statement]) => textOf(statement));
  }

  /** What was counted since the start, the most expensive first. */
  stop(): readonly StatementCount[] {
    for (const undo of this.#undo.splice(0)) undo();
    return [...this.#counts.values()].toSorted((a, b) => b.ms - a.ms);
  }

  #wrap(
    prototype: object,
    method: string,
    textOf: (self: object, parameters: readonly unknown[]) => string,
  ): void {
    const original: Call = Reflect.get(prototype, method);
    const counts = this.#counts;
    Reflect.set(prototype, method, function metered(this: object, ...parameters: unknown[]) {
      const start = performance.now();
      const note = (): void => {
        const sql = textOf(this, parameters);
        const count = counts.get(sql) ?? { sql, count: 0, ms: 0 };
        counts.set(sql, count);
        count.count += 1;
        count.ms += performance.now() - start;
      };
      const answer = original.apply(this, parameters);
      if (answer instanceof Promise) answer.then(note, note);
      else note();
      return answer;
    });
    this.#undo.push(() => void Reflect.set(prototype, method, original));
  }
}

/** What is given to `query` of pg. */
function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : (statement as { readonly text: string }).text;
}
