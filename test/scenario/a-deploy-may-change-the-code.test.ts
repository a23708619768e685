/** Live runs survive a deploy: versions are immutable, patches keep old runs on old paths, missing workflows only wait. */
import { type AnyWorkflow, type Workflow, workflow, type WorkflowContext, type WorkflowOptions } from 'pawl';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { closeEngine, newDatabase, type OpenedOptions, openEngine } from './support/opened-engine.ts';
import { codeOf, eventsOf, storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext, input: unknown) => Promise<unknown>;

function flow(
  run: Run,
  options: Partial<WorkflowOptions<unknown, unknown>> = {},
): Workflow<unknown, unknown> {
  return workflow({ name: 'flow', ...options }, run);
}

/** A sequence of processes on one database, each with its own code. */
function newDeploys() {
  const store = newDatabase();
  let seed = 0;
  let laterMs = 0;
  return async (workflows: readonly unknown[], options: OpenedOptions = {}) => {
    seed++;
    const opened = await openEngine(workflows, {
      store,
      seed,
      laterMs,
      worker: { replayPatience: '100ms' },
      ...options,
    });
    const end = async (): Promise<void> => {
      await closeEngine(opened);
      laterMs = opened.platform.clock.now() - Date.UTC(2026, 0, 1);
    };
    return { ...opened, end };
  };
}

describe('J22: a version of a workflow', () => {
  test.each<[string, Partial<WorkflowOptions<unknown, unknown>>]>([
    ['another input schema', { input: z.object({ n: z.number(), more: z.string().optional() }) }],
    ['another output schema', { output: z.string() }],
    ['another retry policy', { retry: { attempts: 9 } }],
    ['another deadline', { deadline: '1h' }],
  ])('cannot be registered again with %s', async (_what, changed) => {
    const deploy = newDeploys();
    const input = z.object({ n: z.number() });
    const original = flow(async () => 'done', { input });
    const first = await deploy([original]);
    await first.engine.start(original, { n: 1 }, { id: 'run' });
    await first.platform.settle();
    const log = await eventsOf(first.engine, 'run');
    await first.end();
    const edited = flow(async () => 'other', { input, ...changed });
    expect(await codeOf(() => deploy([edited]))).toBe('WORKFLOW_VERSION_CHANGED');
    const third = await deploy([original]);
    expect(await eventsOf(third.engine, 'run')).toEqual(log);
    await third.engine.start(original, { n: 2 }, { id: 'again' });
    await third.platform.settle();
    expect((await third.engine.runs.get('again')).output).toBe('done');
  });

  test('is refused also where only one of many changed, and then none is registered', async () => {
    const deploy = newDeploys();
    const first = await deploy([flow(async () => 1)]);
    await first.end();
    const fresh = workflow({ name: 'fresh' }, async () => 1);
    expect(await codeOf(() => deploy([fresh, flow(async () => 1, { retry: 'none' })]))).toBe(
      'WORKFLOW_VERSION_CHANGED',
    );
    const client = await deploy([]);
    expect(await codeOf(() => client.engine.start('fresh', null))).toBe('WORKFLOW_UNKNOWN');
  });

  test('may change its code, its labels and its title', async () => {
    const deploy = newDeploys();
    await (await deploy([flow(async () => 1, { labels: { a: 'b' } })])).end();
    const second = await deploy([flow(async () => 2, { labels: { c: 'd' }, title: 'Flow' })]);
    const run = await second.engine.start('flow', null);
    await second.platform.settle();
    expect(await run.result()).toBe(2);
  });

  test('stands beside others: each run keeps the one that it was started with', async () => {
    const deploy = newDeploys();
    const one = flow((ctx) => ctx.signal('go').then(() => 'one'), { version: '1' });
    const two = flow((ctx) => ctx.signal('go').then(() => 'two'), { version: '2' });
    const first = await deploy([one]);
    await first.engine.start('flow', null, { id: 'old' });
    await first.platform.settle();
    await first.end();
    const second = await deploy([one, two]);
    await second.engine.start('flow', null, { id: 'new' });
    await second.engine.start('flow', null, { id: 'named', version: '1' });
    for (const id of ['old', 'new', 'named']) await second.engine.signal(id, 'go', 1);
    await second.platform.settle();
    const outputs = await Promise.all(['old', 'new', 'named'].map((id) => second.engine.handle(id).result()));
    expect(outputs).toEqual(['one', 'two', 'one']);
    expect((await second.engine.runs.get('old')).version).toBe('1');
  });

  test('may name others that its code can go on with', async () => {
    const deploy = newDeploys();
    const first = await deploy([flow((ctx) => ctx.signal('go').then(() => 'one'), { version: '1' })]);
    await first.engine.start('flow', null, { id: 'old' });
    await first.platform.settle();
    await first.end();
    const two = flow((ctx) => ctx.signal('go').then(() => 'two'), { version: '2', compatible: ['1'] });
    const second = await deploy([two]);
    await second.engine.signal('old', 'go', 1);
    await second.platform.advance(6_000);
    expect(await second.engine.runs.get('old')).toMatchObject({
      status: 'completed',
      version: '1',
      output: 'two',
    });
  });
});

