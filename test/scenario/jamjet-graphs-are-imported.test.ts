/** Promises of the importer of JamJet's IR: each kind, each rule of edges, each policy, and nothing dropped. */
import { describe, expect, test } from 'vitest';
import { type Fields, imported, unreported } from './support/imported.ts';
import { MARK, read, type Sample } from './support/jamjet-ir.ts';

describe('the IR of two markers', () => {
  const node = (id: string): Fields => ({
    id,
    kind: { type: 'condition', branches: [] },
    retry_policy: null,
    node_timeout_secs: null,
    description: null,
    labels: {},
  });
  const ir: Fields = {
    workflow_id: 'wf',
    version: '0.1.0',
    name: null,
    description: null,
    state_schema: '',
    start_node: 'first',
    nodes: { first: node('first'), second: node('second') },
    edges: [
      { from: 'first', to: 'second', condition: null },
      { from: 'second', to: 'end', condition: null },
    ],
    retry_policies: {},
    timeouts: {},
    models: {},
    tools: {},
    mcp_servers: {},
    remote_agents: {},
    labels: {},
  };

  test('loads as it is, and may be registered', () => {
    const { graph, report, refused } = imported('jamjet', ir);
    expect(refused).toEqual([]);
    expect(graph).toEqual({
      pawl: 1,
      workflow: 'wf',
      version: '0.1.0',
      stateFrom: 'input',
      start: 'first',
      onFailure: 'drain',
      steps: { first: { kind: 'join' }, second: { kind: 'join' } },
      edges: ['first -> second', 'second -> end'],
    });
    expect(report.filter((line) => line.startsWith('meaningless'))).toEqual([]);
    expect(unreported('jamjet', ir)).toEqual([]);
  });
});

describe('the edges of the IR', () => {
  test('that have conditions end the path where none is true', () => {
    const made = read({
      nodes: { a: MARK, b: MARK, c: MARK },
      edges: [
        ['a', 'b', 'state.x == 1'],
        ['a', 'c', 'output.y'],
      ],
    });
    expect(made.edges).toEqual([
      { from: 'a', to: 'b', when: 'has(state.x) && state.x == 1' },
      { from: 'a', to: 'c', when: 'has(output.y) && truthy(output.y)' },
      { from: 'a', to: 'end', else: true },
    ]);
  });

  test('without a condition are always taken, beside those with one too', () => {
    const made = read({
      nodes: { a: MARK, b: MARK, c: MARK },
      edges: [
        ['a', 'b', 'state.x == 1'],
        ['a', 'c'],
      ],
    });
    expect(made.edges).toEqual([{ from: 'a', to: 'b', when: 'has(state.x) && state.x == 1' }, 'a -> c']);
  });

  test('that lead back become loops', () => {
    const made = read({
      nodes: { a: MARK, b: MARK },
      edges: [
        ['a', 'b'],
        ['b', 'a', 'state.again'],
        ['b', 'end'],
      ],
    });
    expect(made.edges).toContainEqual({
      from: 'b',
      to: 'a',
      when: 'has(state.again) && truthy(state.again)',
      loop: { max: 10 },
    });
    expect(made.report).toContainEqual(
      'approximated  → edges: edges[1].to leads back: a loop of at most 10 visits',
    );
  });

  test('that are there twice are one', () => {
    const edges: Sample['edges'] = [
      ['a', 'b', 'state.x == 1'],
      ['a', 'b', 'state.x == 1'],
      ['b', 'end'],
      ['b', 'end'],
    ];
    const made = read({ nodes: { a: MARK, b: MARK }, edges });
    expect(made.refused).toEqual([]);
    expect(made.edges).toEqual([
      { from: 'a', to: 'b', when: 'has(state.x) && state.x == 1' },
      { from: 'a', to: 'end', else: true },
      'b -> end',
    ]);
    expect(made.report).toContainEqual(
      'approximated  → edges: edges[1].to says the same as an edge before it: one is enough',
    );
  });

  test('beside the branches of a condition are dead, and so they are dropped and reported', () => {
    const branches = [
      { condition: 'state.x', target: 'b' },
      { condition: null, target: 'c' },
    ];
    const made = read({
      nodes: { a: { type: 'condition', branches }, b: MARK, c: MARK },
      edges: [
        ['a', 'b', 'state.x'],
        ['a', 'end'],
        ['b', 'c'],
      ],
    });
    expect(made.edges).toEqual([{ from: 'a', to: 'b', on: 'b' }, { from: 'a', to: 'c', on: 'c' }, 'b -> c']);
    expect(made.report).toContainEqual(expect.stringMatching(/^meaningless edges\[1\]\.to.*never taken/));
  });
});

