/** A start is recorded once for its key, with the input as its schema parsed it, and a step's key never changes. */
import { type Engine, workflow } from 'pawl';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, eventsOf, storyOf } from './support/run-log.ts';

const keys: string[] = [];

const order = workflow({ name: 'order', labels: { team: 'sales' } }, async (ctx, input: unknown) => {
  await ctx.step('charge', ({ idempotencyKey }) => keys.push(idempotencyKey));
  await ctx.signal('shipped');
  return input;
});

async function countRuns(engine: Engine): Promise<number> {
  return (await engine.runs.list({ limit: 1_000 })).length;
}

describe('a start with an idempotency key', () => {
  test('gives the same run back, and starts nothing', async () => {
    const { engine, platform } = await openEngine([order]);
    const first = await engine.start(order, { n: 1 }, { idempotencyKey: 'order-7' });
    const second = await engine.start(order, { n: 1 }, { idempotencyKey: 'order-7' });
    await platform.settle();
    const third = await engine.start(
      'order',
      { n: 1 },
      { idempotencyKey: 'order-7', labels: { other: 'label' } },
    );
    expect([second.id, third.id]).toEqual([first.id, first.id]);
    expect(await countRuns(engine)).toBe(1);
    await engine.signal(first.id, 'shipped');
    await platform.settle();
    const late = await engine.start(order, { n: 1 }, { idempotencyKey: 'order-7' });
    expect({ id: late.id, result: await late.result() }).toEqual({ id: first.id, result: { n: 1 } });
  });

  test('gives one run to many that ask at the same time, here and in another process', async () => {
    const store = newDatabase();
    const one = await openEngine([order], { store });
    const other = await openEngine([order], { store, seed: 2 });
    const starting = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? one : other).engine.start(order, { n: 1 }, { idempotencyKey: 'k' }),
    );
    for (let turn = 0; turn < 20; turn++)
      await Promise.all([one.platform.advance(5), other.platform.advance(5)]);
    const runs = await Promise.all(starting);
    expect(new Set(runs.map((run) => run.id)).size).toBe(1);
    expect(await countRuns(one.engine)).toBe(1);
  });

  test('is refused for another input, and changes nothing', async () => {
    const { engine, platform } = await openEngine([order]);
    const first = await engine.start(order, { n: 1 }, { idempotencyKey: 'order-7' });
    await platform.settle();
    const before = await eventsOf(engine, first.id);
    const code = await codeOf(() => engine.start(order, { n: 2 }, { idempotencyKey: 'order-7' }));
    expect(code).toBe('IDEMPOTENCY_CONFLICT');
    expect(await countRuns(engine)).toBe(1);
    expect(await eventsOf(engine, first.id)).toEqual(before);
  });

  test('is another start in another workflow, and in another tenant', async () => {
    const store = newDatabase();
    const other = workflow({ name: 'other' }, async () => 1);
    const one = await openEngine([order, other], { store });
    const tenant = await openEngine([order], { store, seed: 2, tenant: 'acme', worker: false });
    const runs = [
      await one.engine.start(order, null, { idempotencyKey: 'k' }),
      await one.engine.start(other, null, { idempotencyKey: 'k' }),
      await tenant.engine.start(order, null, { idempotencyKey: 'k' }),
    ];
    expect(new Set(runs.map((run) => run.id)).size).toBe(3);
    expect([await countRuns(one.engine), await countRuns(tenant.engine)]).toEqual([2, 1]);
  });
});

describe('a start with an id', () => {
  test('makes the run of that id, once', async () => {
    const { engine, platform } = await openEngine([order]);
    const run = await engine.start(order, { n: 1 }, { id: 'order-7' });
    await platform.settle();
    expect(run.id).toBe('order-7');
    expect(await codeOf(() => engine.start(order, { n: 1 }, { id: 'order-7' }))).toBe('RUN_ID_TAKEN');
    expect(await countRuns(engine)).toBe(1);
  });

  test('without one makes ids that sort by the time of their start', async () => {
    const { engine } = await openEngine([order]);
    const ids: string[] = [];
    for (let run = 0; run < 5; run++) ids.push((await engine.start(order, run)).id);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-/);
  });
});

