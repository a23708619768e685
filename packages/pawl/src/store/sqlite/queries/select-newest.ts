/** The run with the highest number, and the root of its family. */
import { query } from '../query.ts';

/** Two seeks of the primary key. */
export const selectNewest = query<[], { num: number; tenant: number; root: string }>(
  'select num, tenant, coalesce(root_id, id) as root from runs where num = (select max(num) from runs)',
);
