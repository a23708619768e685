/** Which workflows a worker serves: their own versions, and those that their code can go on with. */
import type { AnyWorkflow } from '../run/index.ts';
import type { Served } from '../store/index.ts';

export function servedBy(workflows: readonly AnyWorkflow[]): readonly Served[] {
  const byName = new Map<string, Set<string>>();
  for (const { name, version, compatible } of workflows) {
    const versions = byName.get(name) ?? new Set<string>();
    for (const one of [version, ...compatible]) versions.add(one);
    byName.set(name, versions);
  }
  return [...byName].map(([workflow, versions]) => ({ workflow, versions: [...versions] }));
}

/** `name@version` of each. */
export function servedNames(serves: readonly Served[]): readonly string[] {
  return serves.flatMap(({ workflow, versions }) => versions.map((version) => `${workflow}@${version}`));
}

export interface WorkflowIndex {
  workflowFor(name: string, version: string): AnyWorkflow | undefined;
  latestWorkflow(name: string): AnyWorkflow | undefined;
}

/** Looks the registered workflows up; a version of its own goes before one that another is compatible with. */
export function workflowIndex(workflows: readonly AnyWorkflow[]): WorkflowIndex {
  const serving = new Map<string, AnyWorkflow>();
  const latest = new Map<string, AnyWorkflow>();
  for (const workflow of workflows) {
    latest.set(workflow.name, workflow);
    for (const version of workflow.compatible) serving.set(`${workflow.name}@${version}`, workflow);
  }
  for (const workflow of workflows) serving.set(`${workflow.name}@${workflow.version}`, workflow);
  return {
    workflowFor: (name, version) => serving.get(`${name}@${version}`),
    latestWorkflow: (name) => latest.get(name),
  };
}
