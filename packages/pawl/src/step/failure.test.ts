/** Promises of failures: whatever is thrown becomes data that can be recorded, and the error rebuilt from it says the same. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pawlError } from '../errors/index.ts';
import { findValueProblem, MAX_DURATION_MS } from '../std/index.ts';
import {
  cleanText,
  type Failure,
  FailureError,
  failureOf,
  RateLimitedError,
  StepFailed,
  TerminalError,
} from './failure.ts';

const known: Failure = { class: 'denied', code: 'NO', message: 'no', name: 'Policy', data: { rule: 1 } };

function withParts(error: Error, parts: object): Error {
  return Object.assign(error, parts);
}

function chain(length: number): Error {
  let error = new Error('cause 0');
  for (let index = 1; index < length; index++) error = new Error(`cause ${index}`, { cause: error });
  return error;
}

describe('a failure', () => {
  test.each<[string, unknown, Partial<Failure>]>([
    ['an ordinary error', new Error('oh'), { class: 'retryable', code: 'STEP_THREW', message: 'oh' }],
    [
      'an error of a class',
      new TypeError('oh'),
      { class: 'retryable', code: 'STEP_THREW', name: 'TypeError' },
    ],
    ['an error with a code', withParts(new Error('oh'), { code: 'ECONNRESET' }), { code: 'ECONNRESET' }],
    ['an error with a number as code', withParts(new Error('oh'), { code: 20 }), { code: 'STEP_THREW' }],
    ['an error with an empty code', withParts(new Error('oh'), { code: '' }), { code: 'STEP_THREW' }],
    ['a terminal error', new TerminalError('oh'), { class: 'terminal', name: 'TerminalError' }],
    [
      'a terminal error with details',
      new TerminalError('oh', { code: 'BAD', data: { n: [1] } }),
      { class: 'terminal', code: 'BAD', data: { n: [1] } },
    ],
    ['a usage error of Pawl', pawlError('ENGINE_CLOSED'), { class: 'terminal', code: 'ENGINE_CLOSED' }],
    ['an operational error of Pawl', pawlError('STORE_LOCKED'), { class: 'retryable', code: 'STORE_LOCKED' }],
    ['a limited rate', new RateLimitedError('slow'), { class: 'rate_limited', code: 'STEP_THREW' }],
    [
      'a limited rate that says how long',
      new RateLimitedError('slow', { retryAfterMs: 1_500, code: 'HTTP_429' }),
      { class: 'rate_limited', code: 'HTTP_429', retryAfterMs: 1_500 },
    ],
    ['a failure that a kind knows in full', new FailureError(known), known],
    ['a text', 'oh', { class: 'retryable', message: 'oh' }],
    ['nothing', undefined, { message: 'what was thrown is not an Error: undefined' }],
    ['null', null, { message: 'what was thrown is not an Error: null' }],
    ['an object', { a: 1 }, { message: 'what was thrown is not an Error: [object Object]' }],
    ['a symbol', Symbol('s'), { message: 'what was thrown is not an Error: Symbol(s)' }],
    ['what has no text', Object.create(null), { message: expect.stringContaining('without a text') }],
    ['an error whose message is no text', withParts(new Error('oh'), { message: 5 }), { message: '5' }],
    [
      'an error whose name is no text',
      withParts(new Error('oh'), { name: undefined }),
      { name: 'undefined' },
    ],
  ])('made of %s says so', (_what, thrown, expected) => {
    expect(failureOf(thrown, 'review/lint')).toMatchObject({ ...expected, path: 'review/lint' });
  });

  test('of an ordinary error says no more than it must', () => {
    expect(failureOf(new Error('oh'), 'a')).toEqual({
      class: 'retryable',
      code: 'STEP_THREW',
      message: 'oh',
      path: 'a',
    });
  });

  test('keeps the path that it has, and its own record where it was recorded before', () => {
    const inner: Failure = { ...known, path: 'b/inner' };
    expect(failureOf(new FailureError(inner), 'a').path).toBe('b/inner');
    expect(failureOf(new StepFailed(inner), 'a')).toBe(inner);
  });

  test('keeps its causes five levels deep, each with its class', () => {
    const thrown = new TerminalError('top', { cause: new RateLimitedError('deep') });
    expect(failureOf(thrown, 'a').cause).toMatchObject({ class: 'rate_limited', message: 'deep' });
    let depth = 0;
    for (let cause = failureOf(chain(20), 'a').cause; cause; cause = cause.cause) depth++;
    expect(depth).toBe(5);
  });

  test('whose cause is itself has an end', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(failureOf(error, 'a')).split('round')).toHaveLength(7);
  });

  test.each([
    ['no number', Number.NaN, undefined],
    ['less than nothing', -5, undefined],
    ['a text', '5', undefined],
    ['a part of a millisecond', 0.5, 1],
    ['for ever', Number.POSITIVE_INFINITY, MAX_DURATION_MS],
  ])('that asks to wait %s is recorded with whole milliseconds or without', (_what, asked, recorded) => {
    const details = { retryAfterMs: asked as number };
    expect(failureOf(new RateLimitedError('slow', details), 'a').retryAfterMs).toBe(recorded);
    expect(failureOf(new FailureError({ ...known, ...details }), 'a').retryAfterMs).toBe(recorded);
  });

  test.each([
    ['a BigInt', { n: 5n }, '(not recorded: $.n: a BigInt cannot be recorded; convert it to a string)'],
    ['a Date', [new Date(0)], '(not recorded: $[0]: a Date cannot be recorded; make it plain data)'],
    ['NaN', Number.NaN, '(not recorded: $: NaN is not a JSON number)'],
  ])('with %s in its data says what was wrong with the data and keeps the rest', (_what, data, recorded) => {
    const failure = failureOf(new TerminalError('oh', { data: data as never }), 'a');
    expect(failure).toMatchObject({ class: 'terminal', message: 'oh', data: recorded });
    expect(failureOf(new FailureError({ ...known, data: data as never }), 'a').data).toBe(recorded);
  });

  test('that cannot even be read says so', () => {
    const hostile = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('hidden');
      },
    });
    expect(failureOf(hostile, 'a')).toEqual({
      class: 'retryable',
      code: 'STEP_THREW',
      message: 'what was thrown cannot be read',
      path: 'a',
    });
  });

  test('can be recorded, whatever was thrown', () => {
    const thrown = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withMap: true }),
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => new Error(text)),
      fc.anything().map((message) => withParts(new Error('x'), { message, name: message, code: message })),
      fc.anything({ withBigInt: true }).map((data) => new TerminalError('x', { data: data as never })),
      fc.anything().map((cause) => new Error('x', { cause })),
      fc.double().map((retryAfterMs) => new RateLimitedError('x', { retryAfterMs })),
    );
    fc.assert(
      fc.property(thrown, (one) => {
        expect(findValueProblem(failureOf(one, 'a'))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the text of an error', () => {
  test.each([
    ['is kept as it is', 'é€😀\n\t', 'é€😀\n\t'],
    ['has no NUL', 'a\u0000b\u0000', 'a\uFFFDb\uFFFD'],
    ['has no lone surrogate', 'a\uD83Db', 'a\uFFFDb'],
  ])('%s', (_what, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  test('is cut after 16,384 characters, and not inside of one', () => {
    expect(cleanText('x'.repeat(16_384))).toHaveLength(16_384);
    expect(cleanText('x'.repeat(16_385))).toBe(`${'x'.repeat(16_384)}…`);
    expect(cleanText(`${'x'.repeat(16_383)}😀 and more`)).toBe(`${'x'.repeat(16_383)}\uFFFD…`);
  });
});

describe('the error that a function catches', () => {
  const recorded: Failure = { ...known, path: 'a', cause: { class: 'lost', code: 'GONE', message: 'gone' } };

  test('is rebuilt from what was recorded', () => {
    const error = new StepFailed(recorded);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'StepFailed',
      class: 'denied',
      code: 'NO',
      message: 'no',
      path: 'a',
    });
    expect(error.data).toEqual({ rule: 1 });
    expect(error.failure).toBe(recorded);
  });

  test('has its cause as an error too, and none where none was recorded', () => {
    expect(new StepFailed(recorded).cause).toBeInstanceOf(StepFailed);
    expect(new StepFailed(recorded).cause).toMatchObject({ class: 'lost', message: 'gone' });
    expect('cause' in new StepFailed(known)).toBe(false);
  });
});

describe('the errors that a step throws', () => {
  test('say their name, and keep code, data and cause', () => {
    const cause = new Error('why');
    const error = new TerminalError('oh', { code: 'BAD', data: [1], cause });
    expect(error).toMatchObject({ name: 'TerminalError', message: 'oh', code: 'BAD', data: [1], cause });
    expect('cause' in new TerminalError('oh')).toBe(false);
    expect(new RateLimitedError('slow', { code: 'X' })).toMatchObject({
      name: 'RateLimitedError',
      code: 'X',
    });
    expect(new FailureError(known)).toMatchObject({ name: 'FailureError', message: 'no', failure: known });
  });
});
