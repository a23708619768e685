/** Puts a run into another lane. */
import { query } from '../query.ts';

/** Primary key. */
export const moveLane = query<[lane: number, num: number]>('update runs set lane = ? where num = ?');
