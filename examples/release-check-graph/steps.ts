/** What the graph `release-check.yaml` calls by name. */
import { appendFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { FunctionTools } from 'pawl';
import { manifestOf, reportOf } from '../release-check/workflow.ts';

interface Place {
  readonly folder: string;
  readonly effects: string;
}

interface Note {
  readonly note: string;
}

export async function manifest({ folder, effects }: Place, { idempotencyKey }: FunctionTools): Promise<Note> {
  await appendFile(effects, `${idempotencyKey} manifest\n`);
  return { note: await manifestOf(folder) };
}

interface Report extends Place {
  readonly findings: Readonly<Record<string, string>>;
  readonly decision: string;
  readonly report: string;
}

export async function report(input: Report, { idempotencyKey }: FunctionTools): Promise<Note> {
  await appendFile(input.effects, `${idempotencyKey} report\n`);
  const { findings, decision } = input;
  await writeFile(input.report, reportOf({ ...findings, decision }));
  return { note: relative(input.folder, input.report) };
}
