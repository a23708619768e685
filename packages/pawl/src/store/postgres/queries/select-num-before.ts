/** The number from which on runs were created at a time or later; numbers and times grow together, but for a moment's overtaking. */
import { query } from '../query.ts';

/** Primary key, halving: some 40 rows are looked at, and those right behind the place that is found. */
export const selectNumBefore = query<[time: number, near: number], { num: number }>(
  `with recursive half (low, high) as (
     select 0::bigint, coalesce((select max(num) from pawl.runs), 0) + 1
     union all
     select
       case when r.created_at < $1 then r.num + 1 else low end,
       case when r.created_at < $1 then high else (low + high) / 2 end
     from half
     left join lateral (
       select num, created_at from pawl.runs where num >= (low + high) / 2 and num < high order by num limit 1
     ) r on true
     where low < high
   )
   select greatest(low, (
     select num + 1 from pawl.runs where num >= low and num < low + $2 and created_at < $1 order by num desc limit 1
   )) as num
   from half where low >= high`,
);
