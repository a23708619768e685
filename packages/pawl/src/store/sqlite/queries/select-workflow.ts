/** One version of a workflow. */
import { query } from '../query.ts';

export interface WorkflowColumns {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly input_schema: string | null;
  readonly has_on_cancel: number | null;
}

/** Unique index `workflows_by_name`. */
export const selectWorkflow = query<[name: string, version: string], WorkflowColumns>(
  'select name, version, digest, input_schema, has_on_cancel from workflows where name = ? and version = ?',
);
