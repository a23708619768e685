/** Tells every other process that something was committed; a transaction of its own, never that of a commit. */
import { query } from '../query.ts';

export const CHANNEL = 'pawl_changes';

export const notify = query<[]>(`notify ${CHANNEL}`);
