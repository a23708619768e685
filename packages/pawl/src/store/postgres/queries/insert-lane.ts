/** Opens a lane for a tenant, workflow, version and priority. No row: somebody else is opening it in this moment. */
import { query } from '../query.ts';

/** The unique index of `lanes`. */
export const giveLane = query<
  [tenant: number, workflow: string, version: string, priority: number, format: number],
  { num: number }
>(
  `with found as (select num from pawl.lanes where tenant = $1::int and workflow = $2::text and version = $3::text and priority = $4::int and format = $5::int),
   made as (
     insert into pawl.lanes (tenant, workflow, version, priority, format) select $1::int, $2::text, $3::text, $4::int, $5::int where not exists (select from found)
     on conflict do nothing returning num)
   select num from found union all select num from made`,
);
