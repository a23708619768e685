/** The body of a large payload. */
import { query } from '../query.ts';

/** Primary key. */
export const selectBlob = query<[digest: string], { body: string; bytes: number }>(
  'select body, bytes from blobs where digest = ?',
);
