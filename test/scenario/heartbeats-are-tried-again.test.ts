/** A holder outlives its store: a heartbeat that fails is tried again each second, and said once a change. */
import { pawl, workflow } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { expect, test } from 'vitest';
import { openBetween } from './support/between-store.ts';

test('a heartbeat that fails is tried again until the store is back', async () => {
  const platform = fakePlatform({ seed: 1 });
  const { store, inner } = await openBetween(platform, {});
  const beat = inner.beat.bind(inner);
  const beats: string[] = [];
  let isAway = false;
  inner.beat = async (holder, draining) => {
    beats.push(isAway ? 'failed' : 'came');
    if (isAway) throw new Error('the store is away');
    return await beat(holder, draining);
  };
  const engine = await pawl.open({ store, workflows: [workflow({ name: 'w' }, () => 1)], platform });

  isAway = true;
  await platform.advance(15_000);
  expect(beats.length).toBeGreaterThan(3);
  expect(new Set(beats)).toEqual(new Set(['failed']));
  isAway = false;
  await platform.advance(25_000);
  expect(beats.filter((one) => one === 'came').length).toBeGreaterThanOrEqual(2);
  const said = platform.lines.filter(({ message }) => message.includes('heartbeat'));
  expect(said.map(({ level }) => level)).toEqual(['error', 'warn']);

  const closing = engine.close();
  await platform.advance(15_000);
  await closing;
});
