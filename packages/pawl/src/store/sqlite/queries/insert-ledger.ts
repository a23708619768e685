/** Appends the usage of an attempt. */
import { query } from '../query.ts';

export const insertLedger = query<
  [
    run: number,
    path: string,
    attempt: number,
    at: number,
    inputTokens: number,
    outputTokens: number,
    costNanoUsd: number,
  ]
>('insert into ledger values (?, ?, ?, ?, ?, ?, ?)');
