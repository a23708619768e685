/** Promises of waits: sleeps, signals, inputs and approvals ask for what they mean and give what was recorded. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { WaitSpec } from '../run/index.ts';
import { handDriven } from '../testing/index.ts';
import type { HandDriven } from '../testing/index.ts';
import type { ApprovalRequest, WorkflowContext } from './context.ts';

type Call = (ctx: WorkflowContext) => Promise<unknown>;

/** A run whose function makes one call and returns what came of it. */
async function waiting(call: Call): Promise<HandDriven> {
  return await handDriven(async (ctx) => {
    try {
      const value = await call(ctx);
      return { value: value === undefined ? 'undefined' : value };
    } catch (error) {
      const { class: failureClass, code, message, path } = error as Record<string, unknown>;
      return { thrown: { class: failureClass ?? null, code, message, path: path ?? null } };
    }
  }).start();
}

async function askedBy(call: Call): Promise<WaitSpec> {
  const [command] = (await waiting(call)).commands;
  return (command as { readonly wait: WaitSpec }).wait;
}

function resultOf(run: HandDriven): unknown {
  return run.ending?.type === 'Complete' ? JSON.parse(run.ending.output) : run.ending;
}

const answer = z.object({ n: z.coerce.number() });

describe('a sleep', () => {
  test.each<[string, string | number | Date, object]>([
    ['a duration', '1h30m', { dueInMs: 5_400_000 }],
    ['milliseconds', 50, { dueInMs: 50 }],
    ['a moment', new Date(5_000), { dueAt: 5_000 }],
  ])('until %s is asked for as that', async (_what, until, due) => {
    expect(await askedBy((ctx) => ctx.sleep('nap', until))).toEqual({
      path: 'nap',
      name: 'nap',
      kind: 'sleep',
      after: { n: 0 },
      ...due,
    });
  });

  test('that is over gives nothing', async () => {
    const run = await waiting((ctx) => ctx.sleep('nap', '1s'));
    await run.end('nap', 'resolved');
    expect(resultOf(run)).toEqual({ value: 'undefined' });
  });

  test.each([
    ['a text that is no duration', 'soon', 'DURATION_INVALID', 'sleep "nap": "soon" is not a duration.'],
    ['a date that is none', new Date(Number.NaN), 'OPTION_INVALID', 'sleep "nap": the date is not valid.'],
  ])('until %s is refused', async (_what, until, code, message) => {
    expect(resultOf(await waiting((ctx) => ctx.sleep('nap', until)))).toMatchObject({
      thrown: { code, message },
    });
  });
});

describe('a signal', () => {
  test('is asked for with its deadline, its label and its schema', async () => {
    expect(await askedBy((ctx) => ctx.signal('go', answer, { timeout: '5m', label: 'Go' }))).toMatchObject({
      kind: 'signal',
      name: 'go',
      dueInMs: 300_000,
      label: 'Go',
      schema: { type: 'object', required: ['n'] },
    });
    expect(await askedBy((ctx) => ctx.signal('go'))).not.toHaveProperty('dueAt');
  });

  test('gives its value, checked where there is a schema', async () => {
    const plain = await waiting((ctx) => ctx.signal('go'));
    await plain.end('go', 'received', { any: 'thing' });
    expect(resultOf(plain)).toEqual({ value: { any: 'thing' } });
    const checked = await waiting((ctx) => ctx.signal('go', answer));
    await checked.end('go', 'received', { n: '5', more: 1 });
    expect(resultOf(checked)).toEqual({ value: { n: 5 } });
  });

  test('gives undefined at its timeout', async () => {
    const run = await waiting((ctx) => ctx.signal('go', answer, { timeout: '5m' }));
    await run.end('go', 'expired');
    expect(resultOf(run)).toEqual({ value: 'undefined' });
  });

  test('whose value does not fit throws, and can be asked for again', async () => {
    const run = await handDriven(async (ctx) => {
      for (;;) {
        try {
          return await ctx.signal('go', answer);
        } catch (error) {
          ctx.log.warn((error as Error).message);
        }
      }
    }).start();
    await run.end('go', 'received', { n: 'many' });
    expect(run.platform.lines[0]?.message).toMatch(/^What "go" received does not fit its schema: \$\.n: /);
    await run.end('go#2', 'received', { n: 2 });
    expect(run.ending).toEqual({ type: 'Complete', output: '{"n":2}' });
  });

  test('with a timeout that is none is refused', async () => {
    const run = await waiting((ctx) => ctx.signal('go', undefined, { timeout: 'never' }));
    expect(resultOf(run)).toMatchObject({
      thrown: { code: 'DURATION_INVALID', message: expect.stringContaining('signal "go".timeout') },
    });
  });
});

