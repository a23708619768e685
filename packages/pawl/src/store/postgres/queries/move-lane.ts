/** Puts a run into another lane. */
import { query } from '../query.ts';

/** Primary key. */
export const moveLane = query<[lane: number, num: number]>('update pawl.runs set lane = $1 where num = $2');
