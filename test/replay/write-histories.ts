/**
 * Writes the histories of this version's event format: `node test/replay/write-histories.ts`, once for each new format. Those
 * of older formats are never written again.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakePlatform } from 'pawl/testing';
import { pawl } from 'pawl';
import { EVENT_FORMAT } from '../../packages/pawl/src/run/index.ts';
import { dumpDatabase } from './dump.ts';
import { type HistorySet, sets } from './sets.ts';

const target = join(import.meta.dirname, 'histories', String(EVENT_FORMAT));
const missing = sets.filter(({ script }) => !existsSync(join(target, script)));

if (missing.length === 0)
  throw new Error(`${target} is complete: a history that was kept is never written again`);
mkdirSync(target, { recursive: true });
for (const set of missing) await write(set);
process.exit(0);

async function write({ script, views, shapes, workflows, functions }: HistorySet): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-histories-'));
  const file = join(folder, 'pawl.db');
  const platform = fakePlatform({ startMs: Date.UTC(2026, 0, 1) });
  const engine = await pawl.open({ store: `sqlite:${file}`, workflows, functions, platform });
  for (const { run, workflow, input } of shapes) await engine.start(workflow.name, input, { id: run });
  await platform.advance(2_000);
  for (const { run, before } of shapes) await before?.(engine, run);
  await platform.advance(1_000);
  writeFileSync(join(target, script), dumpDatabase(file)); // as a process leaves it that is killed now
  const seen = await Promise.all(shapes.map(({ run }) => engine.runs.get(run)));
  writeFileSync(join(target, views), `${JSON.stringify(seen, undefined, 1)}\n`);
  rmSync(folder, { recursive: true });
}
