/** The due runs of one lane, the longest due first. */
import { query } from '../query.ts';

export interface DueRun {
  readonly num: number;
  readonly due_at: number;
}

type Page = [
  lane: number,
  now: number,
  afterDue: number,
  afterDueAgain: number,
  afterNum: number,
  limit: number,
];

function dueIn(condition: string): string {
  return `select num, due_at from runs where lane = ? and holder is null and due_at is not null and ${condition}
    and due_at <= ? and due_at >= ? and (due_at, num) > (?, ?) order by due_at, num limit ?`;
}

/** Index `runs_due`, which ends in the number: no sorting. */
export const dueRuns = query<Page, DueRun>(dueIn('strikes < 2'));

/** Index `runs_quarantined`. */
export const quarantinedRuns = query<Page, DueRun>(dueIn('strikes >= 2'));
