/** One version of a workflow. */
import { query } from '../query.ts';

export interface WorkflowColumns {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly input_schema: string | null;
  readonly has_on_cancel: boolean | null;
}

/** The unique index of `workflows`. */
export const selectWorkflow = query<[name: string, version: string], WorkflowColumns>(
  'select name, version, digest, input_schema, has_on_cancel from pawl.workflows where name = $1 and version = $2',
);
