/** Gives a holder its number, which is never given again; one that has it keeps it. No row: somebody else is giving it in this moment. */
import { query } from '../query.ts';

/** Unique index on the id. */
export const giveHolder = query<[id: string], { num: number }>(
  `with found as (select num from pawl.holders where id = $1::text),
   made as (
     insert into pawl.holders (id) select $1::text where not exists (select from found)
     on conflict do nothing returning num)
   select num from found union all select num from made`,
);
