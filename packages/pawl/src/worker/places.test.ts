/** Promises of places for driven runs. */
import { expect, test } from 'vitest';
import { fakePlatform } from '../testing/index.ts';
import { Places } from './places.ts';

test('a place that was promised to a run that never came is free again after a minute, also where nobody asks for another promise', async () => {
  const platform = fakePlatform();
  const places = new Places<object>(2, platform.clock);
  const driven = {};
  places.take(driven, 'a/1');
  places.take(driven, 'a/1');
  expect([places.held, places.free, places.promise('a/2'), places.promise('a/3')]).toEqual([
    1,
    1,
    true,
    false,
  ]);
  await platform.advance(59_999);
  expect([places.free, places.isPromised('a/2')]).toEqual([0, true]);
  await platform.advance(1);
  expect([places.free, places.isPromised('a/2')]).toEqual([1, false]);
  places.give(driven);
  places.give(driven);
  expect([places.held, places.free]).toEqual([0, 2]);
});
