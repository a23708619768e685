/** An engine with nothing to do asks its store next to nothing, however many runs wait. */
import { pawl, workflow } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { expect, test } from 'vitest';
import { openBetween } from './support/between-store.ts';
import { newDatabase, pathOfDatabase, START } from './support/opened-engine.ts';

const MINUTE_MS = 60_000;

const patient = workflow({ name: 'patient' }, async (ctx) => await ctx.signal('go'));

function countOf(calls: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
}

test('an idle minute is one look a poll, a heartbeat each ten seconds, and one round', async () => {
  const platform = fakePlatform({ seed: 1, startMs: START });
  const calls: string[] = [];
  const path = pathOfDatabase(newDatabase());
  const { store } = await openBetween(platform, { onCall: (method) => calls.push(method) }, path);
  const engine = await pawl.open({ store, workflows: [patient], platform });
  for (let n = 0; n < 50; n++) await engine.start(patient, undefined);
  await platform.advance(2 * MINUTE_MS);

  calls.length = 0;
  await platform.advance(MINUTE_MS);
  const { changes = 0, ...rest } = countOf(calls);
  expect(changes).toBeGreaterThan(9); // five seconds, more or less a fifth
  expect(changes).toBeLessThan(16);
  expect(rest).toEqual({ beat: 6, listWorkers: 1, heldBy: 1, claim: 1, nextDueAt: 1 });

  const closing = engine.close();
  await platform.advance(MINUTE_MS);
  await closing;
});
