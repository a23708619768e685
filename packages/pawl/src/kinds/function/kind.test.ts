/** Promises of the function kind: code is found by its name, and never is a missing one an empty success. */
import { describe, expect, test } from 'vitest';
import { failureOf, type StepContext } from '../../step/index.ts';
import {
  functionKind,
  functionProblem,
  functionRegistry,
  type FunctionTools,
  type NamedFunction,
} from '../index.ts';

const lines: unknown[] = [];
const context: StepContext = {
  runId: 'run-1',
  tenant: 'default',
  workerId: 'w',
  path: 'review#2',
  attempt: 3,
  idempotencyKey: 'run-1:review#2',
  signal: new AbortController().signal,
  report: (usage) => lines.push(usage),
  progress: (data) => lines.push(data),
  heartbeat: () => lines.push('alive'),
  log: (...line) => lines.push(line),
  secret: (name) => name,
};

async function call(fn: NamedFunction, input?: unknown): Promise<unknown> {
  const kind = functionKind(functionRegistry({ fn }));
  return (await kind.execute({ function: 'fn', input } as never, context)).output;
}

describe('a function step', () => {
  test.each<[string, NamedFunction]>([
    ['at once', (input: number) => input + 1],
    ['later', async (input: number) => await Promise.resolve(input + 1)],
  ])('gives what its function returns %s', async (_when, fn) => {
    expect(await call(fn, 6)).toBe(7);
  });

  test('hands over null where there is no input', async () => {
    expect(await call((input: unknown) => [input])).toEqual([null]);
  });

  test('hands over the tools of a step', async () => {
    const seen = await call((_input: unknown, tools: FunctionTools) => {
      const { signal, report, progress, heartbeat, log, ...facts } = tools;
      heartbeat();
      report({ inputTokens: 1 });
      progress('half');
      log.info('going', { n: 1 });
      log('warn', 'slow');
      return { ...facts, isSame: signal === context.signal };
    });
    expect(seen).toEqual({
      runId: 'run-1',
      path: 'review#2',
      attempt: 3,
      idempotencyKey: 'run-1:review#2',
      isSame: true,
    });
    expect(lines).toEqual([
      'alive',
      { inputTokens: 1 },
      'half',
      ['info', 'going', { n: 1 }],
      ['warn', 'slow', undefined],
    ]);
  });

  test.each<[string, NamedFunction]>([
    [
      'at once',
      () => {
        throw new RangeError('no');
      },
    ],
    ['later', async () => await Promise.reject(new RangeError('no'))],
  ])('fails with what its function throws %s', async (_when, fn) => {
    await expect(call(fn)).rejects.toThrow(RangeError);
  });

  test('fails for good where the function is not registered, with the nearest name', async () => {
    const kind = functionKind(functionRegistry({ review: () => 1, toString: () => 2 }));
    const thrown: unknown = await kind
      .execute({ function: 'reviw' } as never, context)
      .catch((error: unknown) => error);
    expect(failureOf(thrown, 'a')).toMatchObject({
      class: 'terminal',
      code: 'FUNCTION_UNKNOWN',
      message: 'No function "reviw" is registered here (did you mean "review"?).',
    });
  });
});

describe('the registry of functions', () => {
  test('says what is wrong with a name before anything runs', () => {
    const registry = functionRegistry({ review: () => 1 });
    expect(functionProblem(registry, 'review')).toBeUndefined();
    expect(functionProblem(registry, 'toString')).toBe('No function "toString" is registered here.');
  });

  test.each([
    ['a list', [], 'open.functions: it must be an object'],
    ['null', null, 'open.functions: it must be an object'],
    ['what is no function', { review: 'x' }, 'open.functions.review: it must be a function'],
    ['an empty name', { '': (): number => 1 }, 'open.functions: "" is no name'],
    ['a very long name', { ['x'.repeat(201)]: () => 1 }, 'is no name'],
  ])('is not made of %s', (_what, given, message) => {
    expect(() => functionRegistry(given as never)).toThrowError(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(message) }),
    );
  });
});
