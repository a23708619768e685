/**
 * Golden histories: databases as versions of the event format wrote them, kept for ever. Every later version folds them to the
 * same, goes on with the runs that were alive, and replays the ones that had ended without firing anything.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Engine, isPawlError, pawl, type RunView, StepFailed } from 'pawl';
import { type FakePlatform, fakePlatform } from 'pawl/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVENT_FORMAT } from '../../packages/pawl/src/run/index.ts';
import { restoreDatabase } from './dump.ts';
import { type HistorySet, sets } from './sets.ts';
import { beginLaterLife, fired, LONGEST_MS, type Shape } from './shapes.ts';

const kept = join(import.meta.dirname, 'histories');
const folder = mkdtempSync(join(tmpdir(), 'pawl-golden-'));
const formats = readdirSync(kept).toSorted((a, b) => Number(a) - Number(b));
/** What is kept: of each format a history of every set that it can hold. */
const histories = formats.flatMap((format) =>
  sets.filter(({ since }) => since <= Number(format)).map((set) => ({ format, name: set.name, set })),
);

interface History {
  readonly format: string;
  readonly set: HistorySet;
}

beforeAll(beginLaterLife);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Opened {
  readonly engine: Engine;
  readonly platform: FakePlatform;
}

/** Opens a copy of a kept history a minute after it was left; `change` edits it first. */
async function openKept({ format, set }: History, name: string, change = ''): Promise<Opened> {
  const file = join(folder, `${format}-${set.name}-${name}.db`);
  const { workflows, functions } = set;
  restoreDatabase(file, readFileSync(join(kept, format, set.script), 'utf8'));
  const db = new DatabaseSync(file);
  db.exec(change);
  db.close();
  const platform = fakePlatform({ startMs: Date.UTC(2026, 0, 1, 0, 1), seed: 7 });
  const engine = await pawl.open({ store: `sqlite:${file}`, workflows, functions, platform });
  return { engine, platform };
}

async function close({ engine, platform }: Opened): Promise<void> {
  const closing = engine.close();
  await platform.advance(15_000);
  await closing;
}

async function endOf(engine: Engine, run: string): Promise<Shape['end']> {
  const { status } = await engine.runs.get(run);
  try {
    const output = await engine.handle(run).result();
    return output === undefined ? { status } : { status, output };
  } catch (error) {
    const cause = isPawlError(error) ? error.cause : undefined;
    return cause instanceof StepFailed ? { status, code: cause.code } : { status };
  }
}

test('the format of today has its histories', () => {
  const format = String(EVENT_FORMAT);
  expect(formats).toContain(format);
  for (const { script } of sets) expect(existsSync(join(kept, format, script)), script).toBe(true);
});

describe.each(histories)('the histories of format $format, $name', ({ format, set }) => {
  const { shapes } = set;

  test('fold to what they were when they were kept', async () => {
    const file = join(folder, `${format}-${set.name}-fold.db`);
    restoreDatabase(file, readFileSync(join(kept, format, set.script), 'utf8'));
    const engine = await pawl.open({ store: `sqlite:${file}`, worker: false });
    const seen: Record<string, unknown> = {};
    for (const { run } of shapes) {
      const { status, steps } = await engine.runs.get(run);
      seen[run] = { status, steps: Object.fromEntries(steps.map((one) => [one.path, one.status])) };
    }
    const views = JSON.parse(readFileSync(join(kept, format, set.views), 'utf8')) as readonly RunView[];
    for (const view of views) expect(await engine.runs.get(view.runId)).toMatchObject(view);
    await engine.close();
    expect(seen).toEqual(Object.fromEntries(shapes.map((shape) => [shape.run, shape.kept])));
  });

  test('that were alive come to their ends, and fire nothing that was recorded', async () => {
    fired.length = 0;
    const opened = await openKept({ format, set }, 'alive');
    await opened.platform.advance(10_000);
    for (const { run, after } of shapes) await after?.(opened.engine, run);
    await opened.platform.advance(2 * LONGEST_MS);
    const ends = await Promise.all(shapes.map(async ({ run }) => [run, await endOf(opened.engine, run)]));
    await close(opened);
    expect(Object.fromEntries(ends)).toEqual(Object.fromEntries(shapes.map(({ run, end }) => [run, end])));
    const children = fired.filter((line) => line.endsWith(' double')).map(() => 'double');
    const own = fired.filter((line) => !line.endsWith(' double'));
    const wanted = shapes.flatMap(({ run, fires = [] }) => fires.map((name) => `${run} ${name}`));
    expect([...own, ...children.map(() => 'family double')].toSorted()).toEqual(wanted.toSorted());
  });

  test('that had ended are replayed to the same ends, and fire nothing', async () => {
    fired.length = 0;
    const done = shapes.filter((shape) => !shape.fires && !shape.after && shape.run !== 'looping');
    const names = done.map(({ run }) => `'${run}'`).join(', ');
    const opened = await openKept(
      { format, set },
      'again',
      `create temp table again as select num from runs where id in (${names});
       create temp table ends as select e.run, max(e.seq) as seq from events e join again a on a.num = e.run group by e.run;
       delete from events where exists (select 1 from temp.ends x where x.run = events.run and x.seq = events.seq);
       update runs set status = 'running', phase = 0, holder = null, due_at = 0,
           last_seq = last_seq - 1, arrived_seq = min(arrived_seq, last_seq - 1)
         where num in (select num from temp.again);`,
    );
    await opened.platform.advance(20_000);
    const ends = await Promise.all(done.map(async ({ run }) => [run, await endOf(opened.engine, run)]));
    await close(opened);
    expect(Object.fromEntries(ends)).toEqual(Object.fromEntries(done.map(({ run, end }) => [run, end])));
    const own = fired.filter((line) => done.some(({ run }) => line.startsWith(`${run} `)));
    expect(own).toEqual([]);
  });
});
