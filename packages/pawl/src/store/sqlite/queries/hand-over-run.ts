/** Moves a run's row on where its holder, strikes or due time changed too, and with them the indexes of claims. */
import { query } from '../query.ts';
import { ADVANCE, type Advance } from './advance-run.ts';

export type HandOver = [...Advance, holder: number | null, strikes: number, dueAt: number | null];

export const HAND_OVER = `${ADVANCE}, holder = ?, strikes = ?, due_at = ?`;

/** Primary key. */
export const handOverRun = query<[...HandOver, num: number]>(`update runs set ${HAND_OVER} where num = ?`);
