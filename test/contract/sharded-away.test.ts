/** A cluster that is away: the others go on, and errors name it. */
import { describe, expect, test } from 'vitest';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import {
  claimOf,
  commitOne,
  conclusionOf,
  enqueue,
  factsOf,
  HOLDER,
  type Held,
  refOf,
  start,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';
import { completed, runCompleted } from '../../packages/pawl/src/testing/contract/sample-events.ts';
import { AwayStore } from './away-store.ts';
import { inMemory, openOver, START } from './open-sharded.ts';

const AWAY = { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('cluster 2 of 3') as unknown };
const IDS = Array.from({ length: 30 }, (_, index) => `run-${index}`);

/** Timers that fire when they are told to. */
function handTimers() {
  const armed = new Set<() => void>();
  const setTimer = (_delayMs: number, run: () => void) => {
    armed.add(run);
    return () => void armed.delete(run);
  };
  return { setTimer, fire: () => [...armed].forEach((run) => [armed.delete(run), run()]) };
}

async function openThree() {
  const clock = new MovedClock(START);
  const stores = await inMemory(3, clock);
  const away = new AwayStore(stores[1] ?? expect.fail());
  const timers = handTimers();
  const logged: string[] = [];
  const logger = { log: (_level: string, message: string) => void logged.push(message) };
  const all = stores.map((one, index) => (index === 1 ? away.store : one));
  const store = await openOver(all, { ...nodePlatform(logger), setTimer: timers.setTimer, logger });
  return { clock, stores, away, timers, logged, store };
}

type World = Awaited<ReturnType<typeof openThree>>;

/** Runs on the cluster that goes, and on the others. */
async function startAll({ store, stores }: World): Promise<{ gone: Held[]; here: Held[] }> {
  const helds = await Promise.all(IDS.map((id) => start(store, id)));
  const isGone = await Promise.all(
    helds.map(async ({ run }) => (await stores[1]?.getRun(run.tenant, run.runId)) !== undefined),
  );
  return { gone: helds.filter((_held, at) => isGone[at]), here: helds.filter((_held, at) => !isGone[at]) };
}

describe('a cluster that refuses', () => {
  test('takes no commits, and says so by name; those of the others stand', async () => {
    const world = await openThree();
    const { gone, here } = await startAll(world);
    world.away.goes('refuses');
    for (const held of here) await commitOne(world.store, factsOf(held, [completed('x')]));
    await expect(world.store.commit(gone.map((held) => factsOf(held, [completed('x')])))).rejects.toThrow(
      expect.objectContaining(AWAY),
    );
    world.away.returns();
    for (const held of gone) await commitOne(world.store, factsOf(held, [completed('x')]));
  });

  test('makes a group over several doubtful, and harms none of its parts', async () => {
    const world = await openThree();
    const { gone, here } = await startAll(world);
    world.away.goes('refuses');
    const batches = [gone[0], here[0]].flatMap((held) => (held ? [factsOf(held, [completed('x')])] : []));
    await expect(world.store.commit(batches)).rejects.toMatchObject({
      code: 'STORE_UNKNOWN',
      message: AWAY.message,
    });
    const { parts } = world.store;
    const places = await Promise.all(batches.map(async (batch) => await parts?.for(batch)));
    const alone = await Promise.allSettled(
      batches.map((batch, at) => places[at]?.commit([batch]) ?? Promise.reject(new Error('no place'))),
    );
    expect(alone.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  test('keeps no other run from being found, and a list is whole or none', async () => {
    const world = await openThree();
    const { gone, here } = await startAll(world);
    world.away.goes('refuses');
    for (const { run } of here) expect((await world.store.getRun('default', run.runId))?.run).toEqual(run);
    for (const { run } of gone)
      await expect(world.store.getRun('default', run.runId)).rejects.toMatchObject(AWAY);
    await expect(world.store.getRun('default', 'nobody')).rejects.toMatchObject(AWAY);
    await expect(world.store.listRuns({ tenant: 'default', limit: 5 })).rejects.toMatchObject(AWAY);
    await expect(world.store.listWaits({ tenant: 'default', limit: 5 })).rejects.toMatchObject(AWAY);
    const [held = expect.fail()] = here;
    const filter = { tenant: 'default', parentRunId: held.run.runId, limit: 5 };
    expect(await world.store.listRuns(filter)).toEqual([]); // its children stand where it stands
  });

  test('costs an engine nothing but its runs there, and is told of once', async () => {
    const world = await openThree();
    const { clock, store, away, logged } = world;
    await store.registerWorker({ id: HOLDER, hostname: 'h', pid: 1, startedAt: 1, serves: [] });
    for (const id of IDS) await enqueue(store, id);
    let told = 0;
    store.watch(() => (told += 1));
    away.goes('refuses');
    expect(await store.beat(HOLDER, false)).toBe(true);
    const claimed = await claimOf({ store, now: clock.now() });
    expect(claimed.length).toBeGreaterThan(5);
    expect(claimed.length).toBeLessThan(30);
    expect(await store.nextDueAt([{ workflow: 'ship', versions: ['1'] }])).toBe(undefined);
    expect((await store.listWorkers()).map(({ id }) => id)).toEqual([HOLDER, 'holder-2']);
    expect(await store.changes()).toBe(undefined);
    await expect(store.prune({ endedBefore: 1, limit: 1, after: 0 })).rejects.toMatchObject(AWAY);
    expect([logged.length, told]).toEqual([1, 0]);
    away.returns();
    expect((await claimOf({ store, now: clock.now() })).length).toBe(30 - claimed.length);
    expect([logged.length, told]).toEqual([2, 1]);
    expect(await store.prune({ endedBefore: 1, limit: 1, after: 0 })).toEqual({
      removed: 0,
      next: undefined,
    });
  });

  test('is left out when the others are pruned, and said when they have been', async () => {
    const world = await openThree();
    const { gone, here } = await startAll(world);
    for (const held of [...gone, ...here])
      await commitOne(world.store, conclusionOf(held, { events: [runCompleted] }));
    world.clock.move(1_000);
    world.away.goes('refuses');
    const order = { endedBefore: world.clock.now(), limit: 100, after: 0 };
    await expect(world.store.prune(order)).rejects.toMatchObject(AWAY);
    world.away.returns();
    expect((await world.store.listRuns({ tenant: 'default', limit: 100 })).length).toBe(gone.length + 2);
    expect((await world.store.prune(order)).removed).toBe(gone.length - 1); // the newest of each cluster stays
  });

  test('forgets an engine that the others know: it hears of it when the cluster is back', async () => {
    const { store, stores, away } = await openThree();
    const worker = { id: HOLDER, hostname: 'h', pid: 1, startedAt: 1, serves: [] };
    away.goes('refuses');
    await store.registerWorker(worker);
    expect(await store.beat(HOLDER, false)).toBe(true);
    away.returns();
    expect(await store.beat(HOLDER, false)).toBe(false);
    await store.registerWorker(worker);
    expect(await store.beat(HOLDER, false)).toBe(true);
    expect((await stores[1]?.listWorkers())?.length).toBe(1);
  });

  test('is the end of all where every one refuses', async () => {
    const clock = new MovedClock(START);
    const aways = (await inMemory(2, clock)).map((one) => new AwayStore(one));
    const store = await openOver(aways.map((one) => one.store));
    for (const away of aways) away.goes('refuses');
    await expect(claimOf({ store, now: clock.now() })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(store.beat(HOLDER, false)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

describe('a cluster that says nothing', () => {
  test('is waited for once, and asked again when it has answered', async () => {
    const world = await openThree();
    const { clock, store, away, timers } = world;
    for (const id of IDS) await enqueue(store, id);
    away.goes('silent');
    const claiming = claimOf({ store, now: clock.now() });
    let isThere = false;
    void claiming.then(() => (isThere = true));
    await nextTurn();
    expect(isThere).toBe(false);
    timers.fire();
    const first = await claiming;
    expect(first.length).toBeGreaterThan(5);
    expect(await store.beat(HOLDER, false)).toBe(false); // at once: no timer has to fire
    await expect(store.parts?.all[1]?.heldTasks(HOLDER)).rejects.toMatchObject(AWAY);
    away.returns();
    await nextTurn();
    const held = async () => (await store.heldBy('holder-2').catch(() => [])).length;
    await expect.poll(held).toBe(30); // what it took when nobody waited any more is found as held
    expect((await claimOf({ store, now: clock.now() })).length).toBe(0);
  });

  test('holds up no run of another one', async () => {
    const world = await openThree();
    const { gone, here } = await startAll(world);
    world.away.goes('silent');
    const [silent = expect.fail()] = gone;
    const waiting = commitOne(world.store, factsOf(silent, [completed('x')]));
    for (const held of here.slice(0, 5)) await commitOne(world.store, factsOf(held, [completed('x')]));
    expect((await world.store.getRun('default', here[0]?.run.runId ?? ''))?.lastSeq).toBe(2);
    world.away.returns();
    expect((await waiting).lastSeq).toBe(2);
    expect((await world.store.readEvents(refOf(silent.run.runId), 0, 10)).length).toBe(2);
  });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => nodePlatform().nextTurn(resolve));
}
