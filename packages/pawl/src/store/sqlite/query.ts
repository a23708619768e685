/** A named statement with the types of its parameters and rows; each stands in a file of its own in `queries/`. */
import type { SQLInputValue } from 'node:sqlite';

export type Params = readonly SQLInputValue[];

export interface Query<P extends Params, Row> {
  readonly sql: string;
  /** Whether its rows are lists in the order of the columns: for the hot path, where objects cost as much as the lookup. */
  readonly isTuple: boolean;
  /** Types only: never set. */
  readonly types?: { readonly params: P; readonly row: Row };
}

/** Names a statement; it is prepared once a connection, at its first use. */
export function query<P extends Params, Row = never>(sql: string): Query<P, Row> {
  return { sql, isTuple: false };
}

/** Names a statement whose rows come as lists. */
export function tupleQuery<P extends Params, Row extends readonly unknown[]>(sql: string): Query<P, Row> {
  return { sql, isTuple: true };
}
