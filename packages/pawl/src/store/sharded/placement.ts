/** Which shard a run is placed on: a function of the texts that name it, and of nothing else. */
import { digestText } from '../../std/index.ts';
import type { Batch, NewRun } from '../index.ts';

/** The shard of a name, of so many. */
export type Place = (name: readonly string[], count: number) => number;

/** The same for the life of the store: nothing else says where a key was used. */
export function homeOf(name: readonly string[], count: number): number {
  return Number.parseInt(digestText(JSON.stringify(name)).slice(0, 12), 16) % count;
}

/** Where a run is looked for first. */
export function homeOfRun({ tenant, runId }: { readonly tenant: string; readonly runId: string }): string[] {
  return ['run', tenant, runId];
}

/** Where a run with a key is placed, whatever its id: so that the key is judged by one shard. */
export function homeOfKey({ tenant, workflow }: NewRun, key: string): string[] {
  return ['key', tenant, workflow, key];
}

/** The run that a batch starts: one that no run before it belongs to. */
export function startedBy({ run, creates }: Batch): NewRun | undefined {
  const [first] = creates ?? [];
  return first?.runId === run.runId && first.tenant === run.tenant ? first : undefined;
}
