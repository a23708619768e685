/** The children of one run, the newest first. */
import { query } from '../query.ts';
import { type RunColumns, SELECT_RUNS } from './run-columns.ts';

/** Index `runs_by_parent`. */
export const listChildren = query<
  [
    tenant: string,
    workflow: string | null,
    beforeNum: number,
    statuses: readonly number[],
    limit: number,
    parentId: string,
  ],
  RunColumns
>(
  `${SELECT_RUNS} where r.parent_id = $6 and t.id = $1 and ($2::text is null or l.workflow = $2) and r.num < $3
     and r.status = any ($4::smallint[]) order by r.num desc limit $5`,
);
