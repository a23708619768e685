/** Graphs call functions and graphs, and functions call graphs: a family starts, waits, fails and is cancelled as one. */
import { type AnyWorkflow, type Engine, type FunctionTools, workflow } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import { openBetween } from './support/between-store.ts';
import { abortOf, newGate } from './support/gate.ts';
import { graphOf, played } from './support/graph-world.ts';
import { closeEngine, newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, storyOf } from './support/run-log.ts';

const ada = { by: 'ada' };

/** A child as a function and as a graph: asks, then works, and gives what it was given. */
const asFunction = workflow({ name: 'kid' }, async (ctx, input: { n: number }) => {
  await ctx.approval('gate', { message: 'Go?' });
  return await ctx.step('work', () => input.n * 2);
});
const asGraph = graphOf(
  `input: { type: object, required: [n] }
steps:
  gate: { kind: approval, with: { message: Go? } }
  work: { kind: function, with: { function: double, input: "{{ input.n }}" }, save: { n: output } }
edges: [{ from: gate, to: work }, { from: gate, to: end, on: expired }]
output: state.n
`,
  { name: 'kid' },
);
const parentGraph = graphOf(`steps:
  call: { kind: workflow, with: { workflow: kid, input: { n: 4 } }, save: { n: output } }
  after: { kind: function, with: { function: double, input: "{{ state.n }}" }, save: { twice: output } }
edges: [call -> after]
output: state.twice
`);
const parentFunction = workflow({ name: 'w' }, async (ctx) => {
  const n = (await ctx.workflow('kid', { n: 4 }, { name: 'call' })) as number;
  return await ctx.step('after', () => n * 2);
});

async function kidsOf(engine: Engine): Promise<readonly string[]> {
  return (await engine.runs.list({ workflow: 'kid' })).map(({ runId }) => runId);
}

