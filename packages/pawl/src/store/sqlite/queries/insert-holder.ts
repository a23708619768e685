/** Gives a holder its number, which is never given again: a fence compares it. */
import { query } from '../query.ts';

export const insertHolder = query<[id: string], { num: number }>(
  'insert into holders (id) values (?) returning num',
);
