/** Graphs on the same engine, worker and journal as functions: what is recorded, what runs, how a run ends. */
import { parseGraph, type StoredEvent, workflow } from 'pawl';
import { describe, expect, test } from 'vitest';
import { closeEngine, newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { eventsOf } from './support/run-log.ts';

const HEAD = 'pawl: 1\nworkflow: w\nversion: "1"\n';

/** Calls of named functions, in order. */
function recorder(...failing: string[]) {
  const calls: string[] = [];
  const call = (input: { as: string; value?: unknown }): unknown => {
    calls.push(input.as);
    if (failing.includes(input.as)) throw new Error(`${input.as} breaks`);
    return input.value ?? input.as;
  };
  return { calls, functions: { call } };
}

const types = (events: readonly StoredEvent[]): string[] =>
  events.map(({ type, path }) => (path === undefined ? type : `${type} ${path}`));

describe('a graph', () => {
  test('runs its steps in order, keeps what they save, and gives the final state', async () => {
    const { calls, functions } = recorder();
    const graph = parseGraph(`${HEAD}
input: { type: object, required: [n], properties: { n: { type: number }, by: { type: number, default: 10 } } }
steps:
  first: { kind: function, with: { function: call, input: { as: first, value: "{{ input.n * input.by }}" } }, save: { a: output } }
  choose: { kind: condition, with: { branches: [{ name: big, when: state.a > 50.0 }], default: small } }
  big: { kind: function, with: { function: call, input: { as: big, value: 1 } }, save: { b: output } }
  small: { kind: function, with: { function: call, input: { as: small } } }
edges: [first -> choose, { from: choose, to: big, on: big }, { from: choose, to: small, on: small }]
`);
    const { engine, platform } = await openEngine([graph], { functions });
    const run = await engine.start(graph, { n: 7 });
    await platform.advance(100);
    expect(await run.result()).toEqual({ a: 70, b: 1 });
    expect(calls).toEqual(['first', 'big']);
    expect(types(await eventsOf(engine, run.id))).toEqual([
      'run.created',
      'run.started',
      'step.completed first',
      'step.completed choose',
      'step.completed big',
      'run.completed',
    ]);
  });

  test('waits for people, and goes on in another process', async () => {
    const { calls, functions } = recorder();
    const graph = parseGraph(`${HEAD}
steps:
  before: { kind: function, with: { function: call, input: { as: before } } }
  gate: { kind: approval, with: { message: "Ship {{ run.id }}?" }, save: { by: output.by } }
  pause: { kind: sleep, with: { for: 1h } }
  after: { kind: function, with: { function: call, input: { as: after } } }
edges: [before -> gate, { from: gate, to: pause, on: approved }, { from: gate, to: end, on: [rejected, expired] }, pause -> after]
`);
    const store = newDatabase();
    const first = await openMortal([graph], { store, functions });
    await first.engine.start(graph, {}, { id: 'run-1' });
    await first.platform.advance(100);
    expect(await first.engine.waits()).toMatchObject([{ path: 'gate', message: 'Ship run-1?' }]);
    await first.kill();
    const second = await openEngine([graph], { store, functions, seed: 2, laterMs: 60_000 });
    await second.platform.advance(1_000);
    await second.engine.approve('run-1', 'gate', { by: 'Ada' });
    await second.platform.advance(1_000);
    expect(calls).toEqual(['before']);
    await second.platform.advance(3_600_000);
    expect(await second.engine.handle('run-1').result()).toEqual({ by: 'Ada' });
    expect(calls).toEqual(['before', 'after']);
  });

  test('tries a failed step again, and fails with it where no edge names that', async () => {
    const { calls, functions } = recorder('b');
    const graph = parseGraph(`${HEAD}
steps:
  a: { kind: function, with: { function: call, input: { as: a } } }
  b: { kind: function, with: { function: call, input: { as: b } }, retry: { attempts: 3, initial: 1s } }
  c: { kind: function, with: { function: call, input: { as: c } } }
  clean: { kind: function, with: { function: call, input: { as: clean } }, finalize: always }
edges: [a -> b, b -> c]
`);
    const { engine, platform } = await openEngine([graph], { functions });
    const run = await engine.start(graph, {});
    await platform.advance(60_000);
    await expect(run.result()).rejects.toMatchObject({ code: 'RUN_FAILED' });
    expect(calls).toEqual(['a', 'b', 'b', 'b', 'clean']);
    expect(await engine.runs.get(run.id)).toMatchObject({
      status: 'failed',
      failure: { code: 'OUTCOME_UNHANDLED', path: 'b', cause: { message: 'b breaks' } },
    });
  });
});

describe('a map', () => {
  const graph = parseGraph(`${HEAD}
input: { type: object, properties: { list: { type: array } } }
steps:
  each:
    kind: map
    with:
      items: "{{ input.list }}"
      concurrency: 2
      step: { kind: function, with: { function: call, input: { as: "{{ item }}", value: "{{ index }}" } }, retry: none }
    save: { each: output }
  sum: { kind: reduce, with: { items: "{{ state.each }}", strategy: expression, expression: "items.size()" }, save: { n: output } }
edges: [each -> sum]
`);

  test('runs one recorded step an item, and gives what they gave in order', async () => {
    const { calls, functions } = recorder();
    const { engine, platform } = await openEngine([graph], { functions });
    const run = await engine.start(graph, { list: ['x', 'y', 'z'] });
    await platform.advance(100);
    expect(await run.result()).toEqual({ each: [0, 1, 2], n: 3 });
    expect(calls).toEqual(['x', 'y', 'z']);
    expect(types(await eventsOf(engine, run.id))).toEqual([
      'run.created',
      'run.started',
      'marker.recorded each',
      'step.completed each/item:0/step',
      'step.completed each/item:1/step',
      'step.completed each/item:2/step',
      'step.completed sum',
      'run.completed',
    ]);
  });

  test('H6: goes on with the items that are left, where its process died', async () => {
    const store = newDatabase();
    const calls: string[] = [];
    let hang: () => void = () => undefined;
    const hung = new Promise<void>((resolve) => {
      hang = resolve;
    });
    const call = ({ as }: { as: string }): unknown => {
      calls.push(as);
      if (as !== 'y') return as;
      hang();
      return new Promise(() => undefined);
    };
    const first = await openMortal([graph], { store, functions: { call } });
    await first.engine.start(graph, { list: ['x', 'y', 'z'] }, { id: 'run-1' });
    await first.platform.advance(1_000);
    await hung;
    await first.kill();
    const { calls: later, functions } = recorder();
    const second = await openEngine([graph], { store, functions, seed: 2, laterMs: 60_000 });
    await second.platform.advance(60_000);
    expect(await second.engine.runs.get('run-1')).toMatchObject({ status: 'completed' });
    expect([calls, later]).toEqual([['x', 'y', 'z'], ['y']]);
  });
});

describe('a cancel of a graph', () => {
  const graph = parseGraph(`${HEAD}
steps:
  gate: { kind: signal, with: { name: go } }
  after: { kind: function, with: { function: call, input: { as: after } } }
  clean: { kind: function, with: { function: call, input: { as: clean } }, finalize: always }
  celebrate: { kind: function, with: { function: call, input: { as: celebrate } }, finalize: success }
edges: [{ from: gate, to: after, on: received }, { from: gate, to: end, on: expired }]
`);

  test('closes what is open, cleans up, and ends as cancelled', async () => {
    const { calls, functions } = recorder();
    const { engine, platform } = await openEngine([graph], { functions });
    const run = await engine.start(graph, {});
    await platform.advance(1_000);
    await engine.cancel(run.id, { reason: 'enough' });
    await platform.advance(10_000);
    expect(await engine.runs.get(run.id)).toMatchObject({ status: 'cancelled' });
    expect(calls).toEqual(['clean']);
    expect(types(await eventsOf(engine, run.id)).slice(-5)).toEqual([
      'run.cancel_requested',
      'marker.recorded :cancel',
      'wait.cancelled gate',
      'step.completed clean',
      'run.cancelled',
    ]);
  });

  test('cleans up once, although its process dies in between', async () => {
    let died: () => void = () => undefined;
    const calls: string[] = [];
    const inside = new Promise<void>((resolve) => {
      died = resolve;
    });
    const store = newDatabase();
    const hang = { call: ({ as }: { as: string }) => (calls.push(as), died(), new Promise(() => undefined)) };
    const first = await openMortal([graph], { store, functions: hang });
    await first.engine.start(graph, {}, { id: 'run-1' });
    await first.platform.advance(1_000);
    await first.engine.cancel('run-1');
    await first.platform.advance(1_000);
    await inside;
    await first.kill();
    const { calls: later, functions } = recorder();
    const second = await openEngine([graph], { store, functions, seed: 2, laterMs: 60_000 });
    await second.platform.advance(60_000);
    expect(await second.engine.runs.get('run-1')).toMatchObject({ status: 'cancelled' });
    expect([calls, later]).toEqual([['clean'], ['clean']]);
    const markers = (await eventsOf(second.engine, 'run-1')).filter(({ type }) => type === 'marker.recorded');
    expect(markers).toHaveLength(1);
    await closeEngine(second);
  });
});

describe('a graph past its limits', () => {
  test('fails at its deadline, and cleans up after that', async () => {
    const { calls, functions } = recorder();
    const graph = parseGraph(`${HEAD}deadline: 1h
steps:
  gate: { kind: signal, with: { name: go } }
  clean: { kind: function, with: { function: call, input: { as: clean } }, finalize: failure }
edges: [{ from: gate, to: end, on: "*" }]
`);
    const { engine, platform } = await openEngine([graph], { functions });
    const run = await engine.start(graph, {});
    await platform.advance(3_700_000);
    expect(await engine.runs.get(run.id)).toMatchObject({
      status: 'failed',
      failure: { code: 'RUN_DEADLINE' },
    });
    expect(calls).toEqual(['clean']);
  });

  test('parks at its limit of steps, and goes on when somebody raises it', async () => {
    const { calls, functions } = recorder();
    const graph = parseGraph(`${HEAD}limits: { maxSteps: 3 }
steps:
  a: { kind: function, with: { function: call, input: { as: a } } }
  b: { kind: function, with: { function: call, input: { as: b } } }
  done: { kind: join }
edges: [a -> b, { from: b, to: a, loop: { max: 4 } }, { from: b, to: done, on: exhausted }]
`);
    const { engine, platform } = await openEngine([graph], { functions });
    const run = await engine.start(graph, {});
    await platform.advance(1_000);
    expect(await engine.runs.get(run.id)).toMatchObject({
      status: 'parked',
      parked: { reason: 'step_limit' },
    });
    expect(calls).toEqual(['a', 'b', 'a']);
    await engine.resume(run.id, { maxSteps: 20 });
    await platform.advance(1_000);
    expect(await engine.runs.get(run.id)).toMatchObject({ status: 'completed' });
    expect(calls).toHaveLength(8);
  });
});

describe('graphs and functions', () => {
  test('call each other, and what one gives is what the other gets', async () => {
    const { functions } = recorder();
    const inner = workflow({ name: 'inner' }, async (ctx, n: number) => {
      return await ctx.step('double', () => n * 2);
    });
    const graph = parseGraph(`${HEAD}
steps:
  child: { kind: workflow, with: { workflow: inner, input: "{{ input.n }}" }, save: { n: output } }
edges: []
output: state.n + 1
`);
    const outer = workflow({ name: 'outer' }, async (ctx, n: number) => await ctx.workflow(graph, { n }));
    const { engine, platform } = await openEngine([graph, inner, outer], { functions });
    const run = await engine.start(outer, 4);
    await platform.advance(1_000);
    expect(await run.result()).toBe(9);
  });
});
