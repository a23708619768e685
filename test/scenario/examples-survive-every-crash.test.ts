/** All examples are killed at every boundary, by the tool that users test their own workflows with. */
import { expectCrashSafe } from 'pawl/testing';
import { expect, test } from 'vitest';
import approval from '../../examples/approval.ts';
import publish, { translate } from '../../examples/child.ts';
import hello from '../../examples/hello.ts';
import parallelMap from '../../examples/parallel-map.ts';
import retries from '../../examples/retries.ts';

test('hello greets, whenever it is killed', async () => {
  const { boundaries, worlds } = await expectCrashSafe(hello, { input: { who: 'Ana' } });
  expect(worlds).toBe(2 * boundaries);
  expect(boundaries).toBeGreaterThan(8);
});

test('approval, where ana approves', async () => {
  const report = await expectCrashSafe(approval, {
    input: { version: '2.0.0' },
    act: async (ana, run) => {
      const gate = run.steps.find(({ kind, status }) => kind === 'approval' && status === 'waiting');
      if (gate) await ana.approve(gate.path, { by: 'ana' });
    },
  });
  expect(report.boundaries).toBeGreaterThan(8);
});

test('approval, where nobody decides and the deadline passes', async () => {
  await expectCrashSafe(approval, { input: {} });
});

test('child publishes in each language, whenever it is killed', async () => {
  await expectCrashSafe(publish, { input: {}, workflows: [translate] });
});

test('parallel-map measures every page, whenever it is killed', async () => {
  await expectCrashSafe(parallelMap, { input: {} });
});

test('retries tries as often as it says, whenever it is killed', async () => {
  await expectCrashSafe(retries, { input: { succeedsAt: 3 } });
});