describe.each<[string, AnyWorkflow, AnyWorkflow]>([
  ['a graph that calls a function', parentGraph, asFunction],
  ['a graph that calls a graph', parentGraph, asGraph],
  ['a function that calls a graph', parentFunction, asGraph],
])('%s', (_what, parent, child) => {
  const doubled: number[] = [];
  const functions = { double: (n: number) => (doubled.push(n), n * 2) };

  test('waits with it for people, in whatever process, and starts it once', async () => {
    const store = newDatabase();
    const first = await openMortal([parent, child], { store, functions });
    await first.engine.start('w', {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.kill();
    const { engine, platform } = await openEngine([parent, child], {
      store,
      functions,
      seed: 2,
      laterMs: 5_000,
    });
    await platform.advance(5_000);
    const [kid = '', ...more] = await kidsOf(engine);
    expect(more).toEqual([]);
    expect(await engine.runs.get(kid)).toMatchObject({ status: 'waiting', parentRunId: 'run' });
    await engine.approve(kid, 'gate', ada);
    await platform.advance(5_000);
    expect(await engine.handle('run').result()).toBe(16);
    expect(await codeOf(() => engine.cancel(kid))).toBe('RUN_TERMINAL');
  });

  test('fails by its failure, and tells what that came of', async () => {
    const opened = await openEngine([parent, child], { functions });
    await opened.engine.start('w', {}, { id: 'run' });
    await opened.platform.advance(1_000);
    const [kid = ''] = await kidsOf(opened.engine);
    await opened.engine.reject(kid, 'gate', ada);
    await opened.platform.advance(1_000);
    const { status, failure } = await opened.engine.runs.get('run');
    expect(status).toBe('failed');
    const { failure: own } = await opened.engine.runs.get(kid);
    expect(failure?.cause).toMatchObject({ code: own?.code, message: own?.message });
  });

  test('cancels it, and ends after it', async () => {
    const opened = await openEngine([parent, child], { functions });
    await opened.engine.start('w', {}, { id: 'run' });
    await opened.platform.advance(1_000);
    await opened.engine.cancel('run', { reason: 'enough' });
    await opened.platform.advance(1_000);
    const [kid = ''] = await kidsOf(opened.engine);
    expect((await opened.engine.runs.get(kid)).status).toBe('cancelled');
    expect((await opened.engine.runs.get('run')).status).toBe('cancelled');
    expect(await storyOf(opened.engine, 'run')).toContain('child.ended call');
  });
});

describe('a graph that is cancelled', () => {
  test('says which child it ends after, as long as nobody ends that', async () => {
    const store = newDatabase();
    const parent = graphOf(`steps: { call: { kind: workflow, with: { workflow: kid } } }\n`);
    const kid = workflow({ name: 'kid' }, async (ctx) => {
      await ctx.step('work', async ({ signal }) => await abortOf(signal));
    });
    const first = await openMortal([parent, kid], { store });
    await first.engine.start('w', {}, { id: 'run' });
    await first.platform.advance(1_000);
    const [kidId = ''] = await kidsOf(first.engine);
    expect((await first.engine.why('run')).reasons).toEqual([
      { text: `It waits for its child run ${kidId} (kid).`, command: `pawl why ${kidId}` },
    ]);
    await first.kill();
    const { engine, platform } = await openEngine([parent], { store, seed: 2, laterMs: 5_000 });
    await engine.cancel('run');
    await platform.advance(5_000);
    expect((await engine.why('run')).reasons).toEqual([
      { text: 'It is being cancelled.' },
      {
        text: `It ends after its child run ${kidId} (kid), which is being cancelled.`,
        command: `pawl why ${kidId}`,
      },
    ]);
    expect((await engine.why(kidId)).reasons.at(-1)?.text).toContain('no live worker serves kid');
  });
});

describe('a child of a graph', () => {
  test('that somebody cancels has an outcome of its own, which an edge may name', async () => {
    const { engine, platform } = await played(
      `steps:
  call: { kind: workflow, with: { workflow: kid, input: { n: 1 } } }
  else: { kind: join }
edges: [{ from: call, to: end }, { from: call, to: else, on: cancelled }]
output: "{ 'call': steps.call.outcome, 'else': steps['else'].status }"
`,
      { also: [asFunction] },
    );
    const [runId = ''] = await kidsOf(engine);
    await engine.cancel(runId);
    await platform.advance(1_000);
    expect(await engine.handle('run').result()).toEqual({ call: 'cancelled', else: 'completed' });
  });

  test.each([
    ['of a workflow that nobody knows', 'nobody, input: 1', 'WORKFLOW_UNKNOWN'],
    ['of a version that nobody has', 'kid, version: "9", input: 1', 'WORKFLOW_UNKNOWN'],
    ['of a name that is no text', '"{{ input.n }}", input: 1', 'WITH_INVALID'],
    ['with an input that does not fit', 'kid, input: { m: 1 }', 'RUN_INPUT_INVALID'],
  ])('%s fails its step, and nothing else', async (_what, call, code) => {
    const { engine, platform } = await played(
      `steps:
  call: { kind: workflow, with: { workflow: ${call} } }
  note: { kind: function, with: { function: note, input: "{{ steps.call.failure.code }}" }, save: { code: output } }
edges: [{ from: call, to: end, on: [ok, cancelled] }, { from: call, to: note, on: failed }]
`,
      { also: [asGraph], input: { n: 1 }, functions: { note: (code: string) => code, double: () => 1 } },
    );
    await platform.advance(1_000);
    expect(await engine.handle('run').result()).toEqual({ code });
  });

  test('is at most eight levels deep', async () => {
    const { engine, platform } = await played(`steps:
  again: { kind: workflow, with: { workflow: w } }
edges: [{ from: again, to: end, on: "*" }]
output: "{ 'code': steps.again.failure == null ? '' : steps.again.failure.code }"
`);
    await platform.advance(5_000);
    const runs = await engine.runs.list({ workflow: 'w' });
    expect(runs).toHaveLength(9);
    const views = await Promise.all(runs.map(({ runId }) => engine.runs.get(runId)));
    expect(views.filter(({ steps }) => steps[0]?.failure?.code === 'CHILD_TOO_DEEP')).toHaveLength(1);
  });

  test('is paid for by its parent, and its step says what it used', async () => {
    const spend = (_input: null, { report }: FunctionTools): void => report({ inputTokens: 7 });
    const kid = graphOf('steps: { a: { kind: function, with: { function: spend } } }\n', { name: 'kid' });
    const { engine, platform } = await played(
      `steps:
  call: { kind: workflow, with: { workflow: kid } }
  own: { kind: function, with: { function: spend } }
edges: [call -> own]
output: steps.call.usage.inputTokens
`,
      { also: [kid], functions: { spend } },
    );
    await platform.advance(1_000);
    expect(await engine.runs.get('run')).toMatchObject({ output: 7, usage: { inputTokens: 14 } });
  });

  test('is cancelled, down to what executes, where another branch fails its parent, and ends before it', async () => {
    const aborted: string[] = [];
    const wait = (_input: null, { signal, path }: FunctionTools): Promise<unknown> =>
      abortOf(signal).then(() => aborted.push(path));
    const inner = graphOf('steps: { deep: { kind: function, with: { function: wait } } }\n', {
      name: 'inner',
    });
    const kid = graphOf('steps: { call: { kind: workflow, with: { workflow: inner } } }\n', { name: 'kid' });
    const { engine, platform } = await played(
      `steps:
  call: { kind: workflow, with: { workflow: kid } }
  nap: { kind: sleep, with: { for: 10s } }
  bad: { kind: function, with: { function: bad }, retry: none }
edges: [nap -> bad]
`,
      { also: [kid, inner], functions: { wait, bad: () => Promise.reject(new Error('no')) } },
    );
    await platform.advance(30_000);
    const runs = await engine.runs.list({});
    expect(Object.fromEntries(runs.map(({ workflow: name, status }) => [name, status]))).toEqual({
      w: 'failed',
      kid: 'cancelled',
      inner: 'cancelled',
    });
    expect(aborted).toEqual(['deep']);
    expect((await storyOf(engine, 'run')).slice(-2)).toEqual(['child.ended call', 'run.failed']);
  });

  test('that cleans up after its parent was cancelled runs to its end', async () => {
    const cleaned: string[] = [];
    const kid = graphOf('steps: { sweep: { kind: function, with: { function: sweep } } }\n', { name: 'kid' });
    const { engine, platform } = await played(
      `steps:
  wait: { kind: signal, with: { name: go } }
  clean: { kind: workflow, with: { workflow: kid }, finalize: always }
edges: [{ from: wait, to: end, on: "*" }]
`,
      { also: [kid], functions: { sweep: () => cleaned.push('swept') } },
    );
    await engine.cancel('run');
    await platform.advance(5_000);
    expect((await engine.runs.get('run')).status).toBe('cancelled');
    expect(cleaned).toEqual(['swept']);
  });

  test('that another process serves is driven there, and cancelled there', async () => {
    const store = newDatabase();
    const functions = { double: (n: number) => n * 2 };
    const here = await openEngine([parentGraph], { store, functions });
    const there = await openEngine([asGraph], { store, functions, seed: 2 });
    await here.engine.start(parentGraph, {}, { id: 'run' });
    await here.platform.advance(1_000);
    await there.platform.advance(6_000);
    const [runId = ''] = await kidsOf(here.engine);
    expect(await here.engine.runs.get(runId)).toMatchObject({ status: 'waiting' });
    await here.engine.cancel('run');
    for (let round = 0; round < 5; round++) {
      await here.platform.advance(2_000);
      await there.platform.advance(2_000);
    }
    expect((await here.engine.runs.get(runId)).status).toBe('cancelled');
    expect((await here.engine.runs.get('run')).status).toBe('cancelled');
    await closeEngine(there);
  });

  const calling = graphOf(`steps:
  nap: { kind: sleep, with: { for: 10s } }
  call: { kind: workflow, with: { workflow: kid, input: { n: 1 } } }
edges: [nap -> call]
`);

  /** A store that knows the workflow `kid`, which nobody serves. */
  async function unserved(): Promise<string> {
    const store = newDatabase();
    await closeEngine(await openEngine([asFunction], { store, seed: 2 }));
    return store;
  }

  test.each([0, 13, 15, 17, 30])(
    'that nobody serves is ended with its parent, cancelled %d turns after it was to call it',
    async (turns) => {
      const { engine, platform } = await openEngine([calling], { store: await unserved(), seed: 3 });
      await engine.start(calling, {}, { id: 'run' });
      await platform.advance(9_999);
      const slept = platform.advance(1);
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      await engine.cancel('run');
      await slept;
      await platform.advance(10_000);
      expect((await engine.runs.get('run')).status).toBe('cancelled');
      const kids = await engine.runs.list({ workflow: 'kid' });
      expect(kids.filter(({ status }) => status !== 'cancelled')).toEqual([]);
    },
  );

  test('that is still being looked up when its run is cancelled is never started', async () => {
    const url = await unserved();
    const { store } = await openBetween(fakePlatform({ seed: 3 }), {}, url);
    const asked = newGate();
    const gate = newGate();
    let isOpen = false; // the engine looks for it too, when the graph that calls it is registered
    const getWorkflow: Store['getWorkflow'] = async (name, version) => {
      if (isOpen) asked.open();
      if (isOpen && name === 'kid') await gate.opened;
      return await store.getWorkflow(name, version);
    };
    const slow = new Proxy(store, {
      get: (target, name): unknown =>
        name === 'getWorkflow' ? getWorkflow : Reflect.get(target, name, target),
    });
    const { engine, platform } = await openEngine([calling], { store: slow, seed: 3 });
    isOpen = true;
    await engine.start(calling, {}, { id: 'run' });
    await platform.advance(10_000);
    await asked.opened;
    await engine.cancel('run');
    await platform.advance(1_000);
    gate.open();
    await platform.advance(10_000);
    expect((await engine.runs.get('run')).status).toBe('cancelled');
    expect(await engine.runs.list({ workflow: 'kid' })).toEqual([]);
    expect(await storyOf(engine, 'run')).not.toContain('wait.cancelled call');
  });
});