describe('an input', () => {
  test('is asked for with its message, its deadline, its label and its schema', async () => {
    const options = { message: 'How many?', deadline: '1d', label: 'Count' };
    expect(await askedBy((ctx) => ctx.input('count', answer, options))).toMatchObject({
      kind: 'input',
      message: 'How many?',
      dueInMs: 86_400_000,
      label: 'Count',
      schema: { type: 'object' },
    });
  });

  test('gives the answer as its schema makes it', async () => {
    const run = await waiting((ctx) => ctx.input('count', answer));
    await run.end('count', 'answered', { n: '7' });
    expect(resultOf(run)).toEqual({ value: { n: 7 } });
  });

  test('that nobody answered in time throws', async () => {
    const run = await waiting((ctx) => ctx.input('count', answer, { deadline: '1d' }));
    await run.end('count', 'expired');
    expect(resultOf(run)).toEqual({
      thrown: {
        class: 'timeout',
        code: 'INPUT_EXPIRED',
        message: 'Nobody answered "count" before its deadline.',
        path: 'count',
      },
    });
  });
});

describe('an approval', () => {
  const request: ApprovalRequest = { message: 'Ship?' };

  test('is asked for with what is to be decided, by whom and until when', async () => {
    const full: ApprovalRequest = {
      message: 'Ship?',
      args: { ref: 'main' },
      approvers: ['ada', 'bob'],
      deadline: '4h',
      onTimeout: 'reject',
      label: 'Gate',
    };
    expect(await askedBy((ctx) => ctx.approval('gate', full))).toMatchObject({
      kind: 'approval',
      message: 'Ship?',
      payload: '{"ref":"main"}',
      approvers: ['ada', 'bob'],
      dueInMs: 14_400_000,
      onTimeout: 'reject',
      label: 'Gate',
    });
  });

  test('that was given tells by whom, when and why', async () => {
    const run = await waiting((ctx) => ctx.approval('gate', request));
    await run.endWith('gate', 'approved', { by: 'ada', comment: 'fine', endedAt: 0 });
    expect(resultOf(run)).toEqual({
      value: { decision: 'approved', by: 'ada', at: '1970-01-01T00:00:00.000Z', comment: 'fine' },
    });
  });

  test('tells nothing that is not known', async () => {
    const run = await waiting((ctx) => ctx.approval('gate', request));
    await run.endWith('gate', 'approved', { endedAt: 0 });
    expect(resultOf(run)).toEqual({ value: { decision: 'approved', at: '1970-01-01T00:00:00.000Z' } });
  });

  test.each([
    [
      'rejected',
      { by: 'bob', comment: 'not today' },
      'APPROVAL_REJECTED',
      '"gate" was rejected by bob: not today.',
    ],
    ['rejected', {}, 'APPROVAL_REJECTED', '"gate" was rejected by its deadline.'],
    ['expired', {}, 'APPROVAL_EXPIRED', 'Nobody decided "gate" before its deadline.'],
  ])('that was %s with %j throws class denied', async (outcome, more, code, message) => {
    const run = await waiting((ctx) => ctx.approval('gate', request));
    await run.endWith('gate', outcome, more);
    expect(resultOf(run)).toEqual({ thrown: { class: 'denied', code, message, path: 'gate' } });
  });

  test.each(['rejected', 'expired'])('that was %s is a value where the call says so', async (outcome) => {
    const run = await waiting((ctx) => ctx.approval('gate', { ...request, onRejected: 'return' }));
    await run.endWith('gate', outcome, { by: 'bob' });
    expect(resultOf(run)).toMatchObject({ value: { decision: outcome, by: 'bob' } });
  });

  test.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'OPTION_INVALID', 'pass { message }'],
    ['null', null, 'OPTION_INVALID', 'pass { message }'],
    ['a text', 'Ship?', 'OPTION_INVALID', 'pass { message }'],
    ['no message', { args: 1 }, 'OPTION_INVALID', 'pass { message }'],
    ['an unknown option', { message: 'm', aprovers: [] }, 'OPTION_UNKNOWN', 'no option "aprovers"'],
    ['a quorum', { message: 'm', quorum: 2 }, 'NOT_SUPPORTED_YET', 'approval "gate".quorum'],
    ['nobody to decide', { message: 'm', approvers: [] }, 'OPTION_INVALID', 'could never be decided'],
    ['a bad deadline', { message: 'm', deadline: 'soon' }, 'DURATION_INVALID', 'approval "gate".deadline'],
    ['args that no journal holds', { message: 'm', args: [5n] }, 'VALUE_INVALID', '$[0]: a BigInt'],
  ])('with %s is refused', async (_what, bad, code, message) => {
    const run = await waiting((ctx) => ctx.approval('gate', bad as ApprovalRequest));
    expect(resultOf(run)).toMatchObject({ thrown: { code, message: expect.stringContaining(message) } });
  });
});

test('a wait whose scope was sealed outside never settles', async () => {
  const run = await waiting((ctx) => ctx.signal('go'));
  await run.end('go', 'cancelled');
  expect(run.ending).toBeUndefined();
});
