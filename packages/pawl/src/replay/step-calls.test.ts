/** Promises of step calls: options are checked before anything is asked, and the outcome is the recorded one. */
import { describe, expect, test } from 'vitest';
import type { Command, StepSpec } from '../run/index.ts';
import { digestText } from '../std/index.ts';
import { DEFAULT_RETRY, StepFailed, type StepContext } from '../step/index.ts';
import { handDriven } from '../testing/index.ts';
import type { CallOptions, StepTools, WorkflowContext } from './context.ts';

const reconcile = (): undefined => undefined;

async function askedBy(call: (ctx: WorkflowContext) => Promise<unknown>): Promise<StepSpec> {
  const run = await handDriven(call).start();
  const [command] = run.commands as [Extract<Command, { type: 'ScheduleStep' }>];
  return command.step;
}

describe('a step', () => {
  test('is asked for with its defaults', async () => {
    expect(await askedBy((ctx) => ctx.step('a', () => 1))).toEqual({
      path: 'a',
      kind: 'step',
      after: { n: 0 },
      label: undefined,
      input: undefined,
      check: undefined,
      run: expect.any(Function),
      retry: undefined,
      timeoutMs: undefined,
      deadlineMs: undefined,
      isRepeatable: false,
      isAtMostOnce: false,
      reconcile: undefined,
    });
  });

  test('is asked for with its options', async () => {
    const options: CallOptions = {
      label: 'Pay',
      retry: { attempts: 5 },
      timeout: '30s',
      deadline: '5m',
      input: { cents: 5 },
      check: true,
      atMostOnce: true,
      reconcile,
    };
    expect(await askedBy((ctx) => ctx.step('pay', () => 1, options))).toMatchObject({
      label: 'Pay',
      retry: { ...DEFAULT_RETRY, attempts: 5 },
      timeoutMs: 30_000,
      deadlineMs: 300_000,
      input: { cents: 5 },
      check: digestText('{"cents":5}'),
      isAtMostOnce: true,
      reconcile,
    });
    expect(await askedBy((ctx) => ctx.step('a', () => 1, { repeatable: true }))).toMatchObject({
      isRepeatable: true,
    });
  });

  test('takes the policy of its workflow as its own, or as the base of its own', async () => {
    const run = await handDriven(
      async (ctx) => {
        await Promise.all([ctx.step('a', () => 1), ctx.step('b', () => 1, { retry: { attempts: 9 } })]);
      },
      { workflow: { retry: { attempts: 2, jitter: 0 } } },
    ).start();
    const policies = run.commands.map((command) =>
      command.type === 'ScheduleStep' ? command.step.retry : 0,
    );
    const base = { ...DEFAULT_RETRY, attempts: 2, jitter: 0 };
    expect(policies).toEqual([base, { ...base, attempts: 9 }]);
  });

  test('knows how many ends the function had seen when it was called', async () => {
    const run = await handDriven(async (ctx) => {
      const late = ctx.step('late', () => 1);
      await ctx.step('a', () => 1);
      await ctx.sleep('nap', '1s');
      await late;
      await Promise.all([ctx.step('b', () => 1), ctx.step('c', () => 1)]);
    }).start();
    await run.end('a', 'ok');
    await run.end('late', 'ok');
    await run.end('nap', 'resolved');
    const afters = run.recording.calls.map((call) => [call.path, call.n]);
    expect(afters).toEqual([
      ['late', 0],
      ['a', 0],
      ['nap', 1],
      ['b', 3],
      ['c', 3],
    ]);
    const last = run.commands.at(-1) as Extract<Command, { type: 'ScheduleStep' }>;
    expect(last.step.after).toEqual({ n: 3, since: 1 });
  });

  test.each<[string, unknown]>([
    ['a value', { a: [1] }],
    ['null', null],
    ['nothing', undefined],
  ])('that returned %s gives its decoded copy', async (_what, value) => {
    const run = await handDriven(async (ctx) => {
      const result = await ctx.step('a', () => value);
      return result === undefined ? 'undefined' : result;
    }).start();
    await run.end('a', 'ok', value as never);
    expect(run.ending).toEqual({
      type: 'Complete',
      output: JSON.stringify(value ?? (value === null ? null : 'undefined')),
    });
  });

  test('that ended with a label of its kind gives its output', async () => {
    const run = await handDriven(async (ctx) => await ctx.operation('a', 'mail')).start();
    await run.end('a', 'bounced', 'no such box');
    expect(run.ending).toEqual({ type: 'Complete', output: '"no such box"' });
  });

  test('that was skipped gives undefined', async () => {
    const run = await handDriven(async (ctx) => (await ctx.step('a', () => 1)) === undefined).start();
    await run.end('a', 'skipped');
    expect(run.ending).toEqual({ type: 'Complete', output: 'true' });
  });

  test('that failed throws what was recorded', async () => {
    let caught: unknown;
    const run = await handDriven(async (ctx) => {
      await ctx.step('a', () => 1).catch((error: unknown) => (caught = error));
    }).start();
    await run.fail('a', 'no money', { class: 'terminal', code: 'NO_MONEY', data: { cents: 5 } });
    expect(caught).toBeInstanceOf(StepFailed);
    expect(caught).toMatchObject({ code: 'NO_MONEY', message: 'no money', data: { cents: 5 }, path: 'a' });
    expect(run.ending).toMatchObject({ type: 'Complete' });
  });

  test('that was cancelled from outside never settles', async () => {
    const run = await handDriven(async (ctx) => await ctx.step('a', () => 1)).start();
    await run.end('a', 'cancelled');
    expect(run.ending).toBeUndefined();
  });
});

