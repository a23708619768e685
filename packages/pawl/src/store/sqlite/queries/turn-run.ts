/** Moves a run's row on where it stopped, went on or ended, and with it every index of lists and claims. */
import { query } from '../query.ts';
import { HAND_OVER, type HandOver } from './hand-over-run.ts';

/** Primary key. */
export const turnRun = query<[...HandOver, phase: number, parkReason: string | null, num: number]>(
  `update runs set ${HAND_OVER}, phase = ?, park_reason = ? where num = ?`,
);
