/** Workflow definitions in the store: immutable a name and version. */
import type { WorkflowRow } from '../index.ts';
import type { Connection } from './connection.ts';
import { insertWorkflow } from './queries/insert-workflow.ts';
import { selectLatestWorkflow } from './queries/select-latest-workflow.ts';
import { selectWorkflow, type WorkflowColumns } from './queries/select-workflow.ts';
import type { Writer } from './writer.ts';

/** Writes what is new, all or nothing; answers the versions that exist with another digest. An unchanged set writes nothing. */
export async function registerWorkflows(
  db: Connection,
  writer: Writer,
  workflows: readonly WorkflowRow[],
): Promise<readonly WorkflowRow[]> {
  const before = await writer.read(() => compare(db, workflows));
  if (before.changed.length > 0 || before.missing.length === 0) return before.changed;
  return writer.write(() => {
    const { changed, missing } = compare(db, workflows);
    if (changed.length > 0) return changed;
    for (const { name, version, digest, inputSchema } of missing) {
      db.run(
        insertWorkflow,
        name,
        version,
        digest,
        inputSchema === undefined ? null : JSON.stringify(inputSchema),
      );
    }
    return [];
  });
}

function compare(db: Connection, workflows: readonly WorkflowRow[]) {
  const changed: WorkflowRow[] = [];
  const missing: WorkflowRow[] = [];
  for (const workflow of workflows) {
    const row = db.get(selectWorkflow, workflow.name, workflow.version);
    if (row === undefined) missing.push(workflow);
    else if (row.digest !== workflow.digest) changed.push(workflowOf(row));
  }
  return { changed, missing };
}

/** A version by name; without one, the version registered last. */
export function getWorkflow(db: Connection, name: string, version?: string): WorkflowRow | undefined {
  const row =
    version === undefined ? db.get(selectLatestWorkflow, name) : db.get(selectWorkflow, name, version);
  return row && workflowOf(row);
}

function workflowOf({ name, version, digest, input_schema }: WorkflowColumns): WorkflowRow {
  const schema = input_schema === null ? {} : { inputSchema: JSON.parse(input_schema) as unknown };
  return { name, version, digest, ...schema };
}
