/** Workflow definitions in the store: immutable a name and version. */
import type { NewWorkflow, WorkflowRow } from '../index.ts';
import type { Connection } from './connection.ts';
import { insertWorkflows } from './queries/insert-workflows.ts';
import { selectLatestWorkflow } from './queries/select-latest-workflow.ts';
import { selectWorkflow, type WorkflowColumns } from './queries/select-workflow.ts';
import { selectWorkflows } from './queries/select-workflows.ts';

/** Writes what is new, all or nothing; answers the versions that exist with another digest. An unchanged set writes nothing. */
export async function registerWorkflows(
  db: Connection,
  workflows: readonly NewWorkflow[],
): Promise<readonly WorkflowRow[]> {
  if (workflows.length === 0) return [];
  const said = workflows.flatMap(saidOf);
  if (!(await isNews(db, workflows, said))) return [];
  const changed = await db.write(
    insertWorkflows,
    workflows.map(({ name }) => name),
    workflows.map(({ version }) => version),
    workflows.map(({ digest }) => digest),
    workflows.map(({ inputSchema }) => (inputSchema === undefined ? null : JSON.stringify(inputSchema))),
    said.map(({ name }) => name),
    said.map(({ version }) => version),
    said.map(({ hasOnCancel }) => String(hasOnCancel)),
  );
  return changed.map(workflowOf);
}

interface Said {
  readonly name: string;
  readonly version: string;
  readonly hasOnCancel: boolean;
}

/** A version has an `onCancel` too where a workflow that goes on with its runs has. */
function saidOf({ name, version, hasOnCancel, compatible = [] }: NewWorkflow): Said[] {
  if (hasOnCancel === undefined) return [];
  const versions = hasOnCancel ? [version, ...compatible] : [version];
  return versions.map((one) => ({ name, version: one, hasOnCancel }));
}

/** Whether the rows do not say all of it yet, or say something else. */
async function isNews(
  db: Connection,
  workflows: readonly NewWorkflow[],
  said: readonly Said[],
): Promise<boolean> {
  const asked = [...workflows, ...said];
  const rows = await db.read(
    selectWorkflows,
    asked.map(({ name }) => name),
    asked.map(({ version }) => version),
  );
  const known = new Map(rows.map((row) => [keyOf(row), row]));
  const isChanged = workflows.some((one) => known.get(keyOf(one))?.digest !== one.digest);
  return (
    isChanged ||
    said.some((one) => {
      const row = known.get(keyOf(one));
      if (row === undefined) return false;
      return row.has_on_cancel === null || (one.hasOnCancel && !row.has_on_cancel);
    })
  );
}

function keyOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return JSON.stringify([name, version]);
}

/** A version by name; without one, the version registered last. */
export async function getWorkflow(
  db: Connection,
  name: string,
  version?: string,
): Promise<WorkflowRow | undefined> {
  const [row] =
    version === undefined
      ? await db.read(selectLatestWorkflow, name)
      : await db.read(selectWorkflow, name, version);
  return row && workflowOf(row);
}

function workflowOf({ name, version, digest, input_schema, has_on_cancel }: WorkflowColumns): WorkflowRow {
  const schema = input_schema === null ? {} : { inputSchema: JSON.parse(input_schema) as unknown };
  const hasOnCancel = has_on_cancel === null ? {} : { hasOnCancel: has_on_cancel };
  return { name, version, digest, ...schema, ...hasOnCancel };
}