describe('what is recorded of a start', () => {
  test('is the input as its schema parsed it', async () => {
    const schema = z.object({ n: z.coerce.number(), unit: z.string().default('kg') });
    const one = workflow({ name: 'one', input: schema }, async (_ctx, input) => input);
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start('one', { n: '7', gone: true }, { id: 'run' });
    await platform.settle();
    expect(await run.result()).toEqual({ n: 7, unit: 'kg' });
    expect((await engine.runs.get('run')).input).toEqual({ n: 7, unit: 'kg' });
  });

  test('is labels, priority, trigger and who started it', async () => {
    const { engine, platform } = await openEngine([order]);
    const options = { labels: { region: 'eu' }, priority: 7, trigger: 'webhook', by: 'ada' } as const;
    await engine.start(order, null, { ...options, id: 'run' });
    await platform.settle();
    expect(await engine.runs.get('run')).toMatchObject({
      labels: { team: 'sales', region: 'eu' },
      priority: 7,
    });
    expect((await eventsOf(engine, 'run'))[0]).toMatchObject({
      actor: 'ada',
      data: { trigger: { kind: 'webhook' } },
    });
  });

  test('is there for the function to read', async () => {
    const facts = workflow({ name: 'facts', version: '3' }, async (ctx) => ({
      runId: ctx.runId,
      root: ctx.rootRunId,
      name: `${ctx.workflowName}@${ctx.workflowVersion}`,
      labels: ctx.labels,
      trigger: ctx.trigger.kind,
    }));
    const { engine, platform } = await openEngine([facts]);
    const run = await engine.start(facts, null, { id: 'run', labels: { a: 'b' }, trigger: 'cli' });
    await platform.settle();
    expect(await run.result()).toEqual({
      runId: 'run',
      root: 'run',
      name: 'facts@3',
      labels: { a: 'b' },
      trigger: 'cli',
    });
  });
});

describe('a start by a process that does not have the workflow', () => {
  const schema = z.object({ n: z.number(), unit: z.string().default('kg') });
  const typed = workflow({ name: 'typed', input: schema }, async (_ctx, input) => input);
  const picky = z.string().refine((text) => text === 'even', 'must be even');
  const choosy = workflow({ name: 'choosy', input: picky }, async (_ctx, input) => input);

  async function openPair() {
    const store = newDatabase();
    const worker = await openEngine([typed, choosy], { store });
    const client = await openEngine([], { store, seed: 2 });
    return { worker, client };
  }

  test('is refused at the door where the registered schema says no', async () => {
    const { client } = await openPair();
    expect(await codeOf(() => client.engine.start('typed', { n: 'one' }))).toBe('INPUT_INVALID');
    expect(await countRuns(client.engine)).toBe(0);
  });

  test('is parsed once by the first worker: the run sees defaults, and so does everybody', async () => {
    const { worker, client } = await openPair();
    const run = await client.engine.start('typed', { n: 1 }, { id: 'run' });
    await worker.platform.advance(6_000);
    expect((await client.engine.runs.get('run')).input).toEqual({ n: 1, unit: 'kg' });
    expect((await client.engine.runs.get(run.id)).output).toEqual({ n: 1, unit: 'kg' });
  });

  test('fails its run where only the worker can tell that the input is wrong', async () => {
    const { worker, client } = await openPair();
    await client.engine.start('choosy', 'odd', { id: 'run' });
    await worker.platform.advance(6_000);
    const { status, failure } = await client.engine.runs.get('run');
    expect({ status, code: failure?.code }).toEqual({ status: 'failed', code: 'RUN_INPUT_INVALID' });
    expect(failure?.message).toContain('must be even');
  });
});

describe('a tenant', () => {
  test('sees and moves its own runs only', async () => {
    const store = newDatabase();
    const acme = await openEngine([order], { store, tenant: 'acme' });
    const other = await openEngine([order], { store, seed: 2, tenant: 'other' });
    await acme.engine.start(order, 'mine', { id: 'run' });
    await acme.platform.settle();
    expect(await codeOf(() => other.engine.runs.get('run'))).toBe('RUN_NOT_FOUND');
    expect(await codeOf(() => other.engine.signal('run', 'shipped'))).toBe('RUN_NOT_FOUND');
    expect(await codeOf(() => other.engine.cancel('run'))).toBe('RUN_NOT_FOUND');
    expect([await other.engine.runs.list(), await other.engine.waits()]).toEqual([[], []]);
    await other.engine.start(order, 'theirs', { id: 'run' });
    await acme.engine.signal('run', 'shipped');
    await acme.platform.settle();
    expect((await acme.engine.runs.get('run')).output).toBe('mine');
    expect((await other.engine.runs.get('run')).status).not.toBe('completed');
  });
});

