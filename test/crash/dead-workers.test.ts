/** A dead process is noticed at once by whoever is left; a living one keeps what it has. */
import { afterEach, expect, test } from 'vitest';
import { PATIENCE } from './support/patience.ts';
import { judge, readRuns } from './support/judge.ts';
import { HURRY } from './support/storm.ts';
import type { AskedRun } from './support/world.ts';
import { World } from './support/world.ts';

let world: World;
afterEach(() => world.dispose());

/** Silence is never judged: what is taken over was taken because its holder was seen dead. */
const BY_PROOF = { hurry: 10, isNeverSilent: true } as const;

function heldRuns(count: number): AskedRun[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `held-${index}`,
    workflow: 'held',
    input: { signals: 0 },
  }));
}

async function resultsOf(ids: readonly string[]): Promise<readonly unknown[]> {
  return await world.opened((engine) => Promise.all(ids.map((id) => engine.handle(id).result())));
}

test('the runs of a killed process are taken over by the one beside it, without waiting for its lease', async () => {
  world = new World();
  const survivor = await world.worker({ time: BY_PROOF });
  const victim = await world.worker({ time: HURRY, holds: true });
  const runs = heldRuns(20);
  await Promise.all(runs.map((run) => world.start(victim, run)));
  await Promise.all(runs.map(({ id }) => victim.fired('long', { runId: id })));
  await world.kill(victim);
  const outputs = await resultsOf(runs.map(({ id }) => id));
  await survivor.close();

  expect(outputs).toEqual(runs.map(() => [`by ${survivor.pid}`]));
  expect((await judge(world)).problems).toEqual([]);
});

test('the runs of a killed process are taken over by a new one as soon as it opens', async () => {
  world = new World();
  const victim = await world.worker({ holds: true });
  const runs = heldRuns(20);
  await Promise.all(runs.map((run) => world.start(victim, run)));
  await Promise.all(runs.map(({ id }) => victim.fired('long', { runId: id })));
  await world.kill(victim);
  // Its polls never come and silence is never judged: only the look at its opening can find them.
  const next = await world.worker({ time: { noTimersFrom: 400, isNeverSilent: true } });
  const outputs = await resultsOf(runs.map(({ id }) => id));
  await next.close();

  expect(outputs).toEqual(runs.map(() => [`by ${next.pid}`]));
  expect((await judge(world)).problems).toEqual([]);
});

test('P13: a process that starts takes nothing from a peer that lives, however many start', async () => {
  world = new World();
  const peer = await world.worker({ time: HURRY, holds: true });
  const runs = heldRuns(50);
  await Promise.all(runs.map((run) => world.start(peer, run)));
  await Promise.all(runs.map(({ id }) => peer.fired('long', { runId: id })));
  const others = await Promise.all([1, 2, 3].map(() => world.worker({ time: HURRY })));
  // Each of them polls, beats and looks for the dead several times over while the peer is in its steps.
  for (const other of others) for (let round = 0; round < 4; round += 1) await other.call('skip', 2_000);
  await world.kill(others[0] as (typeof others)[number]);
  await peer.call('release');
  const outputs = await resultsOf(runs.map(({ id }) => id));
  await Promise.all([peer, ...others.slice(1)].map((worker) => worker.close()));

  expect(outputs).toEqual(runs.map(() => [`by ${peer.pid}`]));
  const verdict = await judge(world);
  expect(verdict.problems).toEqual([]);
  expect(verdict).toMatchObject({ firings: 50, repeats: 0, lost: 0 });
  expect([...(await readRuns(world)).values()].map(({ row }) => row.epoch)).toEqual(runs.map(() => 1));
});

test('a start is on the disk soon after its effect: the death of its holder then shows as a lost attempt', async () => {
  world = new World();
  const victim = await world.worker({ holds: true });
  await world.start(victim, { id: 'slow', workflow: 'held', input: { signals: 0 } });
  await victim.fired('long');
  await world.recorded('slow', 'step.started');
  await world.kill(victim);
  const next = await world.worker();
  await resultsOf(['slow']);
  await next.close();

  expect(world.firings.map(({ attempt, pid }) => [attempt, pid])).toEqual([
    [1, victim.pid],
    [2, next.pid],
  ]);
  expect(new Set(world.firings.map(({ key }) => key)).size).toBe(1);
  expect(await judge(world)).toMatchObject({ problems: [], lost: 1 });
});

test('a process that dies without runs leaves no row behind for those who come after it', async () => {
  world = new World();
  const victims = await Promise.all([1, 2].map(() => world.worker()));
  await Promise.all(victims.map((victim) => world.kill(victim)));
  const next = await world.worker({ time: HURRY });
  await expect
    .poll(async () => (await next.call('workers')).map(({ pid }) => pid), PATIENCE)
    .toEqual([next.pid]);
  await next.close();
});
