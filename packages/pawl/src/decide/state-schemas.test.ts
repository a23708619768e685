/** Promises of the schemas of the state: what a key holds always fits, and what does not fit fails the step that saves it. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Assignment, type GraphState, type MergeRule, validateValue } from '../graph/index.ts';
import { type Json, schemaCompiler } from '../std/index.ts';
import { GraphDriver } from './graph-driver.ts';
import { Memory, MERGES, type Saving } from './memory.ts';

const SCOPE = { input: null, state: {}, steps: {}, run: {} };

function stateOf(state: object): GraphState {
  const steps = { a: { kind: 'join' } };
  const { graph, problems } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps, state });
  if (!graph) throw new Error(JSON.stringify(problems));
  return graph.state;
}

function assignmentOf(value: { readonly [key: string]: Json }): Assignment {
  const evaluate = (): { ok: true; value: Json } => ({ ok: true, value: structuredClone(value) });
  return { type: 'whole', expression: { source: '', evaluate } };
}

function saveAll(state: GraphState, saves: readonly { readonly [key: string]: Json }[]): unknown {
  const memory = new Memory(state, null);
  let last: Saving = { ok: true };
  for (const value of saves) last = memory.save(assignmentOf(value), SCOPE);
  return last.ok ? memory.values : [last.code, last.problem];
}

const texts = { type: 'array', items: { type: 'string' }, merge: 'append' };
const bag = {
  type: 'object',
  properties: { n: { type: 'number' } },
  additionalProperties: false,
  merge: 'merge',
};

describe('what is saved', () => {
  test.each<[string, object, { readonly [key: string]: Json }[], unknown]>([
    ['in place of the old value', { k: { type: 'number' } }, [{ k: 1 }, { k: 2 }], { k: 2 }],
    ['that is no number', { k: { type: 'number' } }, [{ k: '1' }], 'state.k: $ must be number'],
    ['that is nothing', { k: { type: 'number' } }, [{ k: null }], 'state.k: $ must be number'],
    [
      'with a part that does not fit',
      { 'my key': { properties: { a: { items: { type: 'string' } } } } },
      [{ 'my key': { a: ['x', 1] } }],
      'state["my key"]: $.a.1 must be string',
    ],
    ['as items', { k: texts }, [{ k: 'a' }, { k: ['b', 'c'] }, { k: 'd' }], { k: ['a', 'b', 'c', 'd'] }],
    ['as the first item', { k: texts }, [{ k: 1 }], 'state.k: $.0 must be string'],
    [
      'as a later item',
      { k: texts },
      [{ k: 'a' }, { k: ['b', 'c'] }, { k: 1 }],
      'state.k: $.3 must be string',
    ],
    ['as one of several items', { k: texts }, [{ k: 'a' }, { k: ['b', 2] }], 'state.k: $.2 must be string'],
    [
      'as an item too many',
      { k: { ...texts, maxItems: 2 } },
      [{ k: 'a' }, { k: 'b' }, { k: 'c' }],
      'state.k: $ must NOT have more than 2 items',
    ],
    [
      'as an item that is there',
      { k: { ...texts, uniqueItems: true } },
      [{ k: 'a' }, { k: 'a' }],
      'state.k: $ must NOT have duplicate items: "a" at 1',
    ],
    ['as an item too few', { k: { ...texts, minItems: 2 } }, [{ k: ['a', 'b'] }], { k: ['a', 'b'] }],
    [
      'as an item too few at first',
      { k: { ...texts, minItems: 2 } },
      [{ k: 'a' }],
      'state.k: $ must NOT have fewer than 2 items',
    ],
    ['key by key', { k: bag }, [{ k: { n: 1 } }, { k: { n: 2 } }], { k: { n: 2 } }],
    [
      'under a key that may not be',
      { k: bag },
      [{ k: { n: 1 } }, { k: { m: 2 } }],
      'state.k: $ must NOT have additional properties: "m"',
    ],
    [
      'with a key that does not fit',
      { k: bag },
      [{ k: { n: 1 } }, { k: { n: 'x' } }],
      'state.k: $.n must be number',
    ],
    [
      'without a key that must be',
      { k: { ...bag, required: ['n'] } },
      [{ k: { n: 1 } }, { k: {} }],
      { k: { n: 1 } },
    ],
    [
      'without a key that must be, at first',
      { k: { ...bag, required: ['n'] } },
      [{ k: {} }],
      "state.k: $ must have required property 'n'",
    ],
    ['by adding', { k: { maximum: 5, merge: 'sum' } }, [{ k: 3 }, { k: 2 }], { k: 5 }],
    [
      'by adding too much',
      { k: { maximum: 5, merge: 'sum' } },
      [{ k: 3 }, { k: 3 }],
      'state.k: $ must be <= 5',
    ],
    ['where it is larger', { k: { maximum: 5, merge: 'max' } }, [{ k: 6 }], 'state.k: $ must be <= 5'],
    [
      'against a pattern',
      { k: { pattern: '^(a+)+$' } },
      [{ k: `${'a'.repeat(50_000)}!` }],
      'state.k: $ must match pattern "^(a+)+$"',
    ],
  ])('%s', (_what, state, saves, expected) => {
    const found = typeof expected === 'string' ? ['STATE_MISFIT', expected] : expected;
    expect(saveAll(stateOf(state), saves)).toEqual(found);
  });

  test('is saved whole, or nothing of it', () => {
    const memory = new Memory(stateOf({ a: { ...texts }, b: { type: 'number' } }), null);
    memory.save(assignmentOf({ a: 'x' }), SCOPE);
    expect(memory.save(assignmentOf({ a: 'y', b: 'no number' }), SCOPE).ok).toBe(false);
    expect(memory.values).toEqual({ a: ['x'], b: null });
  });

  const declared: Readonly<Record<string, { readonly merge: MergeRule; readonly [keyword: string]: Json }>> =
    {
      list: { merge: 'append', type: 'array', items: { type: ['integer', 'array'] } },
      short: { merge: 'append', items: { type: 'integer' }, maxItems: 4 },
      bag: {
        merge: 'merge',
        properties: { a: { type: 'integer' } },
        additionalProperties: { type: 'array' },
      },
      full: { merge: 'merge', required: ['b'] },
      sum: { merge: 'sum', maximum: 20 },
      one: { merge: 'replace', type: ['integer', 'object'] },
    };
  const values: fc.Arbitrary<Json> = fc.oneof(
    fc.integer({ min: 0, max: 9 }),
    fc.constant('x'),
    fc.array(fc.oneof(fc.integer(), fc.constant('x'), fc.constant<Json>([])), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(fc.integer(), fc.constant<Json>([])), { maxKeys: 2 }),
  );
  const saves = fc.array(
    fc.dictionary(fc.constantFrom(...Object.keys(declared)), values, { minKeys: 1, maxKeys: 2 }),
    { maxLength: 25 },
  );
  const compile = schemaCompiler();
  const whole = Object.entries(declared).map(([key, { merge: _rule, ...source }]) => {
    const compiled = compile(source);
    return [key, compiled.ok ? compiled.schema : undefined] as const;
  });
  const schemas = new Map(whole);

  /** Merges copies, and looks at all of each. */
  function naive(state: Record<string, Json>, value: { readonly [key: string]: Json }): Record<string, Json> {
    const next = structuredClone(state);
    for (const [key, part] of Object.entries(value)) {
      const merged = MERGES[declared[key]?.merge as MergeRule](next[key] ?? null, structuredClone(part));
      if (merged === undefined || schemas.get(key)?.problemOf(merged) !== undefined) return state;
      next[key] = merged;
    }
    return next;
  }

  test('is what it would be if all of it were looked at each time, and always fits', () => {
    fc.assert(
      fc.property(saves, fc.nat({ max: 5 }), (list, pace) => {
        const memory = new Memory(stateOf(declared), null);
        let expected: Record<string, Json> = { list: [], short: [], bag: {}, full: {}, sum: 0, one: null };
        for (const [index, value] of list.entries()) {
          if (index % (pace + 1) === pace) memory.keep();
          memory.save(assignmentOf(value), SCOPE);
          expected = naive(expected, value);
          expect(memory.values).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('costs what is added where the schema is of items or of keys, and not what is there', () => {
    const seen: number[] = [];
    const counted = (state: GraphState): GraphState => {
      const { keys, startsFromInput } = state;
      const entries = [...(keys ?? [])].map(([key, one]) => {
        const misfitsOf = (value: unknown): readonly [] => {
          seen.push(Object.keys(value as object).length);
          return [];
        };
        return [key, { ...one, schema: one.schema && { ...one.schema, misfitsOf } }] as const;
      });
      return { keys: new Map(entries), startsFromInput };
    };
    saveAll(
      counted(stateOf({ k: texts })),
      Array.from({ length: 50 }, () => ({ k: ['a', 'b'] })),
    );
    saveAll(
      counted(stateOf({ k: bag })),
      Array.from({ length: 50 }, () => ({ k: { n: 1 } })),
    );
    expect([...new Set(seen)]).toEqual([2, 1]);
    expect(seen).toHaveLength(100);
    seen.length = 0;
    saveAll(
      counted(stateOf({ k: { ...texts, maxItems: 9 } })),
      Array.from({ length: 3 }, () => ({ k: ['a', 'b'] })),
    );
    expect(seen).toEqual([2, 4, 6]);
  });
});

describe('a step that saves what does not fit', () => {
  const document = {
    pawl: 1,
    workflow: 'w',
    version: '1',
    state: { n: { type: 'number' }, list: texts },
    steps: {
      a: { kind: 'shell', save: { list: '"before"', n: 'output.n' } },
      b: { kind: 'shell', with: { stdin: '{{ state }} {{ steps.a.failure.message }}' } },
    },
    edges: [{ from: 'a', to: 'b', on: 'failed' }],
  };
  const message = 'What a saves does not fit the state: state.n: $ must be number.';

  test('has failed, and what follows from that follows; again, the same follows', () => {
    const { graph } = validateValue(document);
    if (!graph) throw new Error('no graph');
    const run = (recorded: ReadonlyMap<string, string>): unknown => {
      const driver = new GraphDriver({
        graph,
        input: 'null',
        facts: {},
        recorded,
        onActivity: () => undefined,
      });
      driver.start();
      driver.catchUp();
      const first = driver.takeCommands();
      driver.deliver({ path: 'a', kind: 'shell', outcome: 'ok', payload: '{"n":"x"}', endedAt: 0 });
      return [first.length, driver.takeCommands()];
    };
    const follows = [
      1,
      [
        expect.objectContaining({
          type: 'ScheduleStep',
          step: expect.objectContaining({
            path: 'b',
            input: { stdin: `{"n":null,"list":[]} ${message}` },
          }) as unknown,
        }),
      ],
    ];
    expect(run(new Map())).toEqual(follows);
    expect(run(new Map([['a', 'shell']]))).toEqual(follows);
  });
});
