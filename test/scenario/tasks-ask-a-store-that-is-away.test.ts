/** The store is away as a task is judged: a step that may fire once alone is not ended by that. */
import { defineKind, pawl, workflow } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { pawlError } from '../../packages/pawl/src/errors/index.ts';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import {
  closeEngine,
  newDatabase,
  type OpenedEngine,
  openEngine,
  openMortal,
  START,
} from './support/opened-engine.ts';
import { openStore } from './support/store-under-test.ts';

const DRIVER = { worker: { queues: [] } } as const;
const WORKER = { worker: { queues: ['gpu'] }, seed: 2 } as const;

const render = { name: 'render', queue: 'gpu' } as const;
const echo = defineKind({ ...render, execute: async (input: unknown) => ({ output: input }) });
const hung = defineKind({ ...render, execute: () => new Promise<{ output: unknown }>(() => undefined) });
const once = workflow({ name: 'flow' }, (ctx) =>
  ctx.operation('x', 'render', { n: 1 }, { atMostOnce: true }),
);

async function pass(ms: number, ...engines: readonly OpenedEngine[]): Promise<void> {
  for (let spent = 0; spent < ms; spent += 50) for (const { platform } of engines) await platform.advance(50);
}

/** The store with some of its methods made otherwise. */
function instead(inner: Store, methods: Partial<Store>): Store {
  return new Proxy(inner, {
    get: (target, name) => {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name) as unknown;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

describe('an at-most-once step', () => {
  test('whose worker died in it stays unknown where the store is away in that moment', async () => {
    const path = newDatabase();
    const platform = fakePlatform({ seed: 9, startMs: START });
    const inner = await openStore(platform, path);
    let fails = 0;
    let hasLost = false;
    const claimTasks: Store['claimTasks'] = async (request) => {
      const tasks = await inner.claimTasks(request);
      hasLost ||= tasks.some(({ hasBegun }) => hasBegun);
      return tasks;
    };
    const isProvablyDead: Store['isProvablyDead'] = async (holder) => {
      if (!hasLost || fails++ > 0) return await inner.isProvablyDead(holder);
      throw pawlError('STORE_UNAVAILABLE', { problem: 'a failover' });
    };
    const store = instead(inner, { claimTasks, isProvablyDead });
    const engine = await pawl.open({ ...DRIVER, store, platform, workflows: [once], kinds: [echo] });
    const driver = { engine, platform };
    const victim = await openMortal([], { ...WORKER, store: path, kinds: [hung] });
    await engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver, victim);
    await victim.kill();
    await pass(45_000, driver);
    expect([fails > 0, (await engine.runs.get('run')).parked?.reason]).toEqual([true, 'unknown_effect']);
    await closeEngine(driver);
  });

  test('that is about to fire waits until the store says whose it is', async () => {
    const path = newDatabase();
    const platform = fakePlatform({ seed: 9, startMs: START });
    const inner = await openStore(platform, path);
    const away = (): never => {
      throw pawlError('STORE_UNAVAILABLE', { problem: 'a failover' });
    };
    let isAway = false;
    let fails = 0;
    const beat: Store['beat'] = async (...args) => (isAway ? away() : await inner.beat(...args));
    const commit: Store['commit'] = async (batches) => {
      isAway = false;
      fails = 1;
      return await inner.commit(batches);
    };
    const heldTasks: Store['heldTasks'] = async (holder) =>
      fails-- > 0 ? away() : await inner.heldTasks(holder);
    const store = instead(inner, { beat, commit, heldTasks });
    const engine = await pawl.open({ store, platform, worker: { queues: ['gpu'] }, kinds: [echo] });
    const worker = { engine, platform };
    isAway = true;
    await pass(25_000, worker);
    const driver = await openEngine([once], { ...DRIVER, store: path, kinds: [echo], laterMs: 25_000 });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(3_000, driver, worker);
    expect([fails < 1, (await driver.engine.runs.get('run')).status]).toEqual([true, 'completed']);
    await closeEngine(worker);
  });
});
