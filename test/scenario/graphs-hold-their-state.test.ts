/** The state of a graph fits its schemas, in whatever process it is folded, from the input of its start on. */
import { describe, expect, test } from 'vitest';
import { graphOf } from './support/graph-world.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf } from './support/run-log.ts';

const ada = { by: 'ada' };

describe('a step that saves what does not fit its key', () => {
  const graph =
    graphOf(`state: { names: { type: array, items: { type: string, maxLength: 5 }, merge: append }, sorry: {} }
steps:
  ask: { kind: input, with: { schema: { type: string, pattern: "^(a+)+$" } }, save: { names: output } }
  again: { kind: input, save: { names: output } }
  explain: { kind: join, save: { sorry: steps.again.failure.message } }
  rest: { kind: sleep, with: { for: 10s } }
edges: [{ from: ask, to: again }, { from: ask, to: end, on: expired }, { from: again, to: end, on: expired },
  { from: again, to: explain, on: failed }, explain -> rest]
`);

  test('has failed, in the process that heard it and in the one that goes on', async () => {
    const store = newDatabase();
    const first = await openMortal([graph], { store });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    const hanging = `${'a'.repeat(100_000)}!`;
    expect(await codeOf(() => first.engine.answer('run', 'ask', hanging, ada))).toBe('ANSWER_INVALID');
    await first.engine.answer('run', 'ask', 'aaa', ada);
    await first.platform.advance(1_000);
    await first.engine.answer('run', 'again', ['bb', 'cccccc'], ada);
    await first.platform.advance(1_000);
    await first.kill();
    const { engine, platform } = await openEngine([graph], { store, seed: 2, laterMs: 60_000 });
    await platform.advance(60_000);
    expect(await engine.handle('run').result()).toEqual({
      names: ['aaa'],
      sorry:
        'What again saves does not fit the state: state.names: $.2 must NOT have more than 5 characters.',
    });
  });
});

describe('an input that cannot be the first state', () => {
  const graph = graphOf(`stateFrom: input
state: { n: { type: number } }
steps: { a: { kind: join, save: { n: state.n + 1 } } }
`);

  test('is refused at the start, and by the worker where the start did not have the graph', async () => {
    const store = newDatabase();
    const { engine, platform } = await openEngine([graph], { store });
    for (const input of [[1], 'x', { n: 'x' }, { n: null }])
      expect(await codeOf(() => engine.start(graph, input))).toBe('INPUT_INVALID');
    const client = await openEngine([], { store, seed: 2 });
    expect(await codeOf(() => client.engine.start('w', [1]))).toBe('INPUT_INVALID');
    await client.engine.start('w', { n: 'x' }, { id: 'late' });
    await client.engine.start('w', { n: 2 }, { id: 'good' });
    await platform.advance(30_000);
    expect(await engine.handle('good').result()).toEqual({ n: 3 });
    await expect(engine.handle('late').result()).rejects.toThrow(
      'RUN_INPUT_INVALID: The input of the run does not fit the schema of the workflow: $.n: must be number',
    );
  });
});