describe('the top of the IR', () => {
  test('keeps policies, budgets and labels in their fields', () => {
    const more: Fields = {
      name: 'Title',
      description: 'Text',
      labels: { team: 'x' },
      policy: { blocked_tools: ['rm*'], require_approval_for: ['ship'], model_allowlist: ['a/*'] },
      data_policy: {
        pii_fields: ['$.a'],
        pii_detectors: ['email'],
        redaction_mode: 'hash',
        retain_prompts: false,
        retain_outputs: true,
        retention_days: 3,
      },
      token_budget: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      cost_budget_usd: 12.5,
      on_budget_exceeded: 'over',
      timeouts: { node_timeout: null, workflow_timeout: 60, heartbeat_interval: 30 },
      state_schema: 'schemas.State',
    };
    const made = read({ nodes: { a: MARK, over: { kind: { type: 'tool', tool_ref: 't' } } }, more });
    expect(made.refused).toEqual([]);
    expect(made.graph).toMatchObject({
      title: 'Title',
      description: 'Text',
      labels: { team: 'x' },
      metadata: { stateSchema: 'schemas.State' },
      deadline: '60s',
      policy: { ...(more['policy'] as Fields), data_policy: more['data_policy'] },
      budget: { inputTokens: 1, outputTokens: 2, totalTokens: 3, usd: '12.5', onBreach: { route: 'over' } },
      start: 'a',
    });
    expect(made.steps['over']).not.toHaveProperty('timeout');
  });

  test('declares the state of a JSON Schema, and asks the input for what it requires', () => {
    const state_schema = {
      type: 'object',
      required: ['q'],
      properties: { q: { type: 'string' }, n: { type: 'number', default: 3 } },
    };
    const made = read({
      nodes: {
        a: {
          type: 'condition',
          branches: [
            { condition: 'state.n == "x"', target: 'end' },
            { condition: 'state.other', target: 'end' },
          ],
        },
      },
      more: { state_schema },
    });
    expect(made.graph).toMatchObject({
      input: { type: 'object', required: ['q'] },
      state: { q: { type: 'string' }, n: { type: 'number', default: 3 }, other: {} },
      stateFrom: 'input',
    });
  });

  test.each([
    [
      '{"q": "str", "n": "list[int]"}',
      { q: { type: 'string' }, n: { type: 'array', items: { type: 'integer' } } },
    ],
    [
      { a: 'bool', b: 'Optional[str]' },
      { a: { type: 'boolean' }, b: {} },
    ],
  ])('declares the state of fields with types: %o', (state_schema, state) => {
    expect(read({ nodes: { a: MARK }, more: { state_schema } }).graph).toMatchObject({ state });
  });

  test('keeps what nodes have beside their kind', () => {
    const made = read({
      nodes: {
        a: {
          kind: { type: 'tool', tool_ref: 't' },
          retry_policy: 'mine',
          node_timeout_secs: 5,
          description: 'Text',
          labels: { a: 'b', n: 3 },
          policy: { blocked_tools: ['x'] },
        },
      },
      more: { retry_policies: { mine: { max_attempts: 2 } } },
    });
    expect(made.steps['a']).toMatchObject({
      description: 'Text',
      labels: { a: 'b', n: '3' },
      retry: 'mine',
      timeout: '5s',
      policy: { blocked_tools: ['x'] },
    });
  });

  test.each([
    [
      { backoff: 'fixed', initial_delay: 1, max_delay: 5, jitter: false },
      { initial: '1s', factor: 1, max: '5s', jitter: 0 },
    ],
    [
      { initial_delay: 60, max_delay: 30 },
      { initial: '30s', max: '30s' },
    ],
    [
      { backoff: 'exponential', jitter: true },
      { factor: 2, jitter: 0.2 },
    ],
    [
      { backoff: 'linear', jitter: 0.5 },
      { factor: 2, jitter: 0.5 },
    ],
    [
      {
        retryable_on: ['io_error', 'server_error', 'connection_reset', 'rate_limit', 'timeout', 'custom(x)'],
      },
      { on: ['retryable', 'rate_limited', 'timeout'] },
    ],
    [{ retryable_on: [] }, {}],
  ])('reads the retry policy %o', (policy, fields) => {
    const more = { retry_policies: { mine: { max_attempts: 4, ...policy } } };
    expect(read({ nodes: { a: MARK }, more }).graph).toMatchObject({
      retries: { mine: { attempts: 4, ...fields } },
    });
  });

  test.each([
    ['no_retry', 'none'],
    ['io_default', 'io'],
    ['llm_default', 'model'],
    ['fast', 'fast'],
    ['unheard_of', { attempts: 3 }],
  ])('knows the retry policy %s', (retry_policy, retry) => {
    const made = read({ nodes: { a: { kind: { type: 'tool', tool_ref: 't' }, retry_policy } } });
    expect(made.steps['a']).toMatchObject({ retry });
    if (retry === 'fast')
      expect(made.graph).toMatchObject({ retries: { fast: { attempts: 2, initial: '1s', factor: 1 } } });
  });

  test('H1: reports what it does not know, and what nothing refers to', () => {
    const more = {
      strategy_metadata: { a: { b: 1 } },
      models: { m: { provider: 'p' } },
      continue_as_new: true,
    };
    const { report } = read({ nodes: { a: { ...MARK, expression: 'x' } }, more });
    expect(report).toEqual(
      expect.arrayContaining([
        'meaningless nodes.a.kind.expression → : no field that this importer knows',
        expect.stringMatching(/^meaningless continue_as_new → : a run has no limit/),
        'meaningless models.m.provider → : no node refers to it',
        'meaningless strategy_metadata.a.b → : no field that this importer knows',
      ]),
    );
  });
});

