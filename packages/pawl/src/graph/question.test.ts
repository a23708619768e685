/** Promises of reduce and function steps in a graph: what could not work is refused, and expressions are answered in their places. */
import { describe, expect, test } from 'vitest';
import { functionsNamed, type NameUsed } from './index.ts';
import { answered } from './question.ts';
import { validateValue } from './validate.ts';

function validated(kind: string, given: unknown) {
  const steps = { s: { kind, with: given } };
  return validateValue({ pawl: 1, workflow: 'w', version: '1', input: { type: 'object' }, steps });
}

function codes(kind: string, given: unknown): string[] {
  return validated(kind, given).problems.map(({ path, code }) => `${path} ${code}`);
}

const SCOPE = { input: { n: 2 }, state: {}, steps: {}, run: {} };

/** What the kind gets. */
function handed(kind: string, given: unknown): unknown {
  const { graph, problems } = validated(kind, given);
  const [step] = graph?.steps ?? [];
  if (step === undefined) throw new Error(JSON.stringify(problems));
  const resolved = step.with.resolve(SCOPE);
  return resolved.ok ? answered(resolved.value, step.questions, SCOPE) : resolved;
}

describe('a reduce step', () => {
  test.each([
    [{ items: '{{ input.list }}', strategy: 'concat', separator: ', ' }],
    [{ items: [1, '{{ input.n }}'], strategy: 'collect' }],
    [{ items: [], strategy: 'expression', expression: 'items.filter(i, i > input.n)' }],
  ])('may be %j', (given) => {
    expect(codes('reduce', given)).toEqual([]);
  });

  test.each<[object, string[]]>([
    [{}, ['steps.s.with WITH_FIELD_MISSING', 'steps.s.with WITH_FIELD_MISSING']],
    [{ items: 'a', strategy: 'vote' }, ['steps.s.with.items FIELD_INVALID']],
    [{ items: [], strategy: 'best' }, ['steps.s.with.strategy FIELD_INVALID']],
    [{ items: [], strategy: '{{ input.how }}' }, ['steps.s.with.strategy FIELD_INVALID']],
    [{ items: [], strategy: 'model' }, ['steps.s.with.strategy NOT_SUPPORTED_YET']],
    [{ items: [], strategy: 'concat', seperator: '' }, ['steps.s.with.seperator FIELD_UNKNOWN']],
    [{ items: [], strategy: 'concat', separator: 1 }, ['steps.s.with.separator FIELD_INVALID']],
    [{ items: [], strategy: 'vote', separator: '' }, ['steps.s.with.separator FIELD_INVALID']],
    [{ items: [], strategy: 'vote', expression: 'items' }, ['steps.s.with.expression FIELD_INVALID']],
    [{ items: [], strategy: 'expression' }, ['steps.s.with WITH_FIELD_MISSING']],
    [
      { items: [], strategy: 'expression', expression: 'item' },
      ['steps.s.with.expression EXPRESSION_INVALID'],
    ],
    [{ items: ['{{ items }}'], strategy: 'collect' }, ['steps.s.with.items[0] EXPRESSION_INVALID']],
  ])('may not be %j', (given, expected) => {
    expect(codes('reduce', given)).toEqual(expected);
  });

  test('hands over what its expression gives for its items', () => {
    const items = [1, '{{ input.n }}', 3];
    expect(handed('reduce', { items, strategy: 'expression', expression: 'items.map(i, i + 1)' })).toEqual({
      items: [1, 2, 3],
      strategy: 'expression',
      expression: { source: 'items.map(i, i + 1)', value: [2, 3, 4] },
    });
  });

  test('hands over why its expression gives nothing', () => {
    const given = { items: [{ a: 1 }], strategy: 'expression', expression: 'items[0].b' };
    expect(handed('reduce', given)).toMatchObject({
      expression: { source: 'items[0].b', problem: expect.stringContaining('No such key') },
    });
  });

  test('takes braces in an expression for what they are in CEL', () => {
    const given = { items: [], strategy: 'expression', expression: '"{{ x }}" + string(items.size())' };
    expect(handed('reduce', given)).toMatchObject({ expression: { value: '{{ x }}0' } });
  });
});

describe('a function step', () => {
  test.each([[7], [''], [['a']]])('is not named %j', (name) => {
    expect(codes('function', { function: name })).toEqual(['steps.s.with.function FIELD_INVALID']);
  });

  test('is asked for by its name, which is known before anything runs unless a template makes it', () => {
    const steps = {
      a: { kind: 'function', with: { function: 'review' } },
      b: { kind: 'function', with: { function: '{{ input.name }}' } },
      c: { kind: 'shell', with: { command: 'x' } },
      d: { kind: 'map', with: { items: [1], step: { kind: 'function', with: { function: 'fix' } } } },
    };
    const { graph } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps });
    const named: readonly NameUsed[] = graph ? functionsNamed(graph) : [];
    expect(named).toEqual([
      { path: 'steps.a.with.function', name: 'review' },
      { path: 'steps.d.with.step.with.function', name: 'fix' },
    ]);
  });
});
