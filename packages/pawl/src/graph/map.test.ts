/** Promises of the validation of maps: the list, the numbers, and all that runs for an item. */
import { describe, expect, test } from 'vitest';
import { MAX_MAP_ITEMS } from './defaults.ts';
import { validateText, validateValue } from './validate.ts';

const HEAD = `pawl: 1
workflow: w
version: "1"
input: { type: object, properties: { files: { type: array, items: { type: string } }, n: { type: number }, sizes: { type: array, items: { type: number } }, deep: { type: object, properties: { a: { type: number } } } } }
`;
const SHELL = 'step: { kind: shell, with: { argv: [wc, "{{ item }}"] } }';

/** A graph of one map, with these fields in its `with` and beside it. */
function mapOf(fields: string, beside = ''): string {
  return `${HEAD}steps: { m: { kind: map, with: { ${fields} }${beside} } }\n`;
}

/** Paths without the `steps.m.` that all of them begin with. */
function found(text: string): string[] {
  return validateText(text).problems.map(({ path, code }) => `${path.replace(/^steps\.m\.?/, '')} ${code}`);
}

function problemOf(text: string): string {
  return validateText(text)
    .problems.map(({ message }) => message)
    .join('\n');
}

describe('a map that is right', () => {
  test('has its list, its numbers, its key and what runs for an item', () => {
    const text = mapOf(
      `items: "{{ input.files }}", concurrency: 4, strategy: quorum, minSuccess: "{{ input.n }}", key: "{{ item }}-{{ index }}", step: { kind: shell, title: Count, with: { argv: [wc, "{{ item }}", "{{ index + 1 }}"] }, retry: io, timeout: 5s, deadline: 1m, onExhausted: park, atMostOnce: true, outputSchema: { type: object } }`,
      ', save: { counts: output }, outputSchema: { type: array }',
    );
    expect(found(text)).toEqual([]);
    expect(validateText(text).graph?.steps[0]).toMatchObject({
      retry: undefined,
      map: {
        strategy: 'quorum',
        readsSteps: false,
        item: {
          name: 'm',
          kind: { name: 'shell' },
          title: 'Count',
          timeoutMs: 5_000,
          deadlineMs: 60_000,
          isAtMostOnce: true,
          retry: { attempts: 5, onExhausted: 'park' },
        },
      },
    });
  });

  test.each([
    ['items: []', 'all'],
    ['items: [1], strategy: first', 'first'],
    ['items: [1], minSuccess: 1', 'minSuccess'],
    ['items: [1], strategy: minSuccess, minSuccess: 0', 'minSuccess'],
    ['items: [1], strategy: quorum', 'quorum'],
    ['items: ["{{ input.n }}"], strategy: all', 'all'],
  ])('ends by the strategy that it names, or means: %s', (fields, strategy) => {
    expect(validateText(mapOf(`${fields}, ${SHELL}`)).graph?.steps[0]?.map?.strategy).toBe(strategy);
  });

  test.each([
    'sleep, with: { for: 1s }',
    'approval, with: { message: "{{ item }}?" }',
    'workflow, with: { workflow: sub, input: "{{ item }}" }',
    'function, with: { function: f }',
  ])('runs steps, waits and children: %s', (step) => {
    expect(found(mapOf(`items: "{{ input.files }}", step: { kind: ${step} }`))).toEqual([]);
  });

  test('gives the work of a finalizer its deadline', () => {
    const { graph } = validateText(`${HEAD}steps:
  a: { kind: join }
  m: { kind: map, finalize: always, with: { items: [1], step: { kind: shell, with: { command: x } } } }
`);
    expect(graph?.steps[1]?.map?.item.deadlineMs).toBe(60_000);
  });

  test('knows whether its items look at other steps', () => {
    const text = mapOf('items: [1], step: { kind: shell, with: { stdin: "{{ steps.m.status }}" } }');
    expect(validateText(text).graph?.steps[0]?.map?.readsSteps).toBe(true);
  });
});

