/** Promises of child runs: what is started, and what the parent gets of their ends. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { handDriven, type HandDriven } from '../testing/index.ts';
import { MAX_DEPTH } from './child-calls.ts';
import type { StepFailed } from '../step/index.ts';
import { workflow } from './workflow.ts';

const fix = workflow(
  { name: 'fix', version: '2', input: z.object({ n: z.coerce.number() }) },
  (_ctx, input: { n: number }) => input.n,
);

async function parent(depth = 0): Promise<HandDriven> {
  return await handDriven(async (ctx) => await ctx.workflow(fix, { n: 1 }), { depth }).start();
}

async function thrownBy(end: (run: HandDriven) => Promise<unknown>): Promise<StepFailed> {
  let thrown: unknown;
  const run = await handDriven(async (ctx) => {
    await ctx.workflow(fix, { n: 1 }).catch((error: unknown) => (thrown = error));
  }).start();
  await end(run);
  return thrown as StepFailed;
}

describe('a child', () => {
  test('is started with its parsed input and the version that the code holds', async () => {
    const run = await handDriven(async (ctx) => {
      await ctx.workflow(fix, { n: '5' }, { name: 'second', label: 'Fix it' });
    }).start();
    expect(run.commands).toEqual([
      {
        type: 'StartChild',
        child: {
          path: 'second',
          workflow: 'fix',
          version: '2',
          input: '{"n":5}',
          isParsed: true,
          after: { n: 0 },
          label: 'Fix it',
        },
      },
    ]);
  });

  test('that is known by name only is started with its input as it is and unparsed, in its latest version', async () => {
    const run = await handDriven(async (ctx) => await ctx.workflow('elsewhere', { n: '5' })).start();
    expect(run.commands).toMatchObject([
      {
        type: 'StartChild',
        child: { workflow: 'elsewhere', version: undefined, input: '{"n":"5"}', isParsed: false },
      },
    ]);
  });

  test('without a schema is started with its input as it is', async () => {
    const plain = workflow({ name: 'plain' }, () => 1);
    const run = await handDriven(async (ctx) => await ctx.workflow(plain, [1])).start();
    expect(run.commands).toMatchObject([{ child: { workflow: 'plain', version: '1', input: '[1]' } }]);
  });

  test('that has completed gives its output', async () => {
    const run = await parent();
    await run.endWith('fix', 'ok', { value: { fixed: true }, childRunId: 'c1' });
    expect(run.ending).toEqual({ type: 'Complete', output: '{"fixed":true}' });
  });

  test('that has failed throws with its id and its failure as cause', async () => {
    const failure = { class: 'terminal', code: 'NO_MONEY', message: 'no money', path: 'pay' };
    const error = await thrownBy((run) => run.endWith('fix', 'failed', { value: failure, childRunId: 'c1' }));
    expect(error).toMatchObject({
      class: 'terminal',
      code: 'CHILD_FAILED',
      message: 'The child run c1 failed: no money',
      path: 'fix',
      data: { childRunId: 'c1' },
      cause: { code: 'NO_MONEY', path: 'pay' },
    });
  });

  test('that was cancelled throws class cancelled', async () => {
    const error = await thrownBy((run) => run.endWith('fix', 'cancelled', { childRunId: 'c1' }));
    expect(error).toMatchObject({
      class: 'cancelled',
      code: 'CHILD_CANCELLED',
      message: 'The child run c1 was cancelled.',
      data: { childRunId: 'c1' },
    });
  });

  test('that could not be started throws why', async () => {
    const error = await thrownBy((run) => run.fail('fix', 'unknown', { code: 'WORKFLOW_UNKNOWN' }));
    expect(error).toMatchObject({ code: 'WORKFLOW_UNKNOWN', path: 'fix' });
  });
});

describe('a child is refused, and nothing is started,', () => {
  test.each<[string, unknown]>([
    ['where it is no workflow', { name: 'fix' }],
    ['where it is nothing', undefined],
    ['where it is null', null],
    ['where it is a function', () => 1],
  ])('%s', async (_what, child) => {
    const run = await handDriven(async (ctx) => await ctx.workflow(child as never, 1)).start();
    expect(run.commands).toMatchObject([{ type: 'Fail', failure: { code: 'NOT_A_WORKFLOW' } }]);
  });

  test('where its input does not fit', async () => {
    const run = await handDriven(async (ctx) => await ctx.workflow(fix, {} as never)).start();
    expect(run.commands).toMatchObject([
      {
        type: 'Fail',
        failure: {
          code: 'INPUT_INVALID',
          message: expect.stringMatching(/^The input of workflow "fix" does not fit its schema: \$\.n: /),
        },
      },
    ]);
  });

  test('where its input cannot be recorded', async () => {
    const run = await handDriven(async (ctx) => await ctx.workflow('fix', { n: 5n })).start();
    expect(run.commands).toMatchObject([{ type: 'Fail', failure: { code: 'VALUE_INVALID' } }]);
  });

  test('where runs are nested too deep', async () => {
    expect((await parent(MAX_DEPTH - 1)).commands).toMatchObject([{ type: 'StartChild' }]);
    expect((await parent(MAX_DEPTH)).commands).toMatchObject([
      {
        type: 'Fail',
        failure: { code: 'CHILD_TOO_DEEP', message: 'Child runs are nested deeper than 8 levels.' },
      },
    ]);
  });
});
