/** The version of a workflow that was registered last. */
import { query } from '../query.ts';
import type { WorkflowColumns } from './select-workflow.ts';

/** The unique index of `workflows`: the versions of one name. */
export const selectLatestWorkflow = query<[name: string], WorkflowColumns>(
  `select name, version, digest, input_schema, has_on_cancel from pawl.workflows where name = $1 order by num desc limit 1`,
);
