/** A long run costs what it adds: linear bytes and rows, appended and never rewritten, driven from memory, without a ceiling. */
import { DatabaseSync } from 'node:sqlite';
import { pawl, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { openBetween } from './support/between-store.ts';
import {
  closeEngine,
  newDatabase,
  openEngine,
  openMortal,
  pathOfDatabase,
  START,
} from './support/opened-engine.ts';
import { eventsOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext, steps: number) => Promise<unknown>;

function flow(run: Run): Workflow<number, unknown> {
  return workflow({ name: 'flow' }, run);
}

const stepping = flow(async (ctx, steps) => {
  let sum = 0;
  for (let step = 0; step < steps; step++) sum += await ctx.step('add', () => step);
  return sum;
});

interface Size {
  readonly events: number;
  readonly bytes: number;
  readonly rows: number;
}

/** What a finished run of so many steps left in its database. */
async function sizeOf(one: Workflow<number, unknown>, steps: number): Promise<Size> {
  const store = newDatabase();
  const opened = await openEngine([one], { store });
  const run = await opened.engine.start(one, steps, { id: 'run' });
  await opened.platform.advance(20_000);
  expect(await run.status()).toBe('completed');
  await closeEngine(opened);
  const db = new DatabaseSync(pathOfDatabase(store), { readOnly: true });
  const events = db
    .prepare('select count(*) n, sum(length(data) + coalesce(length(payload), 0)) bytes from events')
    .get();
  const tables = db.prepare("select name from sqlite_schema where type = 'table'").all();
  const rows = tables.reduce(
    (sum, { name }) => sum + Number(db.prepare(`select count(*) n from "${String(name)}"`).get()?.['n']),
    0,
  );
  db.close();
  return { events: Number(events?.['n']), bytes: Number(events?.['bytes']), rows };
}

/** The same numbers for each of the steps that the larger run has more. */
async function growthOf(
  one: Workflow<number, unknown>,
  [few, many]: readonly [number, number],
): Promise<Size> {
  const [small, large] = [await sizeOf(one, few), await sizeOf(one, many)];
  return {
    events: (large.events - small.events) / (many - few),
    bytes: (large.bytes - small.bytes) / (many - few),
    rows: (large.rows - small.rows) / (many - few),
  };
}

describe('P6: a step', () => {
  test('adds one event and a few bytes, at step 200 as at step 2,000', async () => {
    const growth = await growthOf(stepping, [200, 2_000]);
    expect(growth.events).toBe(1);
    expect(growth.rows).toBe(1);
    expect(growth.bytes).toBeLessThan(160);
    const first = await sizeOf(stepping, 10);
    expect(growth.bytes).toBeLessThan((first.bytes / 10) * 1.2);
  });

  test('adds no more where the run carries a state that it shows', async () => {
    const showing = flow(async (ctx, steps) => {
      for (let step = 0; step < steps; step++) {
        await ctx.step('add', () => step);
        if (step % 100 === 0) ctx.set({ step });
      }
    });
    const growth = await growthOf(showing, [100, 600]);
    expect(growth.events).toBeLessThanOrEqual(1.02);
    expect(growth.bytes).toBeLessThan(160);
  });

  test('is driven from memory: the function is called once, and the log is not read again', async () => {
    const platform = fakePlatform({ startMs: START });
    const reads: string[] = [];
    const { store } = await openBetween(platform, { onCall: (method) => reads.push(method) });
    let calls = 0;
    const resting = flow(async (ctx, steps) => {
      calls++;
      for (let step = 0; step < steps; step++) {
        await ctx.step('add', () => step);
        await ctx.sleep('rest', '10ms');
      }
    });
    const engine = await pawl.open({ store, workflows: [resting], platform });
    const run = await engine.start(resting, 300);
    await platform.advance(300 * 10 + 1_000);
    expect(await run.status()).toBe('completed');
    expect(calls).toBe(1);
    const whole = reads.filter((method) => method === 'readEvents').length;
    expect(whole).toBeLessThanOrEqual(301); // the status of a completed run looks at its end
    const closing = engine.close();
    await platform.advance(15_000);
    await closing;
  });

  test('does not cost what came before it: what a woken run reads is what it has not seen', async () => {
    const platform = fakePlatform({ startMs: START });
    const { store, inner } = await openBetween(platform, {});
    const after: number[] = [];
    const read = inner.readEvents.bind(inner);
    inner.readEvents = (run, afterSeq, limit) => {
      after.push(afterSeq);
      return read(run, afterSeq, limit);
    };
    const waiting = flow(async (ctx, steps) => {
      for (let step = 0; step < steps; step++) await ctx.signal('go');
    });
    const engine = await pawl.open({ store, workflows: [waiting], platform });
    await engine.start(waiting, 50, { id: 'run' });
    for (let count = 0; count < 50; count++) {
      await platform.settle();
      await engine.signal('run', 'go', count);
    }
    await platform.settle();
    expect(await engine.handle('run').status()).toBe('completed');
    const fromTheStart = after.filter((seq) => seq === 0);
    expect(after.length).toBeGreaterThan(40);
    expect(fromTheStart.length).toBeLessThanOrEqual(1);
    const closing = engine.close();
    await platform.advance(15_000);
    await closing;
  });
});

describe('P7: a run of 5,000 steps', () => {
  test('ends like any other, also in a second process that replays it', async () => {
    const store = newDatabase();
    const fired: number[] = [];
    const one = flow(async (ctx, steps) => {
      let sum = 0;
      for (let step = 0; step < steps; step++) {
        if (step === 4_900) await ctx.sleep('rest', '1s');
        sum += await ctx.step('add', () => fired.push(step) - fired.length + step);
      }
      return sum;
    });
    const first = await openMortal([one], { store });
    await first.engine.start(one, 5_000, { id: 'run' });
    await first.platform.settle();
    expect(await first.engine.handle('run').status()).toBe('waiting');
    expect(fired).toHaveLength(4_900);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2 });
    await second.platform.advance(6_000);
    expect((await second.engine.runs.get('run')).output).toBe((4_999 * 5_000) / 2);
    expect(fired).toEqual(Array.from({ length: 5_000 }, (_, index) => index));
  });

  test('may have 2,000 of them side by side, and 2,000 items in a map', async () => {
    const items = Array.from({ length: 2_000 }, (_, index) => index);
    const one = flow(async (ctx) => {
      const side = await Promise.all(items.map((item) => ctx.step(`s${item}`, () => item)));
      const mapped = await ctx.map('m', items, (item, c) => c.step('work', () => item), { concurrency: 500 });
      return [side.length, mapped.length];
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, 0);
    await platform.advance(1_000);
    expect(await run.result()).toEqual([2_000, 2_000]);
  });
});

