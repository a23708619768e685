/** Workflow definitions in the store: immutable a name and version. */
import type { NewWorkflow, WorkflowRow } from '../index.ts';
import type { Connection } from './connection.ts';
import { insertWorkflow } from './queries/insert-workflow.ts';
import { raiseOnCancel } from './queries/raise-on-cancel.ts';
import { selectLatestWorkflow } from './queries/select-latest-workflow.ts';
import { selectWorkflow, type WorkflowColumns } from './queries/select-workflow.ts';
import type { Writer } from './writer.ts';

/** Writes what is new, all or nothing; answers the versions that exist with another digest. An unchanged set writes nothing. */
export async function registerWorkflows(
  db: Connection,
  writer: Writer,
  workflows: readonly NewWorkflow[],
): Promise<readonly WorkflowRow[]> {
  const before = await writer.read(() => ({ ...compare(db, workflows), unsaid: unsaid(db, workflows) }));
  const isNew = before.missing.length + before.unsaid.length > 0;
  if (before.changed.length > 0 || !isNew) return before.changed;
  return writer.write(() => {
    const { changed, missing } = compare(db, workflows);
    if (changed.length > 0) return changed;
    for (const { name, version, digest, inputSchema } of missing) {
      const schema = inputSchema === undefined ? null : JSON.stringify(inputSchema);
      db.run(insertWorkflow, name, version, digest, schema);
    }
    for (const { name, version, hasOnCancel } of unsaid(db, workflows))
      db.run(raiseOnCancel, hasOnCancel ? 1 : 0, name, version);
    return [];
  });
}

/** What the rows do not say yet of `onCancel`: a version has one too where a workflow that goes on with its runs has. */
function unsaid(
  db: Connection,
  workflows: readonly NewWorkflow[],
): readonly Pick<Required<WorkflowRow>, 'name' | 'version' | 'hasOnCancel'>[] {
  const said = workflows.flatMap(({ name, version, hasOnCancel, compatible = [] }) => {
    if (hasOnCancel === undefined) return [];
    const versions = hasOnCancel ? [version, ...compatible] : [version];
    return versions.map((one) => ({ name, version: one, hasOnCancel }));
  });
  return said.filter(({ name, version, hasOnCancel }) => {
    const row = db.get(selectWorkflow, name, version);
    if (row === undefined) return false;
    return row.has_on_cancel === null || (hasOnCancel && row.has_on_cancel === 0);
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

function workflowOf({ name, version, digest, input_schema, has_on_cancel }: WorkflowColumns): WorkflowRow {
  const schema = input_schema === null ? {} : { inputSchema: JSON.parse(input_schema) as unknown };
  const hasOnCancel = has_on_cancel === null ? {} : { hasOnCancel: has_on_cancel === 1 };
  return { name, version, digest, ...schema, ...hasOnCancel };
}