describe('P12: a deploy without a workflow', () => {
  const one = flow(async (ctx) => {
    await ctx.sleep('rest', '10s');
    return await ctx.step('work', () => 'done');
  });
  const other = workflow({ name: 'other' }, async () => 1);

  test('leaves its live runs as they are, says so, and they go on when a worker has it again', async () => {
    const deploy = newDeploys();
    const first = await deploy([one]);
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(1_000);
    await first.end();
    const without = await deploy([other]);
    await without.platform.advance(60_000);
    const { status, steps } = await without.engine.runs.get('run');
    expect({ status, steps: steps.map((step) => step.status) }).toEqual({
      status: 'waiting',
      steps: ['waiting'],
    });
    const why = await without.engine.why('run');
    expect(why.reasons.map(({ text }) => text).join()).toContain('no_worker_version');
    expect(why.reasons.at(-1)?.command).toMatch(/^pawl worker/);
    const log = await storyOf(without.engine, 'run');
    expect(log.filter((line) => line.startsWith('run.'))).not.toContain('run.failed');
    await without.end();
    const again = await deploy([one, other]);
    await again.platform.advance(1_000);
    expect((await again.engine.runs.get('run')).output).toBe('done');
  });

  test('of one version leaves the runs of that version waiting for it', async () => {
    const deploy = newDeploys();
    const first = await deploy([flow((ctx) => ctx.signal('go'), { version: '1' })]);
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.settle();
    await first.end();
    const second = await deploy([flow(async () => 2, { version: '2' })]);
    await second.engine.signal('run', 'go', 'kept');
    await second.platform.advance(60_000);
    expect(await second.engine.handle('run').status()).toBe('waiting');
    expect((await second.engine.why('run')).reasons.at(-1)?.text).toContain('flow version 1');
    await second.end();
    const third = await deploy([flow((ctx) => ctx.signal('go'), { version: '1' })]);
    await third.platform.advance(1_000);
    expect((await third.engine.runs.get('run')).output).toBe('kept');
  });
});

describe('ctx.patched', () => {
  const old: Run = async (ctx) => {
    const seen = [await ctx.step('a', () => 'old a')];
    await ctx.signal('go');
    seen.push(await ctx.step('b', () => 'old b'));
    return seen;
  };
  const patched: Run = async (ctx) => {
    const seen = [
      ctx.patched('new-a') ? await ctx.step('a2', () => 'new a') : await ctx.step('a', () => 'old a'),
    ];
    await ctx.signal('go');
    seen.push(
      ctx.patched('new-b') ? await ctx.step('b2', () => 'new b') : await ctx.step('b', () => 'old b'),
    );
    return seen;
  };

  test('keeps a run that has passed the place on its old path, and takes it to the new one further on', async () => {
    const deploy = newDeploys();
    const first = await deploy([flow(old)]);
    await first.engine.start('flow', null, { id: 'old' });
    await first.platform.settle();
    await first.end();
    const second = await deploy([flow(patched)]);
    await second.engine.start('flow', null, { id: 'new' });
    for (const id of ['old', 'new']) await second.engine.signal(id, 'go', 1);
    await second.platform.advance(6_000);
    expect((await second.engine.runs.get('old')).output).toEqual(['old a', 'new b']);
    expect((await second.engine.runs.get('new')).output).toEqual(['new a', 'new b']);
  });

  test('holds its first answer for the run, through restarts and further deploys', async () => {
    const deploy = newDeploys();
    const answers: boolean[] = [];
    const asking: Run = async (ctx) => {
      answers.push(ctx.patched('p'));
      await ctx.signal('go');
      answers.push(ctx.patched('p'));
    };
    const before = await deploy([flow((ctx) => ctx.signal('go'))]);
    await before.engine.start('flow', null, { id: 'old' });
    await before.platform.settle();
    await before.end();
    const second = await deploy([flow(asking)]);
    await second.engine.start('flow', null, { id: 'new' });
    await second.platform.settle();
    await second.end();
    answers.length = 0;
    const third = await deploy([flow(asking)]);
    await third.engine.signal('new', 'go');
    await third.platform.settle();
    expect(answers).toEqual([true, true]);
    answers.length = 0;
    await third.engine.signal('old', 'go');
    await third.platform.settle();
    expect(answers).toEqual([false, false]);
    const markers = (await storyOf(third.engine, 'new')).filter((line) => line.startsWith('marker.'));
    expect(markers).toEqual(['marker.recorded patched:p']);
  });
});

