/** Promises of the end: what is returned or thrown is recorded once, and what is called later never settles. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { StepFailed, TerminalError } from '../step/index.ts';
import { handDriven, type HandDriven } from '../testing/index.ts';
import type { WorkflowContext } from './context.ts';
import { failureOfThrown } from './ending.ts';

type Fn = (ctx: WorkflowContext) => unknown;

async function ended(fn: Fn, output?: z.ZodType): Promise<HandDriven['ending']> {
  const options = output ? { workflow: { output } } : {};
  const run = await handDriven((ctx: WorkflowContext) => fn(ctx), options).start();
  return run.ending;
}

describe('what a function returns', () => {
  test.each<[string, unknown, string]>([
    ['a value', { a: [1] }, '{"a":[1]}'],
    ['null', null, 'null'],
    ['nothing', undefined, ''],
    ['an object with a hole', { a: undefined }, '{}'],
  ])('is recorded: %s', async (_what, value, output) => {
    expect(await ended(() => value)).toEqual({ type: 'Complete', output });
  });

  test('is recorded as its schema makes it', async () => {
    const schema = z.object({ n: z.coerce.number() });
    expect(await ended(() => ({ n: '5', more: 1 }), schema)).toEqual({ type: 'Complete', output: '{"n":5}' });
  });

  test.each<[string, unknown, z.ZodType | undefined, string]>([
    ['does not fit its schema', { n: 'x' }, z.object({ n: z.number() }), '$.n: '],
    ['cannot be recorded', { at: new Date(0) }, undefined, '$.at: a Date cannot be recorded'],
    [
      'has a schema that answers with a promise',
      'x',
      z.string().refine(async () => true),
      'answers with a promise',
    ],
    ['is changed by its schema into what cannot be recorded', 5, z.number().transform(BigInt), '$: a BigInt'],
  ])('fails the run where it %s', async (_what, value, schema, issues) => {
    expect(await ended(() => value, schema)).toEqual({
      type: 'Fail',
      failure: { class: 'terminal', code: 'OUTPUT_INVALID', message: expect.stringContaining(issues) },
      failedSteps: [],
    });
  });

  test('fails the run where its schema throws', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'ours',
        validate: () => {
          throw 'broken' as unknown as Error;
        },
      },
    };
    const run = await handDriven(() => 1, { workflow: { output: schema } }).start();
    expect(run.ending).toMatchObject({
      failure: { code: 'OUTPUT_INVALID', message: expect.stringContaining('broken') },
    });
  });
});

describe('what a function throws', () => {
  test.each<[string, unknown, object]>([
    ['an error', new TypeError('oh'), { code: 'WORKFLOW_THREW', message: 'oh', name: 'TypeError' }],
    ['an error with a code', Object.assign(new Error('oh'), { code: 'E1' }), { code: 'E1', message: 'oh' }],
    [
      'a terminal error',
      new TerminalError('oh', { data: { n: 1 } }),
      { code: 'WORKFLOW_THREW', data: { n: 1 } },
    ],
    ['an error with a cause', new Error('oh', { cause: new Error('why') }), { cause: { message: 'why' } }],
    ['a text', 'oh', { code: 'WORKFLOW_THREW', message: 'oh' }],
    ['nothing', undefined, { code: 'WORKFLOW_THREW' }],
  ])('fails the run for good: %s', (_what, thrown, expected) => {
    expect(failureOfThrown(thrown)).toMatchObject({ class: 'terminal', ...expected });
    expect(failureOfThrown(thrown)).not.toHaveProperty('path');
  });

  test('is the failure of a step where the step was not caught', async () => {
    const run = await handDriven(async (ctx) => await ctx.step('a', () => 1)).start();
    await run.fail('a', 'no money', { code: 'NO_MONEY', class: 'timeout' });
    expect(run.ending).toEqual({
      type: 'Fail',
      failure: { class: 'timeout', code: 'NO_MONEY', message: 'no money', path: 'a' },
      failedSteps: ['a'],
    });
  });

  test('may wrap the failure of a step, which is kept as its cause', async () => {
    const run = await handDriven(async (ctx) => {
      await ctx
        .step('a', () => 1)
        .catch((cause: unknown) => {
          throw new Error('could not pay', { cause });
        });
    }).start();
    await run.fail('a', 'no money');
    expect(run.ending).toMatchObject({
      failure: {
        code: 'WORKFLOW_THREW',
        message: 'could not pay',
        cause: { message: 'no money', path: 'a' },
      },
    });
  });

  test('names every step that failed, sorted, also those that were tolerated', async () => {
    const run = await handDriven(async (ctx) => {
      for (const name of ['b', 'a', 'a']) await ctx.step(name, () => 1).catch(() => undefined);
      throw new Error('oh');
    }).start();
    for (const path of ['b', 'a', 'a#2']) await run.fail(path);
    expect(run.ending).toMatchObject({ failedSteps: ['a', 'a#2', 'b'] });
  });

  test('an error of Pawl says what to do', async () => {
    expect(await ended((ctx) => ctx.sleep('nap', 'soon'))).toMatchObject({
      failure: {
        class: 'terminal',
        code: 'DURATION_INVALID',
        name: 'UsageError',
        message: expect.stringMatching(/^sleep "nap": "soon" is not a duration\. Write "500ms"/),
      },
    });
  });

  test('before its first await ends the run as any other throw does', async () => {
    expect(
      await ended(() => {
        throw new StepFailed({ class: 'denied', code: 'NO', message: 'no' });
      }),
    ).toMatchObject({ type: 'Fail', failure: { class: 'denied', code: 'NO' } });
  });
});

describe('after the end', () => {
  test('nothing is asked for any more, and late calls never settle', async () => {
    let late: WorkflowContext | undefined;
    const run = await handDriven(async (ctx) => {
      late = ctx;
      await Promise.race([ctx.step('slow', () => 1), ctx.step('fast', () => 1)]);
    }).start();
    await run.end('fast', 'ok');
    const ctx = late as WorkflowContext;
    const settled: string[] = [];
    const calls: Promise<unknown>[] = [
      ctx.parallel('p', {}),
      ctx.race('r', { a: () => 1 }),
      ctx.continueAsNew(1),
      ctx.step('late', () => 1),
      ctx.sleep('nap', '1s'),
      ctx.signal('go'),
      ctx.map('m', [], () => 1),
    ];
    for (const call of calls)
      void call.then(
        () => settled.push('value'),
        () => settled.push('reason'),
      );
    await run.end('slow', 'ok');
    expect(settled).toEqual([]);
    expect(run.commands.map((command) => command.type)).toEqual(['ScheduleStep', 'ScheduleStep', 'Complete']);
  });

  test('a call in the same breath is not made any more', async () => {
    const breaths = Array.from({ length: 20 });
    const run = await handDriven(async (ctx) => {
      const late = async (): Promise<void> => {
        for (const breath of breaths) await breath;
        await ctx.step('late', () => 1);
      };
      void late();
      return 1;
    }).start();
    expect(run.commands).toEqual([{ type: 'Complete', output: '1' }]);
  });

  test('it is told once', async () => {
    const run = await handDriven(async () => 1).start();
    await run.take();
    expect(run.commands).toEqual([{ type: 'Complete', output: '1' }]);
  });
});

describe('a run that continues as new', () => {
  test('ends with the input of the next one, and goes no further', async () => {
    const steps: string[] = [];
    const run = await handDriven(async (ctx) => {
      await ctx.continueAsNew({ round: 2 });
      steps.push('went on');
      return 'done';
    }).start();
    expect(run.ending).toEqual({ type: 'ContinueAsNew', input: '{"round":2}' });
    expect(run.driver.hasEnded).toBe(true);
    expect(steps).toEqual([]);
  });

  test('continues though the function returns without awaiting it', async () => {
    const run = await handDriven(async (ctx) => {
      void ctx.continueAsNew(2);
      return 'done';
    }).start();
    expect(run.commands).toEqual([{ type: 'ContinueAsNew', input: '2' }]);
  });

  test('continues once, with the first input', async () => {
    const run = await handDriven(async (ctx) => {
      void ctx.continueAsNew(1);
      void ctx.continueAsNew(2);
    }).start();
    expect(run.commands).toEqual([{ type: 'ContinueAsNew', input: '1' }]);
  });

  test('does not continue with an input that cannot be recorded', async () => {
    const run = await handDriven(async (ctx) => await ctx.continueAsNew({ n: 5n })).start();
    expect(run.ending).toMatchObject({
      type: 'Fail',
      failure: {
        code: 'VALUE_INVALID',
        message: expect.stringContaining('the input given to ctx.continueAsNew'),
      },
    });
  });
});

describe('a run that is abandoned', () => {
  test('aborts the signal of its function, asks for nothing and never ends', async () => {
    let signal: AbortSignal | undefined;
    const seen: string[] = [];
    const run = await handDriven(async (ctx) => {
      signal = ctx.abortSignal;
      try {
        await ctx.step('a', () => 1);
      } finally {
        seen.push('finally');
      }
    }).start();
    run.driver.abandon('cancelled: enough');
    expect(signal).toMatchObject({ aborted: true, reason: 'cancelled: enough' });
    await run.end('a', 'ok');
    expect(seen).toEqual([]);
    expect(run.driver.hasEnded).toBe(false);
    expect(run.commands.map((command) => command.type)).toEqual(['ScheduleStep']);
  });

  test('asks for nothing of what it called before', async () => {
    const run = handDriven(async (ctx) => await ctx.step('a', () => 1));
    run.driver.start();
    await run.quiet();
    run.driver.catchUp();
    run.driver.abandon('lost');
    await run.take();
    expect(run.commands).toEqual([]);
  });

  test('does not end when its function returns after all', async () => {
    const gate = Promise.withResolvers<void>();
    const run = await handDriven(async () => await gate.promise).start();
    run.driver.abandon('lost');
    gate.resolve();
    await run.take();
    expect(run.driver.hasEnded).toBe(false);
    expect(run.ending).toBeUndefined();
  });
});

test('I4: no exception passes through code that waits, so that no catch runs past an open gate', async () => {
  const seen: string[] = [];
  const run = await handDriven(async (ctx) => {
    try {
      await ctx.approval('gate', { message: 'ok?' });
      seen.push('approved');
    } catch {
      seen.push('caught');
    } finally {
      seen.push('finally');
    }
  }).start();
  expect(seen).toEqual([]);
  await run.end('gate', 'approved');
  expect(seen).toEqual(['approved', 'finally']);
});
