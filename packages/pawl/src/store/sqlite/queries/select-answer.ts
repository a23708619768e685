/** The answer that the first send of an external batch got; null for an arrival in another run's batch. */
import { query } from '../query.ts';

/** Unique index `answers_by_id`. */
export const selectAnswer = query<[run: number, id: string], { answer: string | null }>(
  'select answer from answers where run = ? and id = ?',
);
