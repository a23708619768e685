/** Graphs that call functions that call graphs: what reaches one of them reaches all, in either direction. */
import { type FunctionTools, parseGraph, workflow } from 'pawl';
import { describe, expect, test } from 'vitest';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { storyOf } from './support/run-log.ts';

/** A graph whose child is a function, whose child is a graph that waits for a word. */
function family() {
  const did: string[] = [];
  const note = (what: string, { report }: FunctionTools): string => {
    did.push(what);
    report({ inputTokens: 1, outputTokens: 10 });
    return what;
  };
  const refuse = (what: string): never => {
    throw new Error(`no ${what}`);
  };
  const inner = parseGraph(`pawl: 1
workflow: inner
version: "1"
steps:
  begin: { kind: function, with: { function: note, input: inner begins } }
  word: { kind: signal, with: { name: word } }
  obey: { kind: condition, with: { branches: [{ name: fail, when: steps.word.output == "fail" }], default: go } }
  refuse: { kind: function, with: { function: refuse, input: paper }, retry: none }
  tidy: { kind: function, with: { function: note, input: inner tidies }, finalize: always }
edges:
  - begin -> word
  - { from: word, to: obey, on: received }
  - { from: word, to: end, on: expired }
  - { from: obey, to: refuse, on: fail }
output: '{ "word": steps.word.output }'
`);
  const onCancel = async (): Promise<void> => {
    did.push('middle tidies');
  };
  const middle = workflow({ name: 'middle', onCancel }, async (ctx) => {
    await ctx.step('begin', ({ report }) => report({ inputTokens: 1, outputTokens: 10 }));
    return { ...((await ctx.workflow(inner, {})) as object), by: 'middle' };
  });
  const outer = parseGraph(`pawl: 1
workflow: outer
version: "1"
steps:
  child: { kind: workflow, with: { workflow: middle }, save: output }
  after: { kind: function, with: { function: note, input: after } }
  without: { kind: function, with: { function: note, input: without } }
  tidy: { kind: function, with: { function: note, input: outer tidies }, finalize: always }
edges:
  - child -> after
  - { from: child, to: without, on: [failed, cancelled] }
`);
  return { did, workflows: [outer, middle, inner], functions: { note, refuse } };
}

async function opened() {
  const { did, workflows, functions } = family();
  const one = await openEngine(workflows, { functions });
  const { engine, platform } = one;
  await engine.start('outer', {}, { id: 'outer-1' });
  await platform.advance(1_000);
  const runs = await engine.runs.list({});
  const idOf = (name: string): string => runs.find(({ workflow: of }) => of === name)?.runId ?? '';
  return { ...one, did, middle: idOf('middle'), inner: idOf('inner') };
}

describe('a graph, its function, and the graph of that', () => {
  test('hand up what the innermost one heard', async () => {
    const { engine, platform, inner, did } = await opened();
    await engine.signal(inner, 'word', 'go');
    await platform.advance(1_000);
    const run = await engine.runs.get('outer-1');
    expect(run).toMatchObject({ status: 'completed', output: { word: 'go', by: 'middle' } });
    expect(did).toEqual(['inner begins', 'inner tidies', 'after', 'outer tidies']);
  });

  test('are all cancelled with the outermost one, clean up, and end from the inside out', async () => {
    const { engine, platform, middle, inner, did } = await opened();
    await engine.cancel('outer-1', { reason: 'enough' });
    await platform.advance(10_000);
    const runs = [inner, middle, 'outer-1'].map(async (id) => await engine.runs.get(id));
    const [first, second, third] = await Promise.all(runs);
    expect([first, second, third].map((run) => run?.status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(did).toEqual(['inner begins', 'inner tidies', 'middle tidies', 'outer tidies']);
    expect((await storyOf(engine, 'outer-1')).slice(-3)).toEqual([
      'child.ended child',
      'step.completed tidy',
      'run.cancelled',
    ]);
  });

  test('go on without the child where the graph has an edge for its cancel, and for its failure', async () => {
    for (const act of ['cancel', 'fail']) {
      const { engine, platform, middle, inner, did } = await opened();
      if (act === 'cancel') await engine.cancel(middle);
      else await engine.signal(inner, 'word', 'fail');
      await platform.advance(10_000);
      expect([act, (await engine.runs.get('outer-1')).status]).toEqual([act, 'completed']);
      expect(did.slice(-2)).toEqual(['without', 'outer tidies']);
    }
  });

  test('count what all of them used for the outermost one', async () => {
    const { engine, platform, inner } = await opened();
    await engine.signal(inner, 'word', 'go');
    await platform.advance(1_000);
    expect((await engine.runs.get('outer-1')).usage).toMatchObject({ inputTokens: 5, outputTokens: 50 });
  });

  test('go on in another process, wherever each of them stood', async () => {
    const { did, workflows, functions } = family();
    const store = newDatabase();
    const first = await openMortal(workflows, { store, functions });
    await first.engine.start('outer', {}, { id: 'outer-1' });
    await first.platform.advance(1_000);
    await first.kill();
    const again = family();
    const second = await openEngine(again.workflows, {
      store,
      functions: again.functions,
      seed: 2,
      laterMs: 60_000,
    });
    await second.platform.advance(1_000);
    const runs = await second.engine.runs.list({ workflow: 'inner' });
    await second.engine.signal(runs[0]?.runId ?? '', 'word', 'go');
    await second.platform.advance(5_000);
    expect((await second.engine.runs.get('outer-1')).status).toBe('completed');
    expect([did, again.did]).toEqual([['inner begins'], ['inner tidies', 'after', 'outer tidies']]);
  });
});
