/** Versions of workflows, as many as are asked for. */
import { query } from '../query.ts';
import type { WorkflowColumns } from './select-workflow.ts';

/** The unique index of `workflows`. */
export const selectWorkflows = query<
  [names: readonly string[], versions: readonly string[]],
  WorkflowColumns
>(
  `select w.name, w.version, w.digest, w.input_schema, w.has_on_cancel
   from unnest($1::text[], $2::text[]) as u (name, version) join pawl.workflows w using (name, version)`,
);
