/** A named statement with the types of its parameters and rows; each stands in a file of its own in `queries/`. */
import type { Buffer } from 'node:buffer';

/** A buffer is sent as it is: the binary form of a value (`binary-array.ts`). */
export type Param = string | number | boolean | null | Buffer | readonly (string | number | null)[];
export type Params = readonly Param[];

export interface Query<P extends Params, Row> {
  readonly sql: string;
  /** Types only: never set. */
  readonly types?: { readonly params: P; readonly row: Row };
}

/** Names a statement; it is prepared once a session, at its first use, where sessions are our own. */
export function query<P extends Params, Row = never>(sql: string): Query<P, Row> {
  return { sql };
}