describe('what cannot mean the same', () => {
  test.each<[string, Sample, string]>([
    [
      'a kind that nobody knows (H1)',
      { nodes: { a: { type: 'modle' } } },
      'nodes.a.kind.type IMPORT_KIND_UNKNOWN',
    ],
    ['a kind that is no name', { nodes: { a: { kind: 7 } } }, 'nodes.a.kind IMPORT_SHAPE'],
    ['a second root', { nodes: { a: MARK, b: MARK } }, 'nodes.b IMPORT_DIFFERS'],
    ['an edge to nowhere', { nodes: { a: MARK }, edges: [['a', 'x']] }, 'edges[0].to IMPORT_NODE_UNKNOWN'],
    [
      'a condition that cannot be read',
      { nodes: { a: MARK }, edges: [['a', 'end', 'len(state.x)']] },
      'edges[0].condition IMPORT_CONDITION',
    ],
    [
      'a condition of a node about an output',
      { nodes: { a: { type: 'condition', branches: [{ condition: 'output.x', target: 'end' }] } } },
      'nodes.a.kind.branches[0].condition IMPORT_CONDITION',
    ],
    [
      'a loop that is entered from the side',
      {
        nodes: { a: MARK, b: MARK, c: MARK },
        edges: [
          ['a', 'b'],
          ['a', 'c'],
          ['b', 'c'],
          ['c', 'b'],
        ],
      },
      'nodes.a IMPORT_RESULT',
    ],
    [
      'what follows a finalizer',
      {
        nodes: { a: MARK, f: { type: 'finalizer', tool_ref: 't', run_on: 'always' }, b: MARK },
        edges: [
          ['a', 'f'],
          ['f', 'b'],
          ['a', 'b'],
        ],
      },
      'edges[1].to IMPORT_DIFFERS',
    ],
    [
      'a template that filters',
      { nodes: { a: { type: 'model', model_ref: 'm', prompt_ref: '{{ state.x | upper }}' } } },
      'nodes.a.kind.prompt_ref IMPORT_TEMPLATE',
    ],
    [
      'a verification of nothing (H7)',
      { nodes: { a: { type: 'eval', scorers: [{ type: 'latency', threshold_ms: 1 }], on_fail: 'halt' } } },
      'nodes.a IMPORT_DIFFERS',
    ],
    [
      'a timer without a time',
      { nodes: { a: { type: 'wait', condition: 'timer' } } },
      'nodes.a IMPORT_SHAPE',
    ],
    ['an id beside its key', { nodes: { a: { kind: MARK, id: 'b' } } }, 'nodes.a.id IMPORT_SHAPE'],
    ['a missing version (J23)', { nodes: { a: MARK }, more: { version: null } }, 'version IMPORT_SHAPE'],
    ['a missing id (J23)', { nodes: { a: MARK }, more: { workflow_id: '' } }, 'workflow_id IMPORT_SHAPE'],
    [
      'an edge from nowhere',
      { nodes: { a: MARK }, edges: [['x', 'a']] },
      'edges[0].from IMPORT_NODE_UNKNOWN',
    ],
    [
      'a start that is not there',
      { nodes: { a: MARK }, more: { start_node: 'b' } },
      'start_node IMPORT_NODE_UNKNOWN',
    ],
    [
      'an environment in a text',
      { nodes: { a: { type: 'tool', tool_ref: 'm:f', input_mapping: { k: '${KEY}' } } } },
      'nodes.a.kind.input_mapping.k IMPORT_TEMPLATE',
    ],
  ])('is refused with its path: %s', (_what, sample, refusal) => {
    const made = read(sample);
    expect(made.graph).toBeUndefined();
    expect(made.refused).toContain(refusal);
  });

  test('is refused all at once', () => {
    const made = read({
      nodes: { a: { type: 'x' }, b: { type: 'model', prompt_ref: '{% if a %}' } },
      edges: [['a', 'b', '???']],
    });
    expect(made.refused).toEqual([
      'nodes.a.kind.type IMPORT_KIND_UNKNOWN',
      'nodes.b.kind.prompt_ref IMPORT_TEMPLATE',
      'edges[0].condition IMPORT_CONDITION',
    ]);
  });
});

