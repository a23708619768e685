/** The number from which on runs were created at a time or later; numbers and times grow together, but for a moment's overtaking. */
import { query } from '../query.ts';

/** Primary key, halving: some 40 rows are looked at, and those right behind the place that is found. */
export const selectNumBefore = query<[time: number, near: number], { num: number }>(
  `with recursive half (low, high) as (
     select 0, ifnull((select max(num) from runs), 0) + 1
     union all
     select
       case when r.created_at < ?1 then r.num + 1 else low end,
       case when r.created_at < ?1 then high else (low + high) / 2 end
     from half
     left join runs r on r.num = (select min(num) from runs where num >= (low + high) / 2 and num < high)
     where low < high
   )
   select max(low, ifnull((
     select num + 1 from runs where num >= low and num < low + ?2 and created_at < ?1 order by num desc limit 1
   ), 0)) as num
   from half where low >= high`,
);