describe('the list of a map', () => {
  test.each(['5', '"input.files"', '"{{ input.files }} and more"', '{ a: 1 }'])(
    'is a list or a template that gives one, not %s',
    (items) => {
      expect(found(mapOf(`items: ${items}, ${SHELL}`))).toEqual(['with.items FIELD_INVALID']);
    },
  );

  test.each([
    ['input.n', 'it gives double, not a list'],
    ['input.deep', 'it gives an object, not a list'],
  ])('is refused where {{ %s }} can never give one', (source, problem) => {
    expect(problemOf(mapOf(`items: "{{ ${source} }}", ${SHELL}`))).toContain(problem);
  });

  test('is refused past its limit', () => {
    const step = { kind: 'shell', with: { command: 'x' } };
    const of = (count: number): object => ({
      pawl: 1,
      workflow: 'w',
      version: '1',
      steps: { m: { kind: 'map', with: { items: Array(count).fill(0), step } } },
    });
    expect(validateValue(of(MAX_MAP_ITEMS)).problems).toEqual([]);
    expect(validateValue(of(MAX_MAP_ITEMS + 1)).problems[0]?.message).toContain('at most 10000 items');
  });

  test('that cannot be compiled is reported once, where it stands', () => {
    expect(found(mapOf(`items: "{{ input. }}", ${SHELL}`))).toEqual(['with.items EXPRESSION_INVALID']);
  });

  test.each([
    ['input.files', 'item + 1', 'no such overload: string + int'],
    ['input.sizes', 'item + "x"', 'no such overload: double + string'],
    ['[1, 2]', 'item + "x"', 'no such overload: double + string'],
    ['[true]', 'item + 1', 'no such overload: bool'],
    ['[[1]]', 'item + 1', 'no such overload: list'],
    ['[{"a": 1}]', 'item + 1', 'no such overload: map'],
  ])('types its items: of %s there is no %s', (items, source, problem) => {
    const text = mapOf(`items: '{{ ${items} }}', step: { kind: shell, with: { stdin: '{{ ${source} }}' } }`);
    expect(found(text)).toEqual(['with.step.with.stdin EXPRESSION_INVALID']);
    expect(problemOf(text)).toContain(problem);
  });

  test.each(['["a", 1]', 'state.list', '[input.deep]'])('may hold anything: %s', (items) => {
    const text = mapOf(`items: '{{ ${items} }}', step: { kind: shell, with: { stdin: "{{ item.a }}" } }`);
    expect(found(text)).toEqual([]);
  });
});

describe('the numbers of a map', () => {
  test.each([
    ['concurrency: 0', 'with.concurrency', 'must be a whole number from 1'],
    ['concurrency: many', 'with.concurrency', 'must be a whole number from 1'],
    ['concurrency: 1.5', 'with.concurrency', 'must be a whole number from 1'],
    ['minSuccess: -1', 'with.minSuccess', 'must be a whole number from 0'],
    ['minSuccess: 3', 'with.minSuccess', 'there are only 2 items'],
    ['strategy: quorum, minSuccess: 0', 'with.minSuccess', 'a quorum is at least 1'],
    ['strategy: some', 'with.strategy', 'must be all, first, quorum or minSuccess'],
    ['strategy: minSuccess', 'with.strategy', 'minSuccess needs the field'],
    ['strategy: all, minSuccess: 1', 'with.minSuccess', 'means nothing with the strategy all'],
    ['strategy: first, minSuccess: 1', 'with.minSuccess', 'means nothing with the strategy first'],
    ['key: same', 'with.key', 'a template that tells the items apart'],
  ])('are judged: %s', (fields, path, problem) => {
    const text = mapOf(`items: [1, 2], ${SHELL}, ${fields}`);
    expect(found(text)).toEqual([`${path} FIELD_INVALID`]);
    expect(problemOf(text)).toContain(problem);
  });

  test('are no business of `item`, which is not there yet', () => {
    expect(found(mapOf(`items: "{{ item }}", concurrency: "{{ index }}", ${SHELL}`))).toEqual([
      'with.items EXPRESSION_INVALID',
      'with.concurrency EXPRESSION_INVALID',
    ]);
  });
});

