/** Promises of Node's platform: a timer fires when it is due, however far away that is. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodePlatform } from './platform.ts';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('a timer of sixty days fires after sixty days, and not at once', () => {
  const run = vi.fn<() => void>();
  nodePlatform().setTimer(60 * DAY_MS, run);
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(1);
});

test.each([1, 30])('a timer of sixty days that is stopped after %i never fires', (days) => {
  const run = vi.fn<() => void>();
  const stop = nodePlatform().setTimer(60 * DAY_MS, run);
  vi.advanceTimersByTime(days * DAY_MS);
  stop();
  vi.advanceTimersByTime(90 * DAY_MS);
  expect(run).not.toHaveBeenCalled();
});
