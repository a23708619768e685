/** A step that finds no slot where its run is driven goes to whoever has one; where nobody else is, it waits in line. */
import { defineKind, parseGraph, secret, type StepContext, workflow } from 'pawl';
import { describe, expect, test } from 'vitest';
import { newGate } from './support/gate.ts';
import { newDatabase, type OpenedEngine, openEngine } from './support/opened-engine.ts';
import { eventsOfType } from './support/run-log.ts';

async function pass(ms: number, ...engines: readonly OpenedEngine[]): Promise<void> {
  for (let spent = 0; spent < ms; spent += 50) for (const { platform } of engines) await platform.advance(50);
}

const ITEMS = [0, 1, 2, 3];

/** Each item is held until the gate opens, and tells who executed it. */
function held(gate: { readonly opened: Promise<unknown> }) {
  const kind = defineKind({
    name: 'render',
    execute: async (_input: unknown, { workerId }: StepContext) => {
      await gate.opened;
      return { output: workerId };
    },
  });
  const one = workflow({ name: 'flow' }, (ctx) =>
    ctx.map('all', ITEMS, (item, c) => c.operation<string>('x', 'render', item)),
  );
  return { one, kinds: [kind] };
}

const ONE_SLOT = { slots: 1 };

describe('a step that finds no slot', () => {
  test('waits in line where no other worker serves its queue', async () => {
    const gate = newGate();
    const { one, kinds } = held(gate);
    const store = newDatabase();
    const other = await openEngine([], { store, kinds, seed: 2, worker: { queues: ['gpu'] } });
    const driver = await openEngine([one], { store, kinds, worker: ONE_SLOT });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(500, driver, other);
    expect(await eventsOfType(driver.engine, 'run', 'step.scheduled')).toEqual([]);
    gate.open(undefined);
    await pass(500, driver, other);
    expect((await driver.engine.runs.get('run')).output).toEqual(ITEMS.map(() => driver.engine.id));
  });

  test('goes out where another worker serves its queue, and whoever has a slot first executes it', async () => {
    const gate = newGate();
    const { one, kinds } = held(gate);
    const store = newDatabase();
    const other = await openEngine([], { store, kinds, seed: 2, worker: { queues: ['general'], slots: 2 } });
    const driver = await openEngine([one], { store, kinds, worker: ONE_SLOT });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(500, driver, other);
    expect(await eventsOfType(driver.engine, 'run', 'step.scheduled')).toHaveLength(3);
    gate.open(undefined);
    await pass(1_000, driver, other);
    const { output } = await driver.engine.runs.get('run');
    const by = (id: string) => (output as string[]).filter((one) => one === id).length;
    expect(by(driver.engine.id) + by(other.engine.id)).toBe(4);
    expect(by(other.engine.id)).toBeGreaterThanOrEqual(2);
  });

  test('stays where its input holds the value of a secret, and where it is a function in the code', async () => {
    const gate = newGate();
    const kind = defineKind({
      name: 'render',
      execute: async (_input: unknown, context: StepContext) => {
        context.secret('KEY');
        await gate.opened;
        return { output: context.workerId };
      },
    });
    const one = workflow({ name: 'flow' }, async (ctx) => {
      await ctx.operation('first', 'render', secret('KEY'));
      return await Promise.all([
        ctx.operation('a', 'render', 'hunter2-hunter2'),
        ctx.operation('b', 'render', 'hunter2-hunter2'),
        ctx.step('c', () => gate.opened.then(() => 'c')),
      ]);
    });
    const store = newDatabase();
    const secrets = (): string => 'hunter2-hunter2';
    const other = await openEngine([], {
      store,
      kinds: [kind],
      secrets,
      seed: 2,
      worker: { queues: ['general'] },
    });
    const driver = await openEngine([one], { store, kinds: [kind], secrets, worker: ONE_SLOT });
    await driver.engine.start('flow', null, { id: 'run' });
    gate.open(undefined);
    await pass(1_000, driver, other);
    const { id } = driver.engine;
    expect((await driver.engine.runs.get('run')).output).toEqual([id, id, 'c']);
    expect(await eventsOfType(driver.engine, 'run', 'step.scheduled')).toEqual([]);
  });
});

test('a step that calls a function goes to a worker that has this function', async () => {
  const document = `
pawl: 1
workflow: flow
version: "1"
steps:
  a: { kind: function, with: { function: left }, queue: gpu }
  b: { kind: function, with: { function: right }, queue: gpu }
  c: { kind: function, with: { function: nobody }, queue: gpu }
`;
  const store = newDatabase();
  const gpu = { store, worker: { queues: ['gpu'] } };
  const left = await openEngine([], { ...gpu, seed: 2, functions: { left: () => 'l' } });
  const right = await openEngine([], { ...gpu, seed: 3, functions: { right: () => 'r' } });
  const driver = await openEngine([parseGraph(document)], { store, worker: { queues: ['general'] } });
  await driver.engine.start('flow', null, { id: 'run' });
  await pass(1_000, driver, left, right);
  const { steps } = await driver.engine.runs.get('run');
  expect(steps.map(({ path, status }) => [path, status])).toEqual([
    ['a', 'completed'],
    ['b', 'completed'],
    ['c', 'pending'],
  ]);
  const { reasons } = await driver.engine.why('run');
  expect(reasons[0]?.text).toContain('serves queue "gpu" and has "function:nobody"');
});