describe('H11: the record of a run', () => {
  test('is only ever appended to: what was written stays as it is, byte for byte', async () => {
    const platform = fakePlatform({ startMs: START });
    let last: readonly string[] = [];
    let commits = 0;
    const problems: string[] = [];
    const { store } = await openBetween(platform, {
      after: async (_batches, _answers, inner) => {
        const row = await inner.getRun('default', 'run');
        if (!row) return;
        commits++;
        const now = (await inner.readEvents(row.run, 0, 10_000)).map((event) => JSON.stringify(event));
        for (const [index, event] of last.entries()) if (now[index] !== event) problems.push(event);
        last = now;
      },
    });
    const one = flow(async (ctx, steps) => {
      for (let step = 0; step < steps; step++) {
        await ctx.step('work', ({ attempt }) => (attempt === 1 ? Promise.reject(new Error('no')) : step), {
          retry: { initial: '1ms' },
        });
        ctx.set({ step });
      }
      await ctx.signal('go');
    });
    const engine = await pawl.open({ store, workflows: [one], platform });
    await engine.start(one, 20, { id: 'run' });
    await platform.advance(1_000);
    await engine.pause('run');
    await engine.resume('run');
    await engine.signal('run', 'go');
    await platform.advance(1_000);
    expect(await engine.handle('run').status()).toBe('completed');
    expect(problems).toEqual([]);
    expect(commits).toBeGreaterThan(20);
    const closing = engine.close();
    await platform.advance(15_000);
    await closing;
  });

  test('is written whole before anybody is told of it: a reader never sees half a step', async () => {
    const store = newDatabase();
    const one = await openEngine([stepping], { store });
    const reader = await openEngine([], { store, seed: 2 });
    const run = await one.engine.start(stepping, 100, { id: 'run' });
    await run.result();
    const seen = await eventsOf(reader.engine, 'run');
    expect(seen.map((event) => event.seq)).toEqual(
      Array.from({ length: seen.length }, (_, index) => index + 1),
    );
    expect(await eventsOf(one.engine, 'run')).toEqual(seen);
    expect(seen.at(-1)?.type).toBe('run.completed');
  });
});
