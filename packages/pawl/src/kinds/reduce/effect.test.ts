/** Promises of the reduce kind: each strategy gives what it says, and nothing is made of nothing. */
import { describe, expect, test } from 'vitest';
import { checkSchema, findValueProblem } from '../../std/index.ts';
import { failureOf } from '../../step/index.ts';
import { reduceKind } from '../index.ts';
import { type ReduceInput, reduceInputSchema } from './input.ts';

async function reduce(given: object): Promise<unknown> {
  const checked = checkSchema(reduceInputSchema, given, 'reduce');
  if (!checked.ok) throw new Error(checked.issues);
  const { outcome, output } = await reduceKind.execute(checked.value as never, { path: 'sum' } as never);
  expect(outcome).toBeUndefined();
  expect(findValueProblem(output)).toBeUndefined();
  return output;
}

describe('a reduce step', () => {
  test.each<[string, object, unknown]>([
    ['joins texts by lines', { strategy: 'concat', items: ['a', null, 'b'] }, 'a\nb'],
    [
      'joins what is no text as JSON',
      { strategy: 'concat', items: [1, { a: [true] }, ''], separator: '|' },
      '1|{"a":[true]}|',
    ],
    ['joins without anything between', { strategy: 'concat', items: ['a', 'b'], separator: '' }, 'ab'],
    ['joins nothing to an empty text', { strategy: 'concat', items: [] }, ''],
    [
      'collects what has a value',
      { strategy: 'collect', items: [0, null, '', [null], false] },
      [0, '', [null], false],
    ],
    [
      'merges objects, the later one wins',
      { strategy: 'merge', items: [{ a: 1, b: { x: 1 } }, null, { b: { y: 2 }, c: 3 }] },
      { a: 1, b: { y: 2 }, c: 3 },
    ],
    ['merges nothing to an empty object', { strategy: 'merge', items: [null] }, {}],
    [
      'elects the most frequent value',
      { strategy: 'vote', items: ['no', 'yes', null, 'yes'] },
      { winner: 'yes', votes: 2, total: 3 },
    ],
    [
      'elects the first of equals',
      { strategy: 'vote', items: ['b', 'a', 'a', 'b'] },
      { winner: 'b', votes: 2, total: 4 },
    ],
    [
      'takes equal values for one choice',
      { strategy: 'vote', items: [{ a: 1, b: 2 }, 1, { b: 2, a: 1 }] },
      { winner: { a: 1, b: 2 }, votes: 2, total: 3 },
    ],
    [
      'tells values of other types apart',
      { strategy: 'vote', items: [1, '1', '1'] },
      { winner: '1', votes: 2, total: 3 },
    ],
    [
      'gives what its expression gave',
      { strategy: 'expression', items: [1, 2], expression: { source: 'items.size()', value: 2 } },
      2,
    ],
    [
      'gives a null of its expression',
      { strategy: 'expression', items: [], expression: { source: 'null', value: null } },
      null,
    ],
  ])('%s', async (_what, given, expected) => {
    expect(await reduce(given)).toEqual(expected);
  });

  test.each<[string, object, string, string]>([
    [
      'merges no text',
      { strategy: 'merge', items: [{}, null, 'x'] },
      'REDUCE_MISFIT',
      'items[2] is no object',
    ],
    ['merges no list', { strategy: 'merge', items: [[]] }, 'REDUCE_MISFIT', 'items[0] is no object'],
    [
      'elects nobody without a vote',
      { strategy: 'vote', items: [null] },
      'REDUCE_MISFIT',
      'nobody has voted',
    ],
    [
      'fails with its expression',
      {
        strategy: 'expression',
        items: [],
        expression: { source: 'items[0]', problem: 'index out of range' },
      },
      'EXPRESSION_FAILED',
      'sum: with.expression: items[0]: index out of range',
    ],
  ])('%s', async (_what, given, code, message) => {
    const thrown: unknown = await reduce(given).catch((error: unknown) => error);
    expect(failureOf(thrown, 'sum')).toMatchObject({
      class: 'terminal',
      code,
      message: expect.stringContaining(message),
    });
  });

  test.each<[string, object, string]>([
    ['items that are no list', { strategy: 'collect', items: 'a' }, '$.items'],
    ['no items', { strategy: 'collect' }, '$.items'],
    ['a strategy that nobody knows', { strategy: 'best', items: [] }, '$.strategy'],
    ['a model, which does not exist yet', { strategy: 'model', items: [] }, '$.strategy'],
    [
      'a separator where none is looked at',
      { strategy: 'collect', items: [], separator: ',' },
      '$.separator',
    ],
    [
      'an expression that nobody evaluated',
      { strategy: 'expression', items: [], expression: 'items' },
      '$.expression',
    ],
    ['no expression', { strategy: 'expression', items: [] }, '$.expression'],
    [
      'an expression of another strategy',
      { strategy: 'vote', items: [], expression: { source: '1', value: 1 } },
      '$.expression',
    ],
    ['an unknown field', { strategy: 'vote', items: [], quorum: 2 }, 'quorum'],
  ])('may not be asked with %s', (_what, given, issue) => {
    const checked = checkSchema(reduceInputSchema, given as ReduceInput, 'reduce');
    expect(checked.ok ? '' : checked.issues).toContain(issue);
  });
});
