/** The one statement of a commit. */
import { query } from '../query.ts';

type Texts = readonly (string | null)[];
type Numbers = readonly (number | null)[];

export type CommitParams = [
  now: number | null,
  nums: Numbers | null,
  tenants: Numbers,
  ids: Texts,
  plan: string,
  type: Numbers,
  path: Texts,
  actor: Texts,
  data: Texts,
  payload: Texts,
  blob: Texts,
  crc: Numbers,
  attempt: Numbers,
  bodies: Texts | null,
  bytes: Numbers | null,
];

/** Primary keys of `runs` and `events`; see `functions/commit.ts`. */
export const commitCall = query<CommitParams, { answers: string }>(
  'select pawl.commit_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) as answers',
);
