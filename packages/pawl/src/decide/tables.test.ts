/** Promises of the small decisions, by table: joins, merges, places, ends. */
import { describe, expect, test } from 'vitest';
import { validateValue } from '../graph/index.ts';
import type { Failure } from '../step/index.ts';
import { judgeEnd } from './complete.ts';
import { type JoinVerdict, judgeJoin } from './join.ts';
import { Memory, MERGES } from './memory.ts';
import { ReadyLine } from './ready.ts';

const two = { count: 2, cancelsLosers: false };

describe('a join', () => {
  test.each<['all' | typeof two, number, number, JoinVerdict]>([
    ['all', 1, 0, 'wait'],
    ['all', 1, 3, 'wait'],
    ['all', 0, 1, 'run'],
    ['all', 0, 0, 'skip'],
    [two, 1, 1, 'wait'],
    [two, 1, 2, 'run'],
    [two, 0, 2, 'run'],
    [two, 0, 1, 'unmet'],
    [two, 0, 0, 'skip'],
  ])('of %j with %d pending and %d taken says %s … %s', (join, pending, taken, verdict) => {
    expect(judgeJoin(join, { pending, taken })).toBe(verdict);
  });
});

describe('the end of a run', () => {
  const failure: Failure = { class: 'timeout', code: 'X', message: 'x' };

  test('needs every step to have settled, and one path that ended well', () => {
    expect(judgeEnd({ unsettled: 1, goodEnds: 1, firstFailure: undefined })).toEqual({ type: 'deadlocked' });
    expect(judgeEnd({ unsettled: 0, goodEnds: 1, firstFailure: failure })).toEqual({ type: 'completed' });
  });

  test('without a good end is a failure with the first one as its cause', () => {
    expect(judgeEnd({ unsettled: 0, goodEnds: 0, firstFailure: failure })).toMatchObject({
      failure: { class: 'timeout', code: 'NOTHING_REACHED', cause: failure },
    });
    expect(judgeEnd({ unsettled: 0, goodEnds: 0, firstFailure: undefined })).toMatchObject({
      failure: { class: 'terminal', code: 'NOTHING_REACHED' },
    });
  });
});

describe('a merge rule', () => {
  test.each<[keyof typeof MERGES, unknown, unknown, unknown]>([
    ['replace', 1, 'x', 'x'],
    ['append', [1], 2, [1, 2]],
    ['append', [1], [2, 3], [1, 2, 3]],
    ['append', 'x', 2, undefined],
    ['merge', { a: 1, b: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['merge', { a: 1 }, [1], undefined],
    ['merge', null, {}, undefined],
    ['max', null, 3, 3],
    ['max', 5, 3, 5],
    ['max', 5, 'x', undefined],
    ['sum', 1, 2, 3],
    ['sum', 'x', 2, undefined],
  ])('%s of %j and %j gives what it says', (rule, old, value, expected) => {
    expect(MERGES[rule](old as never, value as never)).toEqual(expected);
  });
});

describe('the state', () => {
  function stepOf(save: unknown, top: object = {}) {
    const steps = { a: { kind: 'join', save } };
    const { graph, problems } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps, ...top });
    if (!graph) throw new Error(JSON.stringify(problems));
    return graph;
  }

  function saved(save: unknown, output: unknown, top: object = {}, input: unknown = null): unknown {
    const graph = stepOf(save, top);
    const memory = new Memory(graph.state, input as never);
    const scope = { input, state: memory.values, steps: {}, run: {}, output };
    const assignment = graph.steps[0]?.save;
    const result = assignment && memory.save(assignment, scope);
    return result?.ok ? memory.values : result;
  }

  test.each<[string, unknown, unknown, object, unknown]>([
    ['takes any key without a declaration', { x: 'output.n' }, { n: 1 }, {}, { x: 1 }],
    ['takes a whole object at its top', 'output', { a: 1, b: 2 }, {}, { a: 1, b: 2 }],
    [
      'keeps declared keys',
      { x: 'output.n' },
      { n: 1 },
      { state: { x: {}, y: { default: 7 } } },
      { x: 1, y: 7 },
    ],
    ['adds', { x: 'output.n' }, { n: 2 }, { state: { x: { merge: 'sum' } } }, { x: 2 }],
    ['begins with the input', { x: '1' }, null, { stateFrom: 'input' }, { x: 1, i: 9 }],
    [
      'takes undeclared keys where the input has them',
      'output',
      { i: 1 },
      { stateFrom: 'input', state: { x: {} } },
      { x: null, i: 1 },
    ],
  ])('%s', (_what, save, output, top, expected) => {
    expect(saved(save, output, top, { i: 9 })).toEqual(expected);
  });

  test.each<[string, unknown, unknown, object, string]>([
    ['an expression that fails', { x: 'output.nothing' }, {}, {}, 'save.x: No such key: nothing'],
    ['a whole that fails', 'output.nothing', {}, {}, 'save: No such key: nothing'],
    ['a whole that is no object', 'output', [1], {}, 'must be an object'],
    ['a key that is not declared', 'output', { y: 1 }, { state: { x: {} } }, 'the state has no key "y"'],
    [
      'what does not fit the rule',
      { x: 'output' },
      'text',
      { state: { x: { merge: 'sum' } } },
      'cannot be merged by "sum"',
    ],
  ])('refuses %s', (_what, save, output, top, problem) => {
    expect(saved(save, output, top)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });

  test('begins empty where the input is no object', () => {
    expect(saved({ x: '1' }, null, { stateFrom: 'input' }, [1])).toEqual({ x: 1 });
  });
});

describe('the line of ready steps', () => {
  function line(
    maxConcurrentSteps: number,
    maxDispatch: number,
    steps: string[],
    waits: string[] = [],
  ): ReadyLine {
    const made = new ReadyLine({ maxConcurrentSteps, maxDispatch, maxSteps: 99 });
    for (const path of [...steps, ...waits])
      made.add({
        path,
        command: { type: 'CancelCalls', paths: [], reason: '', after: 0 },
        holdsPlace: steps.includes(path),
      });
    return made;
  }

  const paths = (made: ReadyLine): string[] => made.take().map(({ path }) => path);

  test('hands over in order, as many as a decision may and as there are places', () => {
    const made = line(3, 2, ['a', 'b', 'c', 'd']);
    expect([paths(made), paths(made), paths(made)]).toEqual([['a', 'b'], ['c'], []]);
    made.free('b');
    expect([made.isEmpty, paths(made), made.isEmpty]).toEqual([false, ['d'], true]);
  });

  test('lets waits pass by steps that find no place', () => {
    expect(paths(line(1, 8, ['a', 'b'], ['w']))).toEqual(['a', 'w']);
  });

  test('forgets what is removed or cleared, and counts what is held', () => {
    const made = line(1, 8, ['a', 'b', 'c']);
    expect([made.remove('a'), made.remove('x')]).toEqual([true, false]);
    made.hold('held');
    expect(paths(made)).toEqual([]);
    expect(made.clear()).toEqual(['b', 'c']);
  });
});
