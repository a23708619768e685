/** Which transactions have ended, for the whole server: another text after every commit of anybody. */
import { query } from '../query.ts';

export const selectChanges = query<[], { snapshot: string }>(
  'select pg_current_snapshot()::text as snapshot',
);
