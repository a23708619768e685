/** Promises of imported graphs when they are driven: order, final state, failures, loops, as in the system they come from. */
import { describe, expect, test } from 'vitest';
import { GraphDriver } from '../../packages/pawl/src/decide/index.ts';
import { validateValue } from '../../packages/pawl/src/graph/index.ts';
import { importGraph, type ImportFormat } from '../../packages/pawl/src/import/index.ts';
import type { Command } from '../../packages/pawl/src/run/index.ts';
import type { Json } from '../../packages/pawl/src/std/index.ts';
import type { Fields } from './support/imported.ts';
import { LIST_YAML } from './support/import-samples.ts';

type Answer = readonly [outcome: string, value?: Json];

interface Ran {
  /** Steps and waits in the order in which they were asked for. */
  readonly asked: readonly string[];
  readonly end: Command | undefined;
}

/** Drives an imported graph; `answers` says how each visit ends, else it ends well with nothing. */
function run(
  format: ImportFormat,
  value: Json | string,
  { input = {}, answers = {} }: { input?: Json; answers?: Readonly<Record<string, Answer>> },
): Ran {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const { graph: document, refusals } = importGraph(format, [{ name: 'flow', text }]);
  expect(refusals).toEqual([]);
  const { graph } = validateValue(document);
  if (!graph) throw new Error('no graph');
  const driver = new GraphDriver({
    graph,
    input: JSON.stringify(input),
    facts: {},
    recorded: new Map(),
    onActivity: () => undefined,
  });
  driver.start();
  driver.catchUp();
  const asked: string[] = [];
  for (let commands = driver.takeCommands(); commands.length > 0; commands = driver.takeCommands())
    for (const command of commands) {
      const path = pathOf(command);
      if (path === undefined) return { asked, end: command };
      asked.push(path);
      const [outcome, given = {}] = answers[path] ?? [chosenBy(command)];
      driver.deliver({ path, kind: 'x', outcome, payload: JSON.stringify(given), endedAt: 0 });
    }
  return { asked, end: undefined };
}

function pathOf(command: Command): string | undefined {
  if (command.type === 'ScheduleStep') return command.step.path;
  if (command.type === 'OpenWait') return command.wait.path;
  return command.type === 'StartChild' ? command.child.path : undefined;
}

/** A condition ends as the branch that the driver has chosen for it. */
function chosenBy(command: Command): string {
  if (command.type !== 'ScheduleStep' || command.step.kind !== 'condition') return 'ok';
  return (command.step.input as { readonly branch: string }).branch;
}

function outputOf({ end }: Ran): unknown {
  return end?.type === 'Complete' ? JSON.parse(end.output) : end;
}

/** Two nodes of user code, one after the other. */
const LINEAR: Fields = {
  workflow_id: 'wf',
  version: '0.1.0',
  start_node: 'a',
  nodes: Object.fromEntries(
    ['a', 'b'].map((id) => [
      id,
      { id, kind: { type: 'python_fn', module: 'm', function: id, output_schema: '' } },
    ]),
  ),
  edges: [
    { from: 'a', to: 'b', condition: null },
    { from: 'b', to: 'end', condition: null },
  ],
};

describe('a graph of JamJet', () => {
  test('runs in order of dependence, and ends with what its nodes patched, merged', () => {
    const ran = run('jamjet', LINEAR, {
      input: { x: 0, z: 3 },
      answers: { a: ['ok', { x: 1 }], b: ['ok', { y: 2 }] },
    });
    expect(ran.asked).toEqual(['a', 'b']);
    expect(outputOf(ran)).toEqual({ x: 1, y: 2, z: 3 });
  });

  test('fails with the node that failed for good, and starts nothing after it', () => {
    const failure = { class: 'terminal', code: 'BOOM', message: 'boom', path: 'a' };
    const ran = run('jamjet', LINEAR, { answers: { a: ['failed', failure] } });
    expect(ran.asked).toEqual(['a']);
    expect(ran.end).toMatchObject({
      type: 'Fail',
      failure: { code: 'OUTCOME_UNHANDLED', cause: { code: 'BOOM' } },
    });
  });

  test.each<[Json, string]>([
    [{ n: 1 }, 'b'],
    [{ n: 2 }, 'c'],
    [{ n: '1' }, 'end'],
    [{}, 'end'],
  ])('goes where its conditions say, and ends where none is true: %j', (input, target) => {
    const code = (id: string): Fields => ({
      [id]: { id, kind: { type: 'python_fn', module: 'm', function: id } },
    });
    const branches = [
      { condition: 'state.n == 1', target: 'b' },
      { condition: 'state.n == 2', target: 'c' },
    ];
    const ir = {
      ...LINEAR,
      start_node: 'r',
      nodes: { r: { id: 'r', kind: { type: 'condition', branches } }, ...code('b'), ...code('c') },
      edges: [],
    };
    const ran = run('jamjet', ir, { input });
    expect(ran.asked.slice(1)).toEqual(target === 'end' ? [] : [target]);
    expect(ran.end?.type).toBe('Complete');
  });

  test('waits for a person, and goes by the decision', () => {
    const answers = (decision: string): Readonly<Record<string, Answer>> => ({
      assess: ['ok', { risk: 'high', score: 3 }],
      ask: [decision],
      act: ['ok', { result: 'done' }],
    });
    const approved = run('jamjet', LIST_YAML, { input: { request: 'x' }, answers: answers('approved') });
    expect(approved.asked).toEqual(['assess', 'ask', 'act', 'ask_partner', 'search']);
    expect(outputOf(approved)).toMatchObject({
      request: 'x',
      risk: 'high',
      score: 3,
      outcome: 'done',
      opinion: null,
    });
    const rejected = run('jamjet', LIST_YAML, { input: { request: 'x' }, answers: answers('rejected') });
    expect(rejected.asked).toEqual(['assess', 'ask', 'note']);
  });
});

describe('the shorthand of Harn', () => {
  const shorthand = { act: { prompt: 'x' }, verify: { command: 'npm test' }, repair: { prompt: 'y' } };
  const failure = { class: 'terminal', code: 'VERIFICATION_FAILED', message: 'x', path: 'verify' };

  test('H3: repairs what did not pass, and verifies it again', () => {
    const answers = { verify: ['failed', failure], 'verify#2': ['passed'] } as const;
    const ran = run('harn', shorthand, { input: { task: 't' }, answers });
    expect(ran.asked).toEqual(['act', 'verify', 'repair', 'verify#2']);
    expect(ran.end?.type).toBe('Complete');
  });

  test('H3: does not turn for ever', () => {
    const answers = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        index === 0 ? 'verify' : `verify#${index + 1}`,
        ['failed', failure] as const,
      ]),
    );
    const ran = run('harn', shorthand, { input: { task: 't' }, answers });
    expect(ran.asked.length).toBeLessThanOrEqual(3 * 12);
    expect(ran.end?.type).not.toBe('Complete');
  });

  test('H2: fails where a stage fails, and does not go on', () => {
    const broken = { class: 'terminal', code: 'X', message: 'x', path: 'act' };
    const ran = run('harn', shorthand, { input: { task: 't' }, answers: { act: ['failed', broken] } });
    expect([ran.asked, ran.end?.type]).toEqual([['act'], 'Fail']);
  });
});
