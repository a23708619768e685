/** A connection whose process can die between two statements: what is open is rolled back, as by the next one who opens the file. */
import type { Connection } from '../../../packages/pawl/src/store/sqlite/connection.ts';

/** Thrown into a call that its process does not survive: nobody is left to catch it. */
class ProcessDied extends Error {}

export interface MortalConnection {
  readonly connection: Connection;
  /** It dies after so many more statements. */
  arm(statements: number): void;
  disarm(): void;
  /** Whether it died between statements. */
  readonly isCut: boolean;
}

const STATEMENTS: ReadonlySet<string | symbol> = new Set(['get', 'all', 'run', 'exec', 'begin', 'commit']);

export function mortalConnection(inner: Connection): MortalConnection {
  let left = Number.POSITIVE_INFINITY;
  let isCut = false;
  const connection = new Proxy(inner, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = (value as (...args: unknown[]) => unknown).bind(target);
      if (property === 'close') return () => undefined;
      if (!STATEMENTS.has(property)) return method;
      return (...args: unknown[]): unknown => {
        if (isCut || left-- <= 0) {
          isCut = true;
          throw new ProcessDied();
        }
        return method(...args);
      };
    },
  });
  return {
    connection,
    arm: (statements) => {
      left = statements;
    },
    disarm: () => {
      left = Number.POSITIVE_INFINITY;
    },
    get isCut() {
      return isCut;
    },
  };
}
