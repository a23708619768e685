/** The version of a workflow that was registered last. */
import { query } from '../query.ts';
import type { WorkflowColumns } from './select-workflow.ts';

/** Unique index `workflows_by_name`: the versions of one name. */
export const selectLatestWorkflow = query<[name: string], WorkflowColumns>(
  'select name, version, digest, input_schema, has_on_cancel from workflows where name = ? order by rowid desc limit 1',
);