describe('the replay of an edited function', () => {
  test('waits for what it awaits outside of ctx, and goes on when that comes in time', async () => {
    const deploy = newDeploys();
    const rest = 10_000;
    const first = await deploy([
      flow(async (ctx) => {
        await ctx.step('a', () => 1);
        await ctx.sleep('rest', rest);
        return 'done';
      }),
    ]);
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.settle();
    await first.end();
    const second = await deploy(
      [
        flow(async (ctx) => {
          await new Promise((resolve) => second.platform.setTimer(3_000, () => resolve(undefined)));
          await ctx.step('a', () => 2);
          await ctx.sleep('rest', rest);
          return 'done';
        }),
      ] as AnyWorkflow[],
      { worker: { replayPatience: '5s' } },
    );
    await second.platform.advance(60_000);
    expect(await second.engine.runs.get('run')).toMatchObject({ status: 'completed', output: 'done' });
  });

  test('that awaits something that is not ctx for too long parks the run, and asks about it', async () => {
    const deploy = newDeploys();
    const first = await deploy([
      flow(async (ctx) => {
        await ctx.step('a', () => 1);
        await ctx.sleep('rest', '10s');
      }),
    ]);
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.settle();
    await first.end();
    const second = await deploy([
      flow(async (ctx) => {
        await new Promise(() => undefined);
        await ctx.step('a', () => 2);
      }),
    ]);
    await second.platform.advance(20_000);
    const { parked } = await second.engine.runs.get('run');
    expect(parked?.reason).toBe('diverged');
    expect(parked?.message).toMatch(/step "a".*awaiting something that is not ctx\?/);
  });

  test('tells people what the log holds and what the code asks for', async () => {
    const deploy = newDeploys();
    const first = await deploy([
      flow(async (ctx) => {
        await ctx.step('charge', () => 1);
        await ctx.approval('ship', { message: 'Ship?' });
      }),
    ]);
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.settle();
    await first.end();
    const fired: string[] = [];
    const second = await deploy([
      flow(async (ctx) => {
        await ctx.step('charge', () => fired.push('charge'));
        await ctx.step('audit', () => fired.push('audit'));
        await ctx.approval('ship', { message: 'Ship?' });
      }),
    ]);
    await second.engine.approve('run', 'ship', { by: 'ada' });
    await second.platform.advance(20_000);
    const { parked, status } = await second.engine.runs.get('run');
    expect({ status, fired }).toEqual({ status: 'parked', fired: [] });
    expect(parked?.message).toContain('approval "ship"');
    expect(parked?.message).toContain('step "audit"');
    expect((await second.engine.why('run')).reasons[0]?.text).toContain('audit');
  });
});

test('a run is told the version that it was created with, whatever compatible code drives it', async () => {
  const deploy = newDeploys();
  const seen: string[] = [];
  const run: Run = async (ctx) => {
    seen.push(ctx.workflowVersion);
    return await ctx.signal('go');
  };
  const first = await deploy([flow(run)]);
  await first.engine.start('flow', null, { id: 'run' });
  await first.platform.settle();
  await first.end();
  const second = await deploy([flow(run, { version: '2', compatible: ['1'] })]);
  await second.engine.signal('run', 'go');
  await second.platform.advance(10_000);
  expect(await second.engine.handle('run').status()).toBe('completed');
  expect(seen).toEqual(['1', '1']);
  await second.end();
});