describe('what runs for an item', () => {
  test.each(['map', 'condition', 'join', 'parallel'])('is no %s', (kind) => {
    const text = mapOf(`items: [1], step: { kind: ${kind}, with: {} }`);
    expect(problemOf(text)).toContain(`"${kind}" cannot run for an item`);
  });

  test.each([
    ['kind: shel', ['with.step.kind STEP_KIND_UNKNOWN'], 'did you mean "shell"?'],
    ['kind: shell, timout: 5s', ['with.step.timout FIELD_UNKNOWN'], 'did you mean "timeout"?'],
    ['kind: shell, with: { arg: [] }', ['with.step.with.arg FIELD_UNKNOWN'], 'did you mean "argv"?'],
    ['kind: http', ['with.step.with WITH_FIELD_MISSING'], 'needs the field "url"'],
    ['kind: shell, save: output', ['with.step.save FIELD_INVALID'], 'belongs to the map'],
    ['kind: shell, join: any', ['with.step.join FIELD_INVALID'], 'belongs to the map'],
    ['kind: shell, finalize: always', ['with.step.finalize FIELD_INVALID'], 'belongs to the map'],
    ['kind: shell, budget: {}', ['with.step.budget NOT_SUPPORTED_YET'], 'not enforced'],
    ['kind: shell, timeout: soon', ['with.step.timeout DURATION_INVALID'], 'soon'],
    ['kind: agent', ['with.step.kind NOT_SUPPORTED_YET'], 'not enforced'],
    ['kind: shell, with: { stdin: "{{ itm }}" }', ['with.step.with.stdin EXPRESSION_INVALID'], 'itm'],
    [
      'kind: shell, with: { stdin: "{{ steps.x.output }}" }',
      ['with.step.with.stdin EXPRESSION_INVALID'],
      'no step "x"',
    ],
    ['with: {}', ['with.step.kind FIELD_INVALID', 'with.step.kind STEP_KIND_UNKNOWN'], ''],
  ])('is judged as every step is: %s', (step, paths, problem) => {
    const text = mapOf(`items: [1], step: { ${step} }`);
    expect(found(text)).toEqual(paths);
    expect(problemOf(text)).toContain(problem);
  });

  test('is judged beside whatever else is wrong, all at once', () => {
    const text = mapOf('items: 5, strategy: some, key: 7, extra: 1, step: { kind: shel }', ', timeout: 5s');
    expect(found(text).toSorted()).toEqual([
      'timeout FIELD_INVALID',
      'with.extra FIELD_UNKNOWN',
      'with.items FIELD_INVALID',
      'with.key FIELD_INVALID',
      'with.step.kind STEP_KIND_UNKNOWN',
      'with.strategy FIELD_INVALID',
    ]);
  });

  test.each([
    ['items: [1]', ['with WITH_FIELD_MISSING']],
    ['items: [1], step: shell', ['with.step FIELD_INVALID']],
    [SHELL, ['with WITH_FIELD_MISSING']],
  ])('and its list are needed: %s', (fields, paths) => {
    expect(found(mapOf(fields))).toEqual(paths);
  });

  test('speaks of `item` and `index`, which no other step does', () => {
    const text = `${HEAD}steps: { a: { kind: shell, with: { stdin: "{{ item }} {{ index }}" } } }\n`;
    expect(found(text)).toEqual([
      'steps.a.with.stdin EXPRESSION_INVALID',
      'steps.a.with.stdin EXPRESSION_INVALID',
    ]);
    expect(found(mapOf(`items: [1], ${SHELL}`, ', save: { x: item }'))).toEqual([
      'save.x EXPRESSION_INVALID',
    ]);
  });
});

describe('a map itself', () => {
  test('needs its list and its step', () => {
    expect(found(`${HEAD}steps: { m: { kind: map } }\n`)).toEqual([
      'with WITH_FIELD_MISSING',
      'with WITH_FIELD_MISSING',
    ]);
  });

  test.each([
    'retry: io',
    'timeout: 5s',
    'deadline: 5m',
    'onExhausted: park',
    'atMostOnce: true',
    'repeatable: true',
  ])('has no attempts: %s belongs to its step', (field) => {
    const text = mapOf(`items: [1], ${SHELL}`, `, ${field}`);
    expect(found(text)).toEqual([`${field.split(':')[0]} FIELD_INVALID`]);
    expect(problemOf(text)).toContain('in its `step`');
  });
});
