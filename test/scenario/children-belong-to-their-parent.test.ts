/** Child runs: created with their parent's commit, driven, suspended, failed and cancelled with it. */
import {
  type Engine,
  pawl,
  type StepFailed,
  TerminalError,
  type Workflow,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { pawlError } from '../../packages/pawl/src/errors/index.ts';
import { openBetween } from './support/between-store.ts';
import { newDatabase, openEngine, openMortal, START } from './support/opened-engine.ts';
import { codeOf, eventsOfType, storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext, input: unknown) => Promise<unknown>;

function named(name: string, run: Run): Workflow<unknown, unknown> {
  return workflow({ name }, run);
}

const ada = { by: 'ada' };

async function childOf(engine: Engine, runId = 'run') {
  const [child] = await engine.runs.list({ parentRunId: runId });
  if (!child) throw new Error(`${runId} has no child`);
  return child;
}

describe('I5: an approval inside a child', () => {
  const log: string[] = [];
  const child = named('child', async (ctx) => {
    await ctx.step('before', () => log.push('before'));
    const { by } = await ctx.approval('ship', { message: 'Ship?' });
    await ctx.step('after', () => log.push('after'));
    return by;
  });
  const parent = named('parent', async (ctx) => {
    await ctx.step('first', () => log.push('first'));
    return await ctx.workflow(child, null);
  });

  test('lets child and parent wait, and go on together when it is given', async () => {
    log.length = 0;
    const { engine, platform } = await openEngine([parent, child], { worker: { evictAfter: '1s' } });
    const run = await engine.start(parent, null, { id: 'run' });
    await platform.advance(60_000);
    const { runId, status } = await childOf(engine);
    expect([status, await run.status()]).toEqual(['waiting', 'waiting']);
    expect((await engine.why('run')).reasons[0]).toMatchObject({ command: `pawl why ${runId}` });
    await engine.approve(runId, 'ship', ada);
    await platform.settle();
    expect(await run.result()).toBe('ada');
    expect(log).toEqual(['first', 'before', 'after']);
  });

  test('survives the process, and the child is not started again', async () => {
    log.length = 0;
    const store = newDatabase();
    const first = await openMortal([parent, child], { store });
    await first.engine.start('parent', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([parent, child], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(5_000);
    const { runId } = await childOf(second.engine);
    await second.engine.approve(runId, 'ship', ada);
    await second.platform.advance(100);
    expect(await second.engine.handle('run').result()).toBe('ada');
    expect(await second.engine.runs.list({ parentRunId: 'run' })).toHaveLength(1);
    expect(log).toEqual(['first', 'before', 'after']);
  });

  test('that is rejected fails the child, and the parent hears why', async () => {
    const { engine, platform } = await openEngine([
      named('parent', (ctx) =>
        ctx
          .workflow(child, null)
          .catch((error: StepFailed) => [error.code, (error.cause as StepFailed).code]),
      ),
      child,
    ]);
    const run = await engine.start('parent', null, { id: 'run' });
    await platform.settle();
    await engine.reject((await childOf(engine)).runId, 'ship', ada);
    await platform.settle();
    expect(await run.result()).toEqual(['CHILD_FAILED', 'APPROVAL_REJECTED']);
  });
});

describe('I7: a child', () => {
  test('is created in the commit that records its call, held by the process of its parent', async () => {
    const platform = fakePlatform({ startMs: START });
    const commits: unknown[] = [];
    const holders: unknown[] = [];
    const { store } = await openBetween(platform, {
      after: async (batches, answers, inner) => {
        for (const [index, batch] of batches.entries()) {
          if (!batch.events.some((event) => event.type === 'child.started')) continue;
          const answer = answers[index];
          const created = answer?.type === 'committed' ? answer.created : [];
          commits.push(created.map(({ run }) => run.runId));
          for (const { run } of created) holders.push((await inner.getRun('default', run.runId))?.holder);
        }
      },
    });
    const child = named('child', (ctx) => ctx.step('work', () => 'done'));
    const parent = named('parent', (ctx) => ctx.workflow(child, null));
    const engine = await pawl.open({ store, workflows: [parent, child], platform });
    const run = await engine.start(parent, null, { id: 'run' });
    await platform.settle();
    expect(await run.result()).toBe('done');
    const { runId } = await childOf(engine);
    expect(commits).toEqual([[runId]]);
    expect(holders).toEqual([engine.id]);
    const closing = engine.close();
    await platform.advance(15_000);
    await closing;
  });

  test('fires its steps once although another worker looks for work all the time', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const child = (where: string) =>
      named('child', (ctx, index) => ctx.step('work', () => fired.push(`${where} ${String(index)}`)));
    const parent = named('parent', async (ctx) => {
      const indexes = Array.from({ length: 20 }, (_, index) => index);
      await ctx.map('all', indexes, (index, c) => c.workflow('child', index));
    });
    const first = await openEngine([parent, child('first')], { store });
    const second = await openEngine([child('second')], { store, seed: 2 });
    const run = await first.engine.start(parent, null);
    for (let turn = 0; turn < 20; turn++) {
      await Promise.all([first.platform.advance(300), second.platform.advance(300)]);
    }
    expect(await run.status()).toBe('completed');
    expect(new Set(fired.map((line) => line.split(' ')[1])).size).toBe(20);
    expect(fired).toHaveLength(20);
  });

  test('knows its family: root, parent, depth and trigger', async () => {
    const facts: unknown[] = [];
    const leaf = named('leaf', async (ctx) => {
      facts.push({ root: ctx.rootRunId, trigger: ctx.trigger.kind, name: ctx.workflowName });
    });
    const middle = named('middle', (ctx) => ctx.workflow(leaf, null));
    const root = named('root', (ctx) => ctx.workflow(middle, null));
    const { engine, platform } = await openEngine([root, middle, leaf]);
    await engine.start(root, null, { id: 'run', priority: 5 });
    await platform.settle();
    expect(facts).toEqual([{ root: 'run', trigger: 'child', name: 'leaf' }]);
    const runs = await engine.runs.list();
    expect(runs.map(({ rootRunId, priority }) => `${rootRunId} ${priority}`)).toEqual([
      'run 5',
      'run 5',
      'run 5',
    ]);
  });
});

describe('the failure of a child', () => {
  const failing = named('failing', (ctx) =>
    ctx.step('pay', () =>
      Promise.reject(new TerminalError('declined', { code: 'CARD', data: { tries: 2 } })),
    ),
  );

  test('is thrown to the parent with the run and the cause', async () => {
    const parent = named('parent', (ctx) =>
      ctx.workflow(failing, null).catch(({ code, data, path, class: failureClass, cause }: StepFailed) => {
        const { code: causeCode, message, data: causeData } = cause as StepFailed;
        return { code, data, path, failureClass, causeCode, message, causeData };
      }),
    );
    const { engine, platform } = await openEngine([parent, failing]);
    const run = await engine.start(parent, null, { id: 'run' });
    await platform.settle();
    const { runId } = await childOf(engine);
    expect(await run.result()).toEqual({
      code: 'CHILD_FAILED',
      data: { childRunId: runId },
      path: 'failing',
      failureClass: 'terminal',
      causeCode: 'CARD',
      message: 'declined',
      causeData: { tries: 2 },
    });
  });

  test('that nobody catches fails the parent, and names the child', async () => {
    const parent = named('parent', (ctx) => ctx.workflow(failing, null));
    const { engine, platform } = await openEngine([parent, failing]);
    await engine.start(parent, null, { id: 'run' });
    await platform.settle();
    const view = await engine.runs.get('run');
    const { runId } = await childOf(engine);
    expect(view).toMatchObject({
      status: 'failed',
      failure: { code: 'CHILD_FAILED', cause: { code: 'CARD' } },
      failedSteps: ['failing'],
    });
    expect(view.failure?.message).toContain(runId);
    expect(view.steps[0]).toMatchObject({ kind: 'workflow', status: 'failed', childRunId: runId });
  });

  test('that is its cancel is thrown as a cancelled child', async () => {
    const waiting = named('waiting', (ctx) => ctx.signal('never'));
    const parent = named('parent', (ctx) =>
      ctx.workflow(waiting, null).catch((error: StepFailed) => [error.code, error.class]),
    );
    const { engine, platform } = await openEngine([parent, waiting]);
    const run = await engine.start(parent, null, { id: 'run' });
    await platform.settle();
    await engine.cancel((await childOf(engine)).runId);
    await platform.settle();
    expect(await run.result()).toEqual(['CHILD_CANCELLED', 'cancelled']);
  });
});

describe('a call of a child', () => {
  test('of a workflow that nobody knows fails, and starts nothing', async () => {
    const parent = named('parent', (ctx) =>
      ctx.workflow('no-such-workflow', null).catch((error: StepFailed) => error.code),
    );
    const { engine, platform } = await openEngine([parent]);
    const run = await engine.start(parent, null);
    await platform.settle();
    expect(await run.result()).toBe('WORKFLOW_UNKNOWN');
    expect(await engine.runs.list()).toHaveLength(1);
  });

  test('deeper than eight levels fails', async () => {
    const deep = named('deep', async (ctx, level) => {
      const next = (level as number) + 1;
      return await ctx.workflow('deep', next).catch((error: StepFailed) => ({ level, code: error.code }));
    });
    const { engine, platform } = await openEngine([deep]);
    const run = await engine.start(deep, 0);
    await platform.settle();
    expect(await run.result()).toEqual({ level: 8, code: 'CHILD_TOO_DEEP' });
    expect(await engine.runs.list()).toHaveLength(9);
  });

  test('with an input that does not fit fails before anything is started', async () => {
    const child = workflow({ name: 'child', input: z.object({ n: z.number() }) }, (_ctx, { n }) => n);
    const parent = named('parent', (ctx) => codeOf(() => ctx.workflow(child, { n: 'one' } as never)));
    const { engine, platform } = await openEngine([parent, child]);
    const run = await engine.start(parent, null);
    await platform.settle();
    expect(await run.result()).toBe('INPUT_INVALID');
    expect(await engine.runs.list()).toHaveLength(1);
  });

  test('by name, with an input that does not fit, fails the child', async () => {
    const child = workflow({ name: 'child', input: z.object({ n: z.number() }) }, (_ctx, { n }) => n);
    const parent = named('parent', (ctx) =>
      ctx.workflow('child', { n: 'one' }).catch((error: StepFailed) => error.code),
    );
    const { engine, platform } = await openEngine([parent, child]);
    const run = await engine.start(parent, null);
    await platform.settle();
    expect(await run.status()).toBe('completed');
    expect(['INPUT_INVALID', 'CHILD_FAILED']).toContain(await run.result());
  });

  test('that another worker serves is driven there', async () => {
    const store = newDatabase();
    const parent = named('parent', (ctx) => ctx.workflow('child', 20));
    const child = workflow({ name: 'child', input: z.number() }, (ctx, n) => ctx.step('work', () => n + 1));
    const other = await openEngine([child], { store, seed: 2 });
    const first = await openEngine([parent], { store });
    await first.engine.start(parent, null, { id: 'run' });
    for (let turn = 0; turn < 10; turn++) {
      await Promise.all([first.platform.advance(1_000), other.platform.advance(1_000)]);
    }
    expect((await first.engine.runs.get('run')).output).toBe(21);
  });

  test('gives the output of the run that the child went on as', async () => {
    const counting = named('counting', async (ctx, n) => {
      await ctx.step('work', () => n);
      if ((n as number) < 3) await ctx.continueAsNew((n as number) + 1);
      return n;
    });
    const parent = named('parent', (ctx) => ctx.workflow(counting, 1));
    const { engine, platform } = await openEngine([parent, counting]);
    const run = await engine.start(parent, null, { id: 'run' });
    await platform.advance(1_000);
    expect(await run.result()).toBe(3);
    const ended = await eventsOfType(engine, 'run', 'child.ended');
    expect(ended).toHaveLength(1);
    const children = await engine.runs.list({ parentRunId: 'run' });
    expect(children.map(({ rootRunId, status }) => `${rootRunId} ${status}`)).toEqual([
      'run completed',
      'run completed',
      'run completed',
    ]);
  });
});

describe('a parent', () => {
  test('that ends first cancels the child that it left behind, and ends after it', async () => {
    const waiting = named('waiting', (ctx) => ctx.signal('never'));
    const parent = named('parent', async (ctx) => {
      const child = ctx.workflow(waiting, null);
      await Promise.race([child, ctx.sleep('patience', '1s')]);
      return 'done';
    });
    const { engine, platform } = await openEngine([parent, waiting]);
    const run = await engine.start(parent, null, { id: 'run' });
    await platform.advance(5_000);
    expect(await run.result()).toBe('done');
    expect((await childOf(engine)).status).toBe('cancelled');
    const story = await storyOf(engine, 'run');
    expect(story.indexOf('child.ended waiting')).toBeGreaterThan(0);
    expect(story.at(-1)).toBe('run.completed');
  });

  test('that is cancelled by a worker with one place ends: the place goes to the child that must end first', async () => {
    const child = named('child', async (ctx) => {
      await ctx.sleep('long', '1h');
    });
    const one = named('parent', async (ctx) => await ctx.workflow(child, null));
    const { engine, platform } = await openEngine([one, child], { worker: { runs: 1 } });
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(10_000);
    const { runId } = await childOf(engine);
    await engine.cancel('run');
    await platform.advance(10_000);
    expect([await engine.handle(runId).status(), await run.status()]).toEqual(['cancelled', 'cancelled']);
  });

  test('says it again where the commit that told its child to end was lost', async () => {
    const waiting = named('waiting', (ctx) => ctx.signal('never'));
    const one = named('parent', async (ctx) => await ctx.workflow(waiting, null));
    let lost = 0;
    const { store } = await openBetween(fakePlatform(), {
      before: (batches) => {
        const tellsChild = batches.some(({ arrivals = [] }) =>
          arrivals.some(({ events }) => events.some(({ type }) => type === 'run.cancel_requested')),
        );
        if (tellsChild && lost++ === 0)
          throw pawlError('STORE_UNKNOWN', { problem: 'the test lost the commit' });
      },
    });
    const { engine, platform } = await openEngine([one, waiting], { store });
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(1_000);
    await engine.cancel('run');
    await platform.advance(20_000);
    expect(lost).toBeGreaterThan(1);
    expect([(await childOf(engine)).status, await run.status()]).toEqual(['cancelled', 'cancelled']);
  });

  test('that is paused does not stop its child, and hears of its end when it is resumed', async () => {
    const child = named('child', async (ctx) => {
      await ctx.sleep('rest', '1s');
      return 'done';
    });
    const parent = named('parent', (ctx) => ctx.workflow(child, null));
    const { engine, platform } = await openEngine([parent, child]);
    const run = await engine.start(parent, null, { id: 'run' });
    await platform.settle();
    await engine.pause('run');
    await platform.advance(5_000);
    expect([(await childOf(engine)).status, await run.status()]).toEqual(['completed', 'paused']);
    await engine.resume('run');
    await platform.settle();
    expect(await run.result()).toBe('done');
  });
});
