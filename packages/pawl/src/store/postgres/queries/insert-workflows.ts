/** Registers versions, all or none: whatever exists with another digest is answered, and then nothing is written. */
import { query } from '../query.ts';
import type { WorkflowColumns } from './select-workflow.ts';

/** The unique index of `workflows`; the lock keeps two that register at once from overtaking each other between look and write. */
export const insertWorkflows = query<
  [
    names: readonly string[],
    versions: readonly string[],
    digests: readonly string[],
    schemas: readonly (string | null)[],
    saidNames: readonly string[],
    saidVersions: readonly string[],
    saidHasOnCancel: readonly string[],
  ],
  WorkflowColumns
>('select * from pawl.register_1($1, $2, $3, $4, $5, $6, $7::boolean[])');
