/** Promises of timers that share one of the platform. */
import { expect, test } from 'vitest';
import { fakePlatform } from '../testing/index.ts';
import { SharedTimer } from './shared-timer.ts';

const DELAY_MS = 25;

function world() {
  const platform = fakePlatform();
  let made = 0;
  const counting = {
    ...platform,
    setTimer: (delayMs: number, run: () => void) => {
      made += 1;
      return platform.setTimer(delayMs, run);
    },
  };
  const timer = new SharedTimer(counting, DELAY_MS);
  const called: string[] = [];
  return {
    platform,
    timer,
    called,
    made: () => made,
    set: (name: string) => timer.set(() => called.push(name)),
  };
}

test('each is called after the delay, counted from when it was set, and once', async () => {
  const { platform, called, set } = world();
  set('first');
  await platform.advance(10);
  set('second');
  await platform.advance(14);
  expect(called).toEqual([]);
  await platform.advance(1);
  expect(called).toEqual(['first']);
  await platform.advance(9);
  expect(called).toEqual(['first']);
  await platform.advance(1);
  expect(called).toEqual(['first', 'second']);
  await platform.advance(100);
  expect(called).toEqual(['first', 'second']);
});

test('one that was stopped is not called, nor one that another of the same moment stops', async () => {
  const { platform, timer, called, set } = world();
  const stop = set('stopped');
  let stopLast = (): void => {};
  timer.set(() => {
    called.push('stops the last');
    stopLast();
  });
  stopLast = set('last');
  stop();
  stop();
  await platform.advance(DELAY_MS);
  expect(called).toEqual(['stops the last']);
});

test('what is set by one that is called waits for its own delay', async () => {
  const { platform, timer, called, set } = world();
  timer.set(() => void set('again'));
  await platform.advance(DELAY_MS);
  await platform.advance(DELAY_MS - 1);
  expect(called).toEqual([]);
  await platform.advance(1);
  expect(called).toEqual(['again']);
});

test('thousands that are set and stopped while one waits take no timer of the platform each', async () => {
  const { platform, called, set, made } = world();
  for (let n = 0; n < 20; n += 1) {
    set(`waits ${n}`);
    for (let m = 0; m < 1_000; m += 1) set('stopped')();
    await platform.advance(1);
  }
  expect(made()).toBe(1);
  await platform.advance(DELAY_MS);
  expect(called).toEqual(Array.from({ length: 20 }, (_, n) => `waits ${n}`));
  expect(made()).toBe(20);
});

test('when all are stopped none of the platform is left behind', async () => {
  const { platform, set, made, called } = world();
  const stops = [set('one'), set('two')];
  for (const stop of stops) stop();
  await platform.advance(DELAY_MS);
  set('three');
  await platform.advance(DELAY_MS);
  expect(called).toEqual(['three']);
  expect(made()).toBe(2);
});

test('a clock that stands still, or a timer that comes a little early, does not make them wait again', async () => {
  const platform = fakePlatform();
  const still = { ...platform, clock: { ...platform.clock, monotonic: () => 0 } };
  const timer = new SharedTimer(still, DELAY_MS);
  const called: string[] = [];
  timer.set(() => called.push('one'));
  timer.set(() => called.push('two'));
  await platform.advance(DELAY_MS);
  expect(called).toEqual(['one', 'two']);
});
