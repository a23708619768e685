/** The run with the highest number, and the root of its family. */
import { query } from '../query.ts';

/** One seek to the end of the primary key. */
export const selectNewest = query<[], { num: number; tenant: number; root: string }>(
  'select num, tenant, coalesce(root_id, id) as root from runs order by num desc limit 1',
);
