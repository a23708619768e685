/** Notes that runs of a version may have an `onCancel` to run, or that they have none; "has one" is never taken back. */
import { query } from '../query.ts';

/** Unique index `workflows_by_name`. */
export const raiseOnCancel = query<[hasOnCancel: number, name: string, version: string]>(
  `update workflows set has_on_cancel = max(coalesce(has_on_cancel, 0), ?) where name = ? and version = ?`,
);
