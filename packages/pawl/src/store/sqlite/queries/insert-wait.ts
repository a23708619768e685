/** Lists an open wait. */
import { query } from '../query.ts';

/** Primary key: a wait that is listed already stays as it is. */
export const insertWait = query<
  [
    run: number,
    path: string,
    tenant: number,
    kind: string,
    name: string,
    message: string | null,
    openedSeq: number,
    openedAt: number,
    dueAt: number | null,
  ]
>('insert into waits values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (run, path) do nothing');
