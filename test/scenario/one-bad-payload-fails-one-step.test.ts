/** What is too large, or cannot be stored, fails its own step with a clear code; neighbors and the run itself go on. */
import { pawl, type StepFailed, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { openBetween } from './support/between-store.ts';
import { newDatabase, openEngine, openMortal, START } from './support/opened-engine.ts';
import { codeOf, eventsOf, storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

const LIMIT = 200_000;
const small = { limits: { payloadBytes: LIMIT } };
const huge = 'ä'.repeat(LIMIT / 2);

describe('P8: an oversized payload', () => {
  test('fails its step once, says how large it was, and the function goes on without it', async () => {
    let attempts = 0;
    const one = flow(async (ctx) => {
      const code = await ctx
        .step('export', () => {
          attempts++;
          return huge;
        })
        .catch(({ code, message, class: failureClass }: StepFailed) => ({ code, message, failureClass }));
      return [code, await ctx.step('export-part', () => huge.length)];
    });
    const { engine, platform } = await openEngine([one], small);
    const run = await engine.start(one, null);
    await platform.advance(60_000);
    expect(await run.result()).toEqual([
      {
        code: 'STEP_PAYLOAD_TOO_LARGE',
        message: 'What the step returned is 200002 bytes long; the limit is 200000.',
        failureClass: 'terminal',
      },
      100_000,
    ]);
    expect(attempts).toBe(1);
  });

  test('of one run among many harms no other: all of them end', async () => {
    const one = workflow({ name: 'flow' }, async (ctx, isBad: boolean) => {
      await ctx.step('a', () => (isBad ? huge : 'small'));
      return await ctx.step('b', () => 'after');
    });
    const { engine, platform } = await openEngine([one], small);
    const runs = await Promise.all(
      Array.from({ length: 60 }, (_, index) => engine.start(one, index % 10 === 3)),
    );
    await platform.advance(1_000);
    const statuses = await Promise.all(runs.map((run) => run.status()));
    expect(statuses.filter((status) => status === 'completed')).toHaveLength(54);
    expect(statuses.filter((status) => status === 'failed')).toHaveLength(6);
  });

  test('of a size exactly at the limit is recorded', async () => {
    const one = flow((ctx) => ctx.step('a', () => 'x'.repeat(LIMIT - 2)));
    const { engine, platform } = await openEngine([one], small);
    const run = await engine.start(one, null);
    await platform.settle();
    expect(((await run.result()) as string).length).toBe(LIMIT - 2);
  });

  test('stays a failure on replay, and large ones below the limit come back whole', async () => {
    const store = newDatabase();
    const large = 'x'.repeat(3 * 1_024 * 1_024);
    const one = flow(async (ctx) => {
      const got = await ctx.step('large', () => large);
      const code = await ctx.step('larger', () => large + large).catch((error: StepFailed) => error.code);
      await ctx.sleep('rest', '1s');
      return [got === large, code];
    });
    const limits = { payloadBytes: 4 * 1_024 * 1_024 };
    const first = await openMortal([one], { store, limits });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(500);
    await first.kill();
    const second = await openEngine([one], { store, limits, seed: 2, laterMs: 500 });
    await second.platform.advance(5_000);
    expect((await second.engine.runs.get('run')).output).toEqual([true, 'STEP_PAYLOAD_TOO_LARGE']);
  });

  test.each<[string, Run, RegExp]>([
    ['the output of a run', async () => huge, /200002 bytes long; the limit is 200000/],
    ['the failure of a run', () => Promise.reject(new Error('x'.repeat(300_000))), /^x{16384}…$/],
    [
      'the progress of a step',
      (ctx) => ctx.step('a', ({ progress }) => progress(huge), { retry: 'none' }),
      /limit/,
    ],
    ['the state that a run shows', async (ctx) => ctx.set(huge), /limit/],
    ['the arguments of an approval', (ctx) => ctx.approval('a', { message: 'Go?', args: huge }), /limit/],
    ['the input of a child', (ctx) => ctx.workflow('flow', huge), /limit/],
    ['the input of the next run', (ctx) => ctx.continueAsNew(huge), /limit/],
  ])('of %s fails that run with a clear error, and no other', async (_what, run, says) => {
    const one = flow(run);
    const other = workflow({ name: 'other' }, (ctx) => ctx.step('a', () => 'fine'));
    const { engine, platform } = await openEngine([one, other], small);
    const runs = [
      await engine.start(one, null, { id: 'run' }),
      await engine.start(other, null, { id: 'other' }),
    ];
    await platform.advance(10_000);
    expect(await Promise.all(runs.map((handle) => handle.status()))).toEqual(['failed', 'completed']);
    expect((await engine.runs.get('run')).failure?.message).toMatch(says);
  });
});

describe('an outcome that the store itself refuses', () => {
  test('fails its own step with the words of the store, and the run goes on', async () => {
    const platform = fakePlatform({ startMs: START });
    const { store, inner } = await openBetween(platform, {});
    const commit = inner.commit.bind(inner);
    inner.commit = async (batches) => {
      const answers = await commit(batches.filter((batch) => !isPoisoned(batch)));
      return batches.map((batch) =>
        isPoisoned(batch)
          ? { type: 'refused', reason: 'refused', detail: 'a text that I do not like' }
          : (answers.shift() as Awaited<ReturnType<typeof commit>>[number]),
      );
    };
    const one = flow(async (ctx) => {
      const results = await Promise.all([
        ctx.step('good', () => 'good'),
        ctx.step('bad', () => 'poison').catch(({ code, message }: StepFailed) => `${code}: ${message}`),
        ctx.step('also-good', () => 'also good'),
      ]);
      return [...results, await ctx.step('after', () => 'after')];
    });
    const engine = await pawl.open({ store, workflows: [one], platform });
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(1_000);
    expect(await run.status()).toBe('completed');
    expect(await run.result()).toEqual([
      'good',
      'COMMIT_REFUSED: The store refused the outcome: a text that I do not like',
      'also good',
      'after',
    ]);
    expect((await storyOf(engine, 'run')).filter((line) => line.startsWith('step.failed'))).toEqual([
      'step.failed bad',
    ]);
    const closing = engine.close();
    await platform.advance(15_000);
    await closing;
  });
});

function isPoisoned(batch: { readonly events: readonly { readonly payload?: string }[] }): boolean {
  return batch.events.some((event) => event.payload === '"poison"');
}

describe('what comes in from outside', () => {
  const waiting = flow((ctx) => Promise.all([ctx.signal('go'), ctx.input('form')]));

  test('is refused at the door where it is too large, and changes nothing', async () => {
    const { engine, platform } = await openEngine([waiting], small);
    expect(await codeOf(() => engine.start(waiting, huge))).toBe('PAYLOAD_TOO_LARGE');
    expect(await engine.runs.list()).toEqual([]);
    await engine.start(waiting, null, { id: 'run' });
    await platform.settle();
    const before = await eventsOf(engine, 'run');
    expect(await codeOf(() => engine.signal('run', 'go', huge))).toBe('PAYLOAD_TOO_LARGE');
    expect(await codeOf(() => engine.answer('run', 'form', huge, { by: 'ada' }))).toBe('PAYLOAD_TOO_LARGE');
    expect(await eventsOf(engine, 'run')).toEqual(before);
  });
});
