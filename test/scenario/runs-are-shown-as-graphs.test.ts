/** Every run is shown as a graph, from its log alone: its steps, and the ends that each of them followed. */
import {
  parseGraph,
  type RunGraph,
  TerminalError,
  type Workflow,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { describe, expect, test } from 'vitest';
import { closeEngine, newDatabase, openEngine, openMortal } from './support/opened-engine.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

/** `a -> b`, with the label where there is one; `?` where no path went along it. */
function arrows({ edges }: RunGraph): readonly string[] {
  return edges.map(({ from, to, label, isTaken }) => {
    const on = label === undefined ? '' : ` (${label})`;
    return `${from}${on} ${isTaken === false ? '?' : ''}-> ${to}`;
  });
}

/** The graph of a run of this function, once nothing moves any more. */
async function graphOf(run: Run): Promise<RunGraph> {
  const { engine, platform } = await openEngine([flow(run)]);
  const { id } = await engine.start('flow', null);
  await platform.advance(60_000);
  return await engine.runs.graph(id);
}

describe('the run of a function', () => {
  test('is its steps, each behind the one that it waited for', async () => {
    const graph = await graphOf(async (ctx) => {
      await ctx.step('a', () => 1);
      await ctx.sleep('nap', '1s');
      return await ctx.step('b', () => 2, { label: 'The second' });
    });
    expect(arrows(graph)).toEqual(['a -> nap', 'nap (resolved) -> b']);
    expect(graph).toMatchObject({ workflow: 'flow', version: '1', status: 'completed', scopes: [] });
    expect(graph.nodes).toMatchObject([
      { path: 'a', name: 'a', kind: 'step', status: 'completed', outcome: 'ok', visit: 1, attempt: 1 },
      { path: 'nap', kind: 'sleep', status: 'completed', startedAt: expect.any(String) as string },
      { path: 'b', label: 'The second', durationMs: 0, endedAt: expect.any(String) as string },
    ]);
    expect(graph.nodes[0]).not.toHaveProperty('output');
  });

  test('forks and joins as the function does, and numbers the visits of a loop', async () => {
    const graph = await graphOf(async (ctx) => {
      await ctx.step('begin', () => 0);
      await Promise.all([ctx.step('left', () => 1), ctx.step('right', () => 2)]);
      for (let round = 0; round < 2; round++) await ctx.step('check', () => round);
    });
    expect(arrows(graph)).toEqual([
      'begin -> left',
      'begin -> right',
      'left -> check',
      'right -> check',
      'check -> check#2',
    ]);
    expect(graph.nodes.map(({ name, visit }) => [name, visit]).slice(-2)).toEqual([
      ['check', 1],
      ['check', 2],
    ]);
  });

  test('says how a step ended that others followed, and what is still open', async () => {
    const graph = await graphOf(async (ctx) => {
      const breaks = (): never => {
        throw new TerminalError('no');
      };
      await ctx.step('try', breaks).catch(() => undefined);
      await ctx.approval('ask', { message: 'Well?' });
    });
    expect(arrows(graph)).toEqual(['try (failed) -> ask']);
    expect(graph.nodes).toMatchObject([
      { path: 'try', status: 'failed', failure: { message: 'no' } },
      { path: 'ask', status: 'waiting', message: 'Well?' },
    ]);
    expect(graph.status).toBe('waiting');
  });

  test('nests what stands in scopes: branches and items', async () => {
    const graph = await graphOf(async (ctx) => {
      await ctx.parallel('both', {
        one: async (c) => await c.step('s', () => 1),
        two: async (c) => {
          await c.step('s', () => 1);
          await c.step('t', () => 2);
        },
      });
      await ctx.map('all', ['x', 'y'], async (item, c) => await c.step('do', () => item));
    });
    expect(graph.nodes.map(({ path, parent }) => [path, parent])).toEqual([
      ['both/one/s', 'both/one'],
      ['both/two/s', 'both/two'],
      ['both/two/t', 'both/two'],
      ['all/item:0/do', 'all/item:0'],
      ['all/item:1/do', 'all/item:1'],
    ]);
    expect(graph.scopes).toEqual([
      { path: 'both', name: 'both' },
      { path: 'both/one', name: 'one', parent: 'both' },
      { path: 'both/two', name: 'two', parent: 'both' },
      { path: 'all', name: 'all' },
      { path: 'all/item:0', name: 'item:0', parent: 'all' },
      { path: 'all/item:1', name: 'item:1', parent: 'all' },
    ]);
    expect(arrows(graph)).toEqual([
      'both/two/s -> both/two/t',
      'both/one/s -> all/item:0/do',
      'both/two/t -> all/item:0/do',
      'both/one/s -> all/item:1/do',
      'both/two/t -> all/item:1/do',
    ]);
  });

  test('leaves a scope as a whole, whatever ended early in it or beside it', async () => {
    const graph = await graphOf(async (ctx) => {
      const beside = async (): Promise<void> => {
        await ctx.sleep('x', '3s');
        await ctx.sleep('y', '10s');
      };
      const scopes = async (): Promise<void> => {
        await ctx.map(
          'items',
          [1, 2, 3, 4],
          async (item, c) => {
            await c.sleep('nap', item * 1_000);
            await c.parallel('inner', { only: async (d) => await d.step('do', () => item) });
          },
          { concurrency: 2 },
        );
        await ctx.step('gather', () => 'all of it');
      };
      await Promise.all([beside(), scopes()]);
    });
    const led = Map.groupBy(graph.edges, ({ to }) => to);
    const sourcesOf = (path: string): unknown =>
      led
        .get(path)
        ?.map(({ from }) => from)
        .toSorted();
    expect(sourcesOf('gather')).toEqual([0, 1, 2, 3].map((index) => `items/item:${index}/inner/only/do`));
    expect(sourcesOf('y')).toEqual(['x']);
    expect(sourcesOf('items/item:2/nap')).toEqual(['items/item:0/inner/only/do']); // whose place it took
    expect(sourcesOf('items/item:0/inner/only/do')).toEqual(['items/item:0/nap']);
  });

  test('draws no edge from a loser of a race', async () => {
    const graph = await graphOf(async (ctx) => {
      await ctx.race('first', {
        fast: async (c) => await c.step('run', () => 1),
        slow: async (c) => await c.sleep('wait', '1h'),
      });
      await ctx.step('then', () => 2);
      await ctx.step('last', () => 3);
    });
    expect(arrows(graph)).toEqual(['first/fast/run -> then', 'then -> last']);
    expect(graph.nodes.find(({ name }) => name === 'wait')).toMatchObject({ status: 'cancelled' });
  });

  test('leads to the runs of its children', async () => {
    const child = workflow({ name: 'child' }, async (ctx) => await ctx.step('inner', () => 1));
    const parent = flow(async (ctx) => {
      await ctx.step('before', () => 1);
      await ctx.workflow(child, {});
      await ctx.step('after', () => 1);
    });
    const { engine, platform } = await openEngine([parent, child]);
    const run = await engine.start('flow', null);
    await platform.advance(1_000);
    const graph = await engine.runs.graph(run.id);
    expect(arrows(graph)).toEqual(['before -> child', 'child -> after']);
    const { childRunId = '', kind } = graph.nodes[1] ?? {};
    expect(kind).toBe('workflow');
    expect((await engine.runs.graph(childRunId)).nodes).toMatchObject([{ path: 'inner' }]);
  });

  test('stays the same in another process, which has no workflow at all', async () => {
    const store = newDatabase();
    const run: Run = async (ctx) => {
      await Promise.all([ctx.step('a', () => 1), ctx.step('b', () => 2)]);
      await ctx.step('c', () => 3);
      await ctx.signal('go');
    };
    const first = await openMortal([flow(run)], { store });
    await first.engine.start('flow', null, { id: 'run-1' });
    await first.platform.advance(1_000);
    const before = await first.engine.runs.graph('run-1');
    await first.kill();
    const second = await openEngine([], { store, seed: 2, laterMs: 60_000 });
    expect(await second.engine.runs.graph('run-1')).toEqual(before);
    expect(arrows(before)).toEqual(['a -> c', 'b -> c', 'c -> go']);
    await closeEngine(second);
  });

  test('is refused by name where there is no such run', async () => {
    const { engine } = await openEngine([]);
    await expect(engine.runs.graph('nobody')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });
});

const HEAD = 'pawl: 1\nworkflow: w\nversion: "1"\n';

const REVIEW = parseGraph(`${HEAD}
state: { rounds: { type: number, merge: sum } }
steps:
  diff: { kind: join, save: { rounds: "1" } }
  notes: { kind: join }
  review: { kind: join }
  gate: { kind: approval, with: { message: Ship it? } }
  fix: { kind: join }
  ship: { kind: join }
  tell: { kind: join }
  give-up: { kind: join }
  tidy: { kind: join, finalize: always }
edges:
  - diff -> review
  - notes -> ship
  - { from: review, to: gate, when: state.rounds > 0 }
  - { from: review, to: ship, else: true }
  - { from: gate, to: ship, on: approved }
  - { from: gate, to: fix, on: [rejected, expired] }
  - { from: fix, to: diff, loop: { max: 3 } }
  - { from: fix, to: give-up, on: exhausted }
  - ship -> tell
`);

describe('the run of a graph', () => {
  async function reviewed() {
    const { engine, platform } = await openEngine([REVIEW]);
    const { id } = await engine.start(REVIEW, {});
    await platform.advance(1_000);
    return { engine, platform, id };
  }

  test('shows the steps that are still to come, and the edges to them', async () => {
    const { engine, id } = await reviewed();
    const graph = await engine.runs.graph(id);
    expect(graph.nodes.map(({ path, status, attempt }) => `${path} ${status} ${attempt}`)).toEqual([
      'diff completed 1',
      'notes completed 1',
      'review completed 1',
      'gate waiting 1',
      'fix pending 0',
      'ship pending 0',
      'tell pending 0',
      'give-up pending 0',
      'tidy pending 0',
    ]);
    expect(arrows(graph)).toEqual([
      'diff -> review',
      'review -> gate',
      'notes ?-> ship',
      'review ?-> ship',
      'gate (approved) ?-> ship',
      'gate (rejected, expired) ?-> fix',
      'fix (exhausted) ?-> give-up',
      'ship ?-> tell',
    ]);
  });

  test('shows each visit of a loop, and what led to it', async () => {
    const { engine, platform, id } = await reviewed();
    await engine.reject(id, 'gate', { by: 'ada' });
    await platform.advance(1_000);
    await engine.approve(id, 'gate#2', { by: 'ada' });
    await platform.advance(1_000);
    const graph = await engine.runs.graph(id);
    expect(arrows(graph)).toEqual([
      'diff -> review',
      'review -> gate',
      'gate (rejected) -> fix',
      'fix -> diff#2',
      'diff#2 -> review#2',
      'review#2 -> gate#2',
      'notes -> ship',
      'gate#2 (approved) -> ship',
      'ship -> tell',
      'tell -> tidy',
      'fix (exhausted) ?-> give-up',
    ]);
    expect(graph.nodes.at(-1)).toEqual({
      path: 'give-up',
      name: 'give-up',
      kind: 'join',
      status: 'skipped',
      attempt: 0,
    });
    expect(graph.nodes.find(({ path }) => path === 'review#2')).toMatchObject({ name: 'review', visit: 2 });
  });

  test('follows the exhausted edge of a loop at its limit', async () => {
    const { engine, platform, id } = await reviewed();
    for (const gate of ['gate', 'gate#2', 'gate#3']) {
      await engine.reject(id, gate, { by: 'ada' });
      await platform.advance(1_000);
    }
    const graph = await engine.runs.graph(id);
    expect(arrows(graph)).toContain('fix#3 (exhausted) -> give-up');
    expect(graph.status).toBe('completed');
  });

  test('follows no edge of the label that a loop at its limit had before', async () => {
    const graph = parseGraph(`${HEAD}
steps: { a: { kind: join }, b: { kind: join }, c: { kind: join } }
edges:
  - { from: a, to: a, loop: { max: 2 } }
  - { from: a, to: b, on: exhausted }
  - a -> c
  - b -> c
`);
    const { engine, platform } = await openEngine([graph]);
    const { id } = await engine.start(graph, {});
    await platform.advance(1_000);
    expect(arrows(await engine.runs.graph(id))).toEqual(['a -> a#2', 'a#2 (exhausted) -> b', 'b -> c']);
  });

  test('joins only what the graph joins, whatever else ended meanwhile', async () => {
    const joined = parseGraph(`${HEAD}
steps:
  slow: { kind: signal, with: { name: slow } }
  quick: { kind: signal, with: { name: quick } }
  side: { kind: join }
  both: { kind: join }
edges:
  - { from: quick, to: both, on: received }
  - { from: slow, to: side, on: received }
  - { from: slow, to: both, on: received }
  - { from: slow, to: end, on: expired }
  - { from: quick, to: end, on: expired }
`);
    const { engine, platform } = await openEngine([joined]);
    const { id } = await engine.start(joined, {});
    for (const name of ['quick', 'slow']) {
      await engine.signal(id, name);
      await platform.advance(1_000);
    }
    expect(arrows(await engine.runs.graph(id))).toEqual([
      'slow (received) -> side',
      'slow (received) -> both',
      'quick (received) -> both',
    ]);
  });

  test('takes a map as one end, and where the graph is not known, its items', async () => {
    const mapped = parseGraph(`${HEAD}
steps:
  list: { kind: join }
  each:
    kind: map
    with:
      items: "{{ [1, 2, 3] }}"
      concurrency: 2
      step: { kind: function, with: { function: same, input: "{{ item }}" } }
  last: { kind: join }
edges: [list -> each, each -> last]
`);
    const store = newDatabase();
    const same = (item: unknown): unknown => item;
    const first = await openMortal([mapped], { store, functions: { same } });
    await first.engine.start(mapped, {}, { id: 'run-1' });
    await first.platform.advance(1_000);
    const graph = await first.engine.runs.graph('run-1');
    expect(graph.nodes.map(({ path }) => path)).toEqual([
      'list',
      'each/item:0/step',
      'each/item:1/step',
      'each/item:2/step',
      'last',
    ]);
    expect(graph.scopes[0]).toEqual({ path: 'each', name: 'each' });
    expect(arrows(graph)).toEqual(['list -> each', 'each -> last']);
    await first.kill();
    const second = await openEngine([], { store, seed: 2, laterMs: 60_000 });
    expect(arrows(await second.engine.runs.graph('run-1'))).toEqual([
      'list -> each/item:0/step',
      'list -> each/item:1/step',
      'each/item:0/step -> each/item:2/step',
      'each/item:0/step -> last',
      'each/item:1/step -> last',
      'each/item:2/step -> last',
    ]);
    await closeEngine(second);
  });

  test('says early that a step cannot run any more', async () => {
    const graph = parseGraph(`${HEAD}
steps:
  choose: { kind: condition, with: { branches: [{ name: left, when: "true" }], default: right } }
  left: { kind: signal, with: { name: go } }
  right: { kind: join }
  behind: { kind: join }
edges:
  - { from: choose, to: left, on: left }
  - { from: choose, to: right, on: right }
  - right -> behind
  - { from: left, to: end, on: "*" }
`);
    const { engine, platform } = await openEngine([graph]);
    const { id } = await engine.start(graph, {});
    await platform.advance(1_000);
    expect((await engine.runs.graph(id)).nodes).toMatchObject([
      { path: 'choose', outcome: 'left' },
      { path: 'left', status: 'waiting' },
      { path: 'right', status: 'skipped' },
      { path: 'behind', status: 'skipped' },
    ]);
  });

  test('is what the log says where nobody has registered the graph', async () => {
    const store = newDatabase();
    const first = await openMortal([REVIEW], { store });
    await first.engine.start(REVIEW, {}, { id: 'run-1' });
    await first.platform.advance(1_000);
    await first.kill();
    const second = await openEngine([], { store, seed: 2, laterMs: 60_000 });
    const graph = await second.engine.runs.graph('run-1');
    expect(graph.nodes.map(({ path }) => path)).toEqual(['diff', 'notes', 'review', 'gate']);
    expect(arrows(graph)).toEqual(['diff -> review', 'notes -> gate', 'review -> gate']);
    const whole = await second.engine.runs.graph('run-1', { workflow: REVIEW });
    expect(arrows(whole)).toContain('notes ?-> ship');
    const other = parseGraph(`${HEAD}steps: { a: { kind: join } }\nedges: []\n`);
    await expect(second.engine.runs.graph('run-1', { workflow: other })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    await closeEngine(second);
  });
});

describe('a large run', () => {
  /** Milliseconds of the processor: the machine may be busy with others. */
  async function costOf(act: () => Promise<unknown>): Promise<number> {
    const before = process.cpuUsage();
    await act();
    return process.cpuUsage(before).user / 1_000;
  }

  test('of 10,000 steps is drawn at once', async () => {
    const { engine, platform } = await openEngine([
      flow(async (ctx) => {
        for (let step = 0; step < 10_000; step++) await ctx.step('add', () => step);
      }),
    ]);
    const { id } = await engine.start('flow', null);
    await platform.advance(1_000);
    let graph: RunGraph | undefined;
    const costMs = await costOf(async () => {
      graph = await engine.runs.graph(id);
    });
    expect([graph?.nodes.length, graph?.edges.length]).toEqual([10_000, 9_999]);
    expect(costMs).toBeLessThan(1_000);
  });

  test('of two sides of 1,000 that wait for each other has no more edges than can be looked at', async () => {
    const { engine, platform } = await openEngine([
      flow(async (ctx) => {
        const side = (name: string): Promise<unknown> =>
          Promise.all(Array.from({ length: 1_000 }, (_none, index) => ctx.step(`${name}-${index}`, () => 1)));
        await side('a');
        await side('b');
      }),
    ]);
    const { id } = await engine.start('flow', null);
    await platform.advance(1_000);
    const { nodes, edges, omittedEdges } = await engine.runs.graph(id);
    expect([nodes.length, edges.length, omittedEdges]).toEqual([2_000, 100_000, 900_000]);
  });
});
