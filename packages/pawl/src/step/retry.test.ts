/** Promises of retry policies: what people write is read exactly or refused, and delays stay within what it says. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAILURE_CLASSES, type Failure, type FailureClass } from './failure.ts';
import { DEFAULT_RETRY, parseRetry, type Retry, retryDelay, type RetryPolicy } from './retry.ts';

const failed: Failure = { class: 'retryable', code: 'STEP_THREW', message: 'x' };
const steady: RetryPolicy = { ...DEFAULT_RETRY, attempts: 10_000, jitter: 0 };

function asked(retryAfterMs: number): Failure {
  return { ...failed, class: 'rate_limited', retryAfterMs };
}

describe('a retry policy', () => {
  test('is the default where nothing is said: three attempts, 2 s doubling to 64 s', () => {
    expect(parseRetry(undefined, 'step "a".retry')).toEqual({
      attempts: 3,
      initialMs: 2_000,
      factor: 2,
      maxMs: 64_000,
      jitter: 0.2,
      on: ['retryable', 'timeout', 'rate_limited'],
      onExhausted: 'fail',
    });
  });

  test.each([
    ['none', 1],
    ['io', 5],
    ['model', 3],
    ['no_retry', 1],
    ['io_default', 5],
    ['llm_default', 3],
  ] as const)('named %s makes %d attempts', (name, attempts) => {
    expect(parseRetry(name, 'here')).toEqual({ ...DEFAULT_RETRY, attempts });
  });

  test('takes what it leaves out from the policy below it', () => {
    const base = parseRetry({ attempts: 7, on: ['timeout'], jitter: 0 }, 'workflow');
    expect(parseRetry({ initial: '1s', max: '10s', factor: 1.5, onExhausted: 'park' }, 'step', base)).toEqual(
      {
        attempts: 7,
        initialMs: 1_000,
        factor: 1.5,
        maxMs: 10_000,
        jitter: 0,
        on: ['timeout'],
        onExhausted: 'park',
      },
    );
    expect(parseRetry('none', 'step', base)).toEqual({ ...base, attempts: 1 });
  });

  test.each<[Retry, number, number]>([
    [{ initial: '1h' }, 3_600_000, 32 * 3_600_000],
    [{ initial: '65s' }, 65_000, 32 * 65_000],
    [{ initial: '64s' }, 64_000, 64_000],
    [{ initial: '10ms' }, 10, 64_000],
    [{ initial: 0 }, 0, 64_000],
    [{ initial: '36500d' }, 3_153_600_000_000, 3_153_600_000_000],
    [{ initial: '1h', max: '1h' }, 3_600_000, 3_600_000],
    [{ max: '500ms' }, 500, 500],
    [{ max: '2h' }, 2_000, 7_200_000],
  ])('%j waits as long as it says, and no less: %d to %d ms', (retry, initialMs, maxMs) => {
    expect(parseRetry(retry, 'here')).toEqual({ ...DEFAULT_RETRY, initialMs, maxMs });
  });

  test('keeps the bound of the policy below it where its own first delay fits', () => {
    const base = parseRetry({ initial: '1s', max: '10s' }, 'workflow');
    expect(parseRetry({ initial: '5s' }, 'step', base)).toMatchObject({ initialMs: 5_000, maxMs: 10_000 });
    expect(parseRetry({ initial: '20s' }, 'step', base)).toMatchObject({ initialMs: 20_000, maxMs: 640_000 });
  });

  test('without a bound of its own grows from its first delay', () => {
    const policy = parseRetry({ attempts: 9, initial: '1h', jitter: 0 }, 'here');
    const hours = [1, 2, 3, 7, 8].map(
      (used) => (retryDelay(policy, failed, { used, chance: 0 }) ?? 0) / 3_600_000,
    );
    expect(hours).toEqual([1, 2, 4, 32, 32]);
  });

  test.each<[string, unknown, string]>([
    ['an unknown name', 'often', '"often" is not a named policy (none, io, model, no_retry'],
    ['a name that every object has', 'constructor', '"constructor" is not a named policy'],
    ['a number', 3, 'a retry policy is a name or an object'],
    ['null', null, 'a retry policy is a name or an object'],
    ['a list', [3], 'a retry policy is a name or an object'],
    ['an unknown option', { attempts: 3, delay: '5s' }, 'there is no option "delay"'],
    ['no attempts', { attempts: 0 }, 'attempts must be a whole number from 1 to 10000'],
    ['half an attempt', { attempts: 1.5 }, 'attempts must be a whole number'],
    ['endless attempts', { attempts: Number.POSITIVE_INFINITY }, 'attempts must be a whole number'],
    ['attempts as text', { attempts: '3' }, 'attempts must be a whole number'],
    ['a factor that shrinks', { factor: 0.5 }, 'factor must be from 1 to 100'],
    ['a factor that explodes', { factor: 101 }, 'factor must be from 1 to 100'],
    ['a factor that is not a number', { factor: Number.NaN }, 'factor must be from 1 to 100'],
    ['a factor as text', { factor: '2' }, 'factor must be from 1 to 100'],
    ['a negative jitter', { jitter: -0.1 }, 'jitter must be from 0 to 1'],
    ['more jitter than delay', { jitter: 1.1 }, 'jitter must be from 0 to 1'],
    ['a jitter as text', { jitter: '0.5' }, 'jitter must be from 0 to 1'],
    ['a class that is none', { on: ['retryable', 'often'] }, '"often" is not a failure class (retryable'],
    ['classes that are no list', { on: 'timeout' }, 'on must be a list of failure classes'],
    ['a longest delay below the first', { initial: '1h', max: '5m' }, 'max (5m) is less than initial (1h)'],
    ['an end that is none', { onExhausted: 'stop' }, 'onExhausted must be "fail" or "park"'],
  ])('may not have %s', (_what, retry, problem) => {
    expect(() => parseRetry(retry as Retry, 'step "a".retry')).toThrowError(
      expect.objectContaining({
        code: 'RETRY_INVALID',
        message: expect.stringContaining(`step "a".retry: ${problem}`),
      }),
    );
  });

  test.each([
    ['initial', { initial: '5 s' }],
    ['max', { max: -1 }],
  ])('may not have a bad %s', (option, retry) => {
    expect(() => parseRetry(retry, 'step "a".retry')).toThrowError(
      expect.objectContaining({
        code: 'DURATION_INVALID',
        message: expect.stringContaining(`step "a".retry.${option}`),
      }),
    );
  });
});

describe('the next attempt', () => {
  test('comes after 2, 4, 8 … 64 seconds by default', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 50].map((used) => retryDelay(steady, failed, { used, chance: 0.5 }));
    expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 64_000, 64_000]);
  });

  test.each([
    [0, 1_600],
    [0.5, 2_000],
    [0.999_999, 2_400],
  ])('at chance %d comes after %d ms: a fifth of the delay is random', (chance, expected) => {
    expect(retryDelay(DEFAULT_RETRY, failed, { used: 1, chance })).toBe(expected);
  });

  test('does not come when the attempts are used up', () => {
    expect(retryDelay(DEFAULT_RETRY, failed, { used: 2, chance: 0 })).toBeDefined();
    expect(retryDelay(DEFAULT_RETRY, failed, { used: 3, chance: 0 })).toBeUndefined();
    expect(retryDelay(parseRetry('none', ''), failed, { used: 1, chance: 0 })).toBeUndefined();
  });

  test.each<[FailureClass, boolean]>([
    ['retryable', true],
    ['timeout', true],
    ['rate_limited', true],
    ['terminal', false],
    ['cancelled', false],
    ['denied', false],
    ['budget', false],
    ['lost', false],
  ])('after a failure of class %s by default: %s', (failureClass, isTried) => {
    const delay = retryDelay(DEFAULT_RETRY, { ...failed, class: failureClass }, { used: 1, chance: 0.5 });
    expect(delay !== undefined).toBe(isTried);
  });

  test('is decided by the class that the policy names, whatever it is', () => {
    for (const named of FAILURE_CLASSES)
      for (const other of FAILURE_CLASSES) {
        const policy = { ...DEFAULT_RETRY, on: [named] };
        const delay = retryDelay(policy, { ...failed, class: other }, { used: 1, chance: 0.5 });
        expect(delay !== undefined).toBe(named === other);
      }
  });

  test('waits at least as long as the other side asked, and longer where the policy says so', () => {
    expect(retryDelay(steady, asked(90_000), { used: 1, chance: 0 })).toBe(90_000);
    expect(retryDelay(steady, asked(10), { used: 1, chance: 0 })).toBe(2_000);
  });

  test('comes at once for ever where the initial delay is 0', () => {
    const eager = parseRetry({ attempts: 10_000, initial: 0, factor: 100 }, '');
    for (const used of [1, 2, 155, 156, 9_999])
      expect(retryDelay(eager, failed, { used, chance: 0.9 })).toBe(0);
  });

  test('comes after whole milliseconds, never later than `max` and never earlier than the jitter allows', () => {
    const policies = fc.record({
      initialMs: fc.nat(1_000_000),
      factor: fc.double({ min: 1, max: 100, noNaN: true }),
      maxMs: fc.nat(100_000_000),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const counts = fc.record({
      used: fc.integer({ min: 1, max: 9_999 }),
      chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    fc.assert(
      fc.property(policies, counts, (parts, count) => {
        const delay = retryDelay({ ...steady, ...parts }, failed, count) as number;
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeLessThanOrEqual(parts.maxMs);
        const least = Math.min(parts.initialMs, parts.maxMs) * (1 - parts.jitter);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(least));
      }),
      { numRuns: 500 },
    );
  });
});
