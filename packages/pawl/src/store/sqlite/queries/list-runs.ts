/** Numbers of runs in one lane, the newest first; each set of statuses has the index that finds it without scanning the others. */
import { query } from '../query.ts';

type Page = [lane: number, beforeNum: number, statuses: string, limit: number];

function listed(from: string): string {
  return `select num from runs indexed by ${from} and lane = ? and num < ?
    and status in (select value from json_each(?)) order by num desc limit ?`;
}

/** Index `runs_by_lane`: all runs; for lists that include the completed ones. */
export const listAny = query<Page, { num: number }>(listed('runs_by_lane where true'));

/** Index `runs_unfinished`. */
export const listUnfinished = query<Page, { num: number }>(listed('runs_unfinished where phase <= 1'));

/** Index `runs_stopped`. */
export const listStopped = query<Page, { num: number }>(listed('runs_stopped where phase = 1'));

/** Index `runs_undone`. */
export const listUndone = query<Page, { num: number }>(listed('runs_undone where phase = 3'));