describe('a closure gets', () => {
  const context = {
    attempt: 2,
    idempotencyKey: 'k',
    signal: new AbortController().signal,
    report: () => undefined,
    progress: () => undefined,
  };

  test('its attempt, its key, its signal and the ways to report', async () => {
    let tools: Partial<StepTools> = {};
    const spec = await askedBy((ctx) =>
      ctx.step('a', ({ attempt, idempotencyKey, signal, report, progress }) => {
        tools = { attempt, idempotencyKey, signal, report, progress };
      }),
    );
    spec.run?.(context as unknown as StepContext);
    expect(tools).toEqual(context);
  });

  test('a log with a shorthand for each level', async () => {
    const lines: unknown[] = [];
    const log = (...line: unknown[]): number => lines.push(line);
    const spec = await askedBy((ctx) =>
      ctx.step('a', ({ log }) => {
        log('info', 'plain', { n: 0 });
        for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level, { n: 1 });
      }),
    );
    spec.run?.({ ...context, log } as unknown as StepContext);
    expect(lines).toEqual([
      ['info', 'plain', { n: 0 }],
      ['debug', 'debug', { n: 1 }],
      ['info', 'info', { n: 1 }],
      ['warn', 'warn', { n: 1 }],
      ['error', 'error', { n: 1 }],
    ]);
  });
});

describe('the input of a kind', () => {
  test('shell is its command and the options that belong to it', async () => {
    const options = {
      cwd: 'src',
      env: { A: '1' },
      cleanEnv: true,
      stdin: 'x',
      allowExit: [1],
      timeout: '1s',
    };
    const spec = await askedBy((ctx) => ctx.shell('lint', ['npm', 'run', 'lint'], options));
    expect(spec).toMatchObject({ kind: 'shell', timeoutMs: 1_000 });
    expect(spec.input).toEqual({
      argv: ['npm', 'run', 'lint'],
      cwd: 'src',
      env: { A: '1' },
      cleanEnv: true,
      stdin: 'x',
      allowExit: [1],
    });
    expect((await askedBy((ctx) => ctx.shell('lint', 'npm run lint'))).input).toEqual({
      command: 'npm run lint',
    });
  });

  test('http is its request, and of an operation what it is given', async () => {
    const request = { url: 'https://example.com', json: { a: 1 } };
    expect(await askedBy((ctx) => ctx.http('get', request))).toMatchObject({ kind: 'http', input: request });
    expect(await askedBy((ctx) => ctx.operation('send', 'mail', { to: 'ada' }))).toMatchObject({
      kind: 'mail',
      input: { to: 'ada' },
    });
  });

  test('is part of the check where the call says so', async () => {
    const spec = await askedBy((ctx) => ctx.operation('send', 'mail', { to: 'ada' }, { check: true }));
    expect(spec.check).toBe(digestText('{"to":"ada"}'));
  });
});

describe('a step is refused, and nothing is asked,', () => {
  const refusals: readonly [
    what: string,
    code: string,
    message: string,
    call: (ctx: WorkflowContext) => Promise<unknown>,
  ][] = [
    ['without a function', 'OPTION_INVALID', 'must be a function', (ctx) => ctx.step('a', 5 as never)],
    [
      'with an unknown option',
      'OPTION_UNKNOWN',
      'no option "retires"',
      (ctx) => ctx.step('a', () => 1, { retires: 1 } as never),
    ],
    [
      'with an option of shell',
      'OPTION_UNKNOWN',
      'no option "cwd"',
      (ctx) => ctx.http('a', { url: 'http://a' }, { cwd: '.' } as never),
    ],
    [
      'with a queue',
      'NOT_SUPPORTED_YET',
      'step "a".queue',
      (ctx) => ctx.step('a', () => 1, { queue: 'q' } as never),
    ],
    [
      'with a budget',
      'NOT_SUPPORTED_YET',
      'shell "a".budget',
      (ctx) => ctx.shell('a', 'ls', { budget: 1 } as never),
    ],
    [
      'with reconcile alone',
      'OPTION_INVALID',
      'belongs to atMostOnce',
      (ctx) => ctx.step('a', () => 1, { reconcile: () => undefined }),
    ],
    [
      'with a contradiction',
      'OPTION_INVALID',
      'either repeatable or atMostOnce',
      (ctx) => ctx.step('a', () => 1, { repeatable: true, atMostOnce: true }),
    ],
    [
      'with a bad retry',
      'RETRY_INVALID',
      'step "a".retry',
      (ctx) => ctx.step('a', () => 1, { retry: { attempts: 0 } }),
    ],
    [
      'with a bad timeout',
      'DURATION_INVALID',
      'step "a".timeout',
      (ctx) => ctx.step('a', () => 1, { timeout: 'soon' }),
    ],
    [
      'with a bad deadline',
      'DURATION_INVALID',
      'step "a".deadline',
      (ctx) => ctx.step('a', () => 1, { deadline: -1 }),
    ],
    [
      'with an input that no journal holds',
      'VALUE_INVALID',
      '$.n: a BigInt',
      (ctx) => ctx.step('a', () => 1, { input: { n: 5n }, check: true }),
    ],
  ];

  test.each(refusals)('%s', async (_what, code, message, call) => {
    const run = await handDriven(async (ctx) => await call(ctx)).start();
    expect(run.commands).toEqual([
      {
        type: 'Fail',
        failure: expect.objectContaining({
          class: 'terminal',
          code,
          message: expect.stringContaining(message),
        }),
        failedSteps: [],
      },
    ]);
  });
});