describe('the idempotency key of a step', () => {
  test('is that of its run and path, for every attempt in every process', async () => {
    const seen: string[] = [];
    const one = workflow({ name: 'one' }, (ctx) =>
      ctx.parallel('p', {
        a: (c) =>
          c.step('work', ({ attempt, idempotencyKey }) => {
            seen.push(`${attempt} ${idempotencyKey}`);
            return attempt < 3 ? Promise.reject(new Error('no')) : null;
          }),
      }),
    );
    const store = newDatabase();
    const first = await openMortal([one], { store });
    await first.engine.start('one', null, { id: 'run' });
    await first.platform.advance(3_000);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 3_000 });
    await second.platform.advance(30_000);
    expect(seen).toEqual(['1 run:p/a/work', '2 run:p/a/work', '3 run:p/a/work']);
  });
});

describe('the priority of a queued run', () => {
  test('decides who goes first, and age decides among equals', async () => {
    const store = newDatabase();
    const begun: string[] = [];
    const one = workflow({ name: 'one' }, async (ctx) => {
      begun.push(ctx.runId);
      await ctx.step('work', () => null);
    });
    const client = await openEngine([one], { store, worker: false });
    for (const [id, priority] of [
      ['low', -5],
      ['first', 0],
      ['second', 0],
      ['high', 50],
    ] as const) {
      await client.engine.start(one, null, { id, priority });
      await client.platform.advance(1);
    }
    const worker = await openEngine([one], { store, seed: 2, laterMs: 10, worker: { runs: 1 } });
    await worker.platform.advance(1_000);
    expect(begun).toEqual(['high', 'first', 'second', 'low']);
  });
});

describe('a list of runs', () => {
  test('shows the newest first, page by page, filtered by workflow and status', async () => {
    const other = workflow({ name: 'other' }, async () => 1);
    const { engine, platform } = await openEngine([order, other]);
    for (let run = 0; run < 5; run++) await engine.start(order, run, { id: `order-${run}` });
    await engine.start(other, null, { id: 'other' });
    await platform.settle();
    const page = await engine.runs.list({ limit: 2, workflow: 'order' });
    expect(page.map((run) => run.runId)).toEqual(['order-4', 'order-3']);
    const next = await engine.runs.list({ limit: 10, workflow: 'order', before: 'order-3' });
    expect(next.map((run) => run.runId)).toEqual(['order-2', 'order-1', 'order-0']);
    expect((await engine.runs.list({ status: ['completed'] })).map((run) => run.runId)).toEqual(['other']);
    expect((await storyOf(engine, 'order-0')).at(-1)).toBe('run.waiting');
  });
});

describe('a retry of a run that failed', () => {
  const cents = z.object({ euros: z.number() }).transform(({ euros }) => ({ cents: euros * 100 }));
  let fails = true;
  const billed = workflow({ name: 'billed', input: cents }, async (_ctx, input) => {
    if (fails) throw new Error('down');
    return input;
  });

  test.each([true, false])(
    'gets the input as it was recorded, and no schema sees it again (worker: %s)',
    async (isHere) => {
      fails = true;
      const store = newDatabase();
      const { engine, platform } = await openEngine([billed], { store });
      await engine.start(billed, { euros: 5 }, { id: 'run' });
      await platform.advance(60_000);
      fails = false;
      const client = isHere ? engine : (await openEngine([], { store, seed: 2, laterMs: 60_000 })).engine;
      const { id } = await client.retry('run');
      await platform.advance(10_000);
      expect(await engine.handle(id).result()).toEqual({ cents: 500 });
      expect((await engine.runs.get(id)).input).toEqual({ cents: 500 });
    },
  );
});

describe('a start whose input only its first holder can parse', () => {
  const throwing = z.string().transform((text) => JSON.parse(text) as unknown);
  const slow = z.string().refine(async () => await Promise.resolve(true));
  const unfit = z.string().transform((text) => new Date(text));

  test.each([
    ['throws', throwing],
    ['is asynchronous', slow],
    ['makes what cannot be recorded', unfit],
  ])('fails its run where the schema %s, and nothing else', async (_what, input) => {
    const one = workflow({ name: 'one', input }, async () => 'began');
    const well = workflow({ name: 'well' }, async () => 'well');
    const store = newDatabase();
    await openEngine([one, well], { store, worker: false }); // registers them, and drives nothing
    const client = await openEngine([], { store, seed: 2 });
    await client.engine.start('one', '{bad', { id: 'bad' });
    await client.engine.start('well', null, { id: 'good' });
    const worker = await openEngine([one, well], { store, seed: 3 });
    await worker.platform.advance(10_000);
    const bad = await worker.engine.runs.get('bad');
    expect([bad.status, bad.failure?.code]).toEqual(['failed', 'RUN_INPUT_INVALID']);
    expect(await worker.engine.handle('good').result()).toBe('well');
  });
});