describe('names', () => {
  test('are made plain and short, and stay apart', () => {
    const long = 'x'.repeat(70);
    const made = read({
      nodes: { 'a b': MARK, 'a/b': MARK, [long]: MARK, [`${long}y`]: MARK },
      edges: [
        ['a b', 'a/b'],
        ['a/b', long],
        [long, `${long}y`],
      ],
      more: { workflow_id: 'my flow' },
    });
    expect(made.graph).toMatchObject({ workflow: 'my-flow', start: 'a-b' });
    expect(made.edges).toEqual([
      'a-b -> a-b-2',
      `a-b-2 -> ${'x'.repeat(64)}`,
      `${'x'.repeat(64)} -> ${'x'.repeat(60)}-2`,
    ]);
  });
});

describe('a large graph', () => {
  test('costs what its size costs', () => {
    const ids = Array.from({ length: 5_000 }, (_, index) => `n${index}`);
    const made = imported('jamjet', {
      workflow_id: 'w',
      version: '0.1.0',
      start_node: 'n0',
      nodes: Object.fromEntries(ids.map((id) => [id, { id, kind: MARK }])),
      edges: ids.slice(1).map((to, index) => ({ from: `n${index}`, to })),
    });
    expect([made.refused, made.edges.length]).toEqual([[], 4_999]);
  });

  test('is refused where it is wrong, and not where a name only begins alike', () => {
    const node = (outputSchema: string): Fields => ({
      kind: { type: 'python_fn', module: 'm', function: 'f', output_schema: outputSchema },
    });
    const broken = '{"type":"object","properties":{"x":{"type":"nothing"}}}';
    const made = read({
      nodes: { ab: node(''), a: node(''), abc: node(broken) },
      edges: [
        ['ab', 'a'],
        ['a', 'abc'],
      ],
    });
    expect(made.refused).toEqual(['nodes.abc IMPORT_RESULT']);
  });
});
