/** Promises of imports, on random files: nothing is dropped, nothing is thrown, and what comes out is a graph. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { importGraph, type ImportFormat } from '../../packages/pawl/src/import/index.ts';
import type { Json } from '../../packages/pawl/src/std/index.ts';
import { errorsOf, type Fields, unreported } from './support/imported.ts';
import { harnSamples, irSamples, yamlSamples } from './support/import-samples.ts';

const RUNS = 60;

/** A graph that is right, or reasons why there is none; every value of the file is accounted for either way. */
function expectWhole(format: ImportFormat, value: Json): void {
  const { graph, refusals } = importGraph(format, [{ name: 'flow.json', text: JSON.stringify(value) }]);
  expect(graph === undefined).toBe(refusals.length > 0);
  if (graph !== undefined) expect(errorsOf(graph)).toEqual([]);
  for (const { message, todo, path } of refusals) {
    expect(message).not.toMatch(/\{[a-z]\w*\}|undefined|\[object/);
    expect([todo.length > 0, typeof path]).toEqual([true, 'string']);
  }
  const isRead = refusals.every(({ code }) => code !== 'IMPORT_FORMAT' && code !== 'DOCUMENT_INVALID');
  if (isRead) expect(unreported(format, value)).toEqual([]);
}

const ids = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const id = fc.constantFrom(...ids);
const place = fc.oneof(
  { weight: 5, arbitrary: id },
  { weight: 1, arbitrary: fc.constantFrom('end', 'nowhere') },
);
const condition = fc.constantFrom(null, 'state.x == 1', 'state.a.b', 'state.n > 3', 'output.y', '???', '');
const text = fc.constantFrom('plain', '{{ state.x }}', 'state.q', '', '{% if x %}', '${KEY}');
const junk = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;

const irKind: fc.Arbitrary<Fields> = fc.oneof(
  fc.record({
    type: fc.constant('model'),
    model_ref: text,
    prompt_ref: text,
    output_schema: text,
    tools: fc.array(text, { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant('tool'),
    tool_ref: text,
    input_mapping: fc.dictionary(id, text),
    output_schema: text,
  }),
  fc.record({ type: fc.constant('python_fn'), module: text, function: text, output_schema: text }),
  fc.record({
    type: fc.constant('condition'),
    branches: fc.array(fc.record({ condition, target: place }), { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('parallel'), branches: fc.array(place, { maxLength: 3 }) }),
  fc.record({
    type: fc.constant('join'),
    wait_for: fc.array(place, { maxLength: 2 }),
    merge_strategy: fc.constantFrom('collect', 'first'),
  }),
  fc.record({
    type: fc.constant('human_approval'),
    description: text,
    timeout_secs: fc.option(fc.nat(9)),
    fallback_node: fc.option(place),
  }),
  fc.record({
    type: fc.constant('wait'),
    condition: fc.constantFrom('timer', 'external_event', 'either'),
    correlation_key: text,
    timeout_secs: fc.option(fc.nat(9)),
  }),
  fc.record({ type: fc.constant('finalizer'), tool_ref: text, run_on: fc.constantFrom('always', 'success') }),
  fc.record({
    type: fc.constant('policy'),
    policy_ref: text,
    on_violation: fc.constantFrom<Json>('fail', 'warn', { branch: { target: 'b' } }),
  }),
  fc.record({
    type: fc.constant('eval'),
    scorers: fc.array(
      fc.record({ type: fc.constantFrom('assertion', 'latency', 'llm_judge', 'odd'), check: text }),
      { maxLength: 2 },
    ),
    on_fail: fc.constantFrom('halt', 'escalate', 'log_and_continue'),
  }),
  fc.record({ type: text, odd: junk }),
);

const ir = fc
  .record({
    kinds: fc.array(irKind, { minLength: 1, maxLength: ids.length }),
    edges: fc.array(fc.record({ from: id, to: place, condition }), { maxLength: 8 }),
    chain: fc.boolean(),
    more: fc.dictionary(
      fc.constantFrom('labels', 'timeouts', 'policy', 'strategy_metadata', 'state_schema', 'cost_budget_usd'),
      junk,
    ),
  })
  .map(({ kinds, edges, chain, more }): Fields => {
    const names = ids.slice(0, kinds.length);
    const known = (name: string): boolean => names.includes(name as (typeof ids)[number]) || name.length > 1;
    const path = names.slice(1).map((to, index) => ({ from: names[index] as string, to, condition: null }));
    return {
      workflow_id: 'w',
      version: '0.1.0',
      start_node: 'a',
      nodes: Object.fromEntries(
        kinds.map((kind, index) => [names[index], { id: names[index], kind }]),
      ) as Fields,
      edges: [...(chain ? path : []), ...edges.filter(({ from, to }) => known(from) && known(to))],
      ...more,
    };
  });

const harnNode = fc.record(
  {
    kind: fc.constantFrom(
      'stage',
      'verify',
      'condition',
      'fork',
      'join',
      'map',
      'reduce',
      'subagent',
      'escalation',
      'odd',
    ),
    mode: fc.constantFrom('agent', 'llm', 'command', 'compact', 'manual', null),
    prompt: text,
    verify: fc.oneof(
      fc.record(
        { command: text, expect_text: text, checks: fc.constant([{ kind: 'path', value: 'a' }]) },
        { requiredKeys: [] },
      ),
      junk,
    ),
    map_policy: fc.record(
      { items: fc.array(text, { maxLength: 2 }), max_items: fc.nat(3) },
      { requiredKeys: [] },
    ),
    join_policy: fc.record(
      { strategy: fc.constantFrom('all', 'first', 'quorum'), min_completed: fc.nat(3) },
      { requiredKeys: [] },
    ),
    metadata: fc.dictionary(fc.constantFrom('contains_text', 'command_args', 'odd'), junk),
    odd: junk,
  },
  { requiredKeys: ['kind'] },
);

const harn = fc
  .record({
    nodes: fc.array(harnNode, { minLength: 1, maxLength: ids.length }),
    edges: fc.array(
      fc.record({
        from: id,
        to: id,
        branch: fc.constantFrom(
          'success',
          'failed',
          'passed',
          'true',
          'false',
          'mapped',
          'retry',
          'odd',
          null,
        ),
      }),
      { maxLength: 8 },
    ),
  })
  .map(({ nodes, edges }): Fields => {
    const names: readonly string[] = ids.slice(0, nodes.length);
    return {
      id: 'w',
      version: 1,
      entry: 'a',
      nodes: Object.fromEntries(nodes.map((node, index) => [names[index], node])) as Fields,
      edges: [
        ...names.slice(1).map((to, index) => ({ from: names[index] as string, to })),
        ...edges.filter(({ from, to }) => names.includes(from) && names.includes(to)),
      ],
    };
  });

/** The value with one part replaced, or taken away. */
function damaged(value: Json, { at, by }: { readonly at: number; readonly by: Json | undefined }): Json {
  const places: (readonly [Fields | Json[], string])[] = [];
  const copy = structuredClone(value);
  const walk = (part: Json): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const key of Object.keys(part)) {
      places.push([part, key]);
      walk((part as Fields)[key] as Json);
    }
  };
  walk(copy);
  const [owner, key] = places[at % places.length] as readonly [Fields, string];
  if (by === undefined) delete owner[key];
  else owner[key] = by;
  return JSON.parse(JSON.stringify(copy)) as Json;
}

/** Texts of a value, as the keys that lead to them. */
function textsOf(value: Json, keys: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value === 'string') return [keys];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => textsOf(part, [...keys, key]));
}

const MARK = 'Zq7';

/** The value with a mark behind the text at a place. */
function marked(value: Json, keys: readonly string[]): Json {
  const copy = structuredClone(value);
  let owner = copy as Fields;
  for (const key of keys.slice(0, -1)) owner = owner[key] as Fields;
  const last = keys.at(-1) as string;
  owner[last] = `${owner[last] as string}${MARK}`;
  return copy;
}

/** What is mapped without standing in the graph: it says which file this is. */
const SILENT = ['_type', 'workflow.state_schema.type'];

/** Texts that the report calls mapped, and that are not in the graph: they were lost on the way. */
function lostTexts(format: ImportFormat, value: Json): readonly string[] {
  return textsOf(value).flatMap((keys) => {
    const text = JSON.stringify(marked(value, keys));
    const { graph, report } = importGraph(format, [{ name: 'flow.json', text }]);
    const path = keys
      .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
      .join('')
      .slice(1);
    const isMapped = report.some((entry) => entry.path === path && entry.fate === 'mapped');
    const isLost = graph !== undefined && isMapped && !JSON.stringify(graph).includes(MARK);
    return isLost && !SILENT.includes(path) ? [path] : [];
  });
}

describe('an import', () => {
  test('of any IR accounts for every value of it', () => {
    fc.assert(
      fc.property(ir, (value) => expectWhole('jamjet', value)),
      { numRuns: RUNS },
    );
  });

  test('of any Harn graph accounts for every value of it', () => {
    fc.assert(
      fc.property(harn, (value) => expectWhole('harn', value)),
      { numRuns: RUNS },
    );
  });

  test.each<[string, ImportFormat, readonly Json[]]>([
    ['IR', 'jamjet', irSamples],
    ['YAML', 'jamjet', yamlSamples],
    ['Harn graph', 'harn', harnSamples],
  ])('of any %s with a mistake in it tells what is wrong, and throws nothing', (_what, format, samples) => {
    const damage = fc.record({
      sample: fc.constantFrom(...samples),
      at: fc.nat(),
      by: fc.option(junk, { nil: undefined }),
    });
    fc.assert(
      fc.property(damage, ({ sample, ...how }) => expectWhole(format, damaged(sample, how))),
      { numRuns: RUNS },
    );
  });

  test.each<ImportFormat>(['jamjet', 'harn'])('of anything at all throws nothing: %s', (format) => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('', '{', '[]', 'null', '- a', '"x"', 'a: &a [*a]', '{"a":1,"a":2}'),
    );
    fc.assert(
      fc.property(texts, (given) => {
        const { graph, refusals } = importGraph(format, [{ name: 'x', text: given }]);
        expect([graph, refusals.length > 0]).toEqual([undefined, true]);
      }),
      { numRuns: RUNS },
    );
  });

  test.each<[string, ImportFormat, readonly Json[]]>([
    ['IR', 'jamjet', irSamples],
    ['YAML', 'jamjet', yamlSamples],
    ['Harn', 'harn', harnSamples],
  ])('of %s loses no text on the way that it calls mapped', (_what, format, samples) => {
    expect(samples.flatMap((sample) => lostTexts(format, sample))).toEqual([]);
  });

  test('knows samples that are right', () => {
    const all = [
      ...[...irSamples, ...yamlSamples].map((value) => ['jamjet', value] as const),
      ...harnSamples.map((value) => ['harn', value] as const),
    ];
    for (const [format, value] of all) {
      const { graph, refusals } = importGraph(format, [{ name: 'flow.json', text: JSON.stringify(value) }]);
      expect(refusals).toEqual([]);
      expect(errorsOf(graph)).toEqual([]);
      expect(unreported(format, value)).toEqual([]);
    }
  });
});
