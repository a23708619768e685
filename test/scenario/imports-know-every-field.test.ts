/** Every field that the formats of JamJet and Harn have is known to the importers: each has a word of its own in the report. */
import { describe, expect, test } from 'vitest';
import { type ImportFormat, importGraph } from '../../packages/pawl/src/import/index.ts';
import type { Json } from '../../packages/pawl/src/std/index.ts';
import { readDocument } from '../../packages/pawl/src/graph/index.ts';
import { errorsOf, type Fields, unreported } from './support/imported.ts';

const UNKNOWN = 'no field that this importer knows';

/** What no entry is about, what an entry knows nothing of, and what is refused. */
function gapsOf(format: ImportFormat, value: Json): readonly string[] {
  const { graph, report, refusals } = importGraph(format, [
    { name: 'flow.json', text: JSON.stringify(value) },
  ]);
  return [
    ...unreported(format, value).map((path) => `${path}: not in the report`),
    ...report.filter(({ note }) => note === UNKNOWN).map(({ path }) => `${path}: ${UNKNOWN}`),
    ...report
      .filter(({ path, fate, to, note }) => path !== '' && !to && !note && fate !== 'mapped')
      .map(({ path }) => `${path}: no reason`),
    ...refusals.map(({ path, message }) => `${path}: ${message}`),
    ...(graph === undefined ? [] : errorsOf(graph)),
  ];
}

const MARK: Fields = { type: 'condition', branches: [] };

function irOf(
  top: Fields,
  nodes: Fields = { a: { id: 'a', kind: MARK } },
  edges: readonly Json[] = [],
): Fields {
  return { workflow_id: 'w', version: '1.2.3+abc', start_node: 'a', nodes, edges: [...edges], ...top };
}

/** A graph with this node between two others. */
function irWith(kind: Fields, top: Fields = {}, node: Fields = {}): Fields {
  const edge = (from: string, to: string): Fields => ({ from, to, condition: 'state.x == 1' });
  const nodes = {
    a: { id: 'a', kind: MARK },
    it: { id: 'it', kind, ...node },
    b: { id: 'b', kind: MARK },
    c: { id: 'c', kind: MARK },
  };
  const isLast = kind['type'] === 'finalizer';
  const edges = isLast ? [edge('a', 'it')] : [edge('it', 'b'), edge('it', 'c')];
  return irOf(top, nodes, [{ from: 'a', to: 'it' }, ...edges, edge('a', 'b'), edge('a', 'c')]);
}

const AUTHS: Fields = {
  bearer: { type: 'bearer', token_env: 'T' },
  api_key: { type: 'api_key', header: 'X-Key', key_env: 'K' },
  oauth2: { type: 'oauth2', client_id_env: 'I', client_secret_env: 'S', token_url: 'https://t' },
};
const MAPPED: Fields = { input_mapping: { q: 'state.q' }, output_schema: 'schemas.R' };
const POLICY: Fields = { blocked_tools: ['rm*'], require_approval_for: ['ship?'], model_allowlist: ['a/*'] };
const DATA_POLICY: Fields = {
  pii_fields: ['$.mail'],
  pii_detectors: ['email', 'ssn', 'credit_card', 'phone', 'ip_address'],
  redaction_mode: 'hash',
  retain_prompts: false,
  retain_outputs: true,
  retention_days: 30,
};

const TOPS: Readonly<Record<string, Fields>> = {
  'name and description': { name: 'N', description: 'D', labels: { team: 'x' } },
  'state_schema, a reference': { state_schema: 'schemas.State' },
  'state_schema, a JSON Schema': { state_schema: { type: 'object', properties: { q: { type: 'string' } } } },
  timeouts: {
    timeouts: { node_timeout: 300, workflow_timeout: 3600, heartbeat_interval: 30, approval_timeout: 60 },
  },
  policy: { policy: POLICY },
  data_policy: { data_policy: DATA_POLICY },
  token_budget: { token_budget: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } },
  'cost_budget_usd, on_budget_exceeded': { cost_budget_usd: 1.5, on_budget_exceeded: 'a' },
  continue_as_new: { continue_as_new: { after_events: 1000, carry: ['q'] } },
  ...Object.fromEntries(
    [1, 2.5, 'fixed', 'linear', 'exponential'].map((way): [string, Fields] => [
      `retry_policies, ${way}`,
      {
        retry_policies: {
          mine: {
            max_attempts: 4,
            backoff: typeof way === 'string' ? way : 'fixed',
            initial_delay: typeof way === 'string' ? 1 : way,
            max_delay: 30,
            jitter: way !== 'fixed',
            retryable_on: [
              'io_error',
              'timeout',
              'rate_limit',
              'server_error',
              'connection_reset',
              'custom(x)',
            ],
          },
        },
      },
    ]),
  ),
};

const CHAT: Fields = {
  provider: 'openai',
  model: 'gpt',
  timeout_secs: 60,
  retry_policy: 'llm_default',
  temperature: 0.2,
  max_tokens: 9,
};
const TOOLS = ['python', 'http', 'grpc', 'mcp'].map((kind): [string, Fields, Fields] => [
  `tool of kind ${kind}`,
  { type: 'tool', tool_ref: 't', ...MAPPED },
  {
    tools: {
      t: { kind, reference: 'app:t', input_schema: 'S', output_schema: 'O', permissions: ['read'] },
    },
  },
]);
const SERVERS = ['stdio', 'http_sse', 'web_socket'].flatMap((transport) =>
  Object.entries(AUTHS).map(([way, auth]): [string, Fields, Fields] => [
    `mcp_tool over ${transport}, ${way}`,
    { type: 'mcp_tool', server: 's', tool: 't', ...MAPPED },
    { mcp_servers: { s: { transport, command: 'npx', args: ['-y'], url: 'https://x', auth } } },
  ]),
);
const AGENTS = Object.entries(AUTHS).map(([way, auth]): [string, Fields, Fields] => [
  `a2a_task, ${way}`,
  {
    type: 'a2a_task',
    remote_agent: 'r',
    skill: 's',
    ...MAPPED,
    stream: true,
    on_input_required: 'b',
    timeout_secs: 300,
  },
  { remote_agents: { r: { url: 'https://x', agent_card_path: '/c', auth } } },
]);

const SCORERS: Json = [
  { type: 'llm_judge', model: 'm', rubric: 'good?', min_score: 4 },
  { type: 'assertion', checks: ['state.n >= 3 and state.ok'] },
  { type: 'latency', threshold_ms: 100 },
  { type: 'cost', threshold_usd: 0.25 },
  { type: 'custom', module: 'p:S', kwargs: { a: 1 } },
];

const NODES: [string, Fields, Fields?][] = [
  [
    'model',
    {
      type: 'model',
      model_ref: 'm',
      prompt_ref: 'p.md',
      output_schema: 'S',
      system_prompt: 'Be',
      tools: ['t'],
    },
    { models: { m: CHAT } },
  ],
  ...TOOLS,
  ['python_fn', { type: 'python_fn', module: 'm', function: 'f', output_schema: 'S' }],
  ['java_fn', { type: 'java_fn', class_name: 'C', method: 'f', output_schema: 'S' }],
  [
    'condition',
    {
      type: 'condition',
      branches: [
        { condition: 'state.x == 1', target: 'b' },
        { condition: null, target: 'c' },
      ],
    },
  ],
  ['parallel', { type: 'parallel', branches: ['b', 'c'] }],
  ...['collect', 'first'].map((way): [string, Fields] => [
    `join, ${way}`,
    { type: 'join', wait_for: ['a'], merge_strategy: way },
  ]),
  ['human_approval', { type: 'human_approval', description: 'Ok?', timeout_secs: 60, fallback_node: 'b' }],
  ...['timer', 'external_event', 'either'].map((condition): [string, Fields] => [
    `wait, ${condition}`,
    { type: 'wait', condition, correlation_key: 'k', timeout_secs: 60 },
  ]),
  [
    'subgraph',
    {
      type: 'subgraph',
      workflow_ref: 'w2',
      workflow_version: '1.0.0',
      input_mapping: { a: 'state.a' },
      output_mapping: { r: 'state.r' },
    },
  ],
  [
    'memory_retrieval',
    { type: 'memory_retrieval', connector_ref: 'pg', query_expr: 'state.q', output_schema: 'S' },
  ],
  ...['fail', 'warn', { branch: { target: 'b' } }].map((way): [string, Fields] => [
    `policy, ${JSON.stringify(way)}`,
    { type: 'policy', policy_ref: 'p', on_violation: way },
  ]),
  ...['success', 'failure', 'always'].map((when): [string, Fields] => [
    `finalizer, ${when}`,
    { type: 'finalizer', tool_ref: 't', run_on: when },
  ]),
  ['agent', { type: 'agent', agent_ref: 'x', ...MAPPED }],
  ...SERVERS,
  ...AGENTS,
  ['agent_discovery', { type: 'agent_discovery', skill: 's', protocol: 'a2a', output_binding: 'found' }],
  [
    'coordinator',
    {
      type: 'coordinator',
      task: 't',
      required_skills: ['a'],
      preferred_skills: ['b'],
      trust_domain: 'internal',
      budget: { max_cost_usd: 0.5, max_latency_ms: 2000 },
      tiebreaker: { model: 'm', threshold: 0.1, max_candidates: 3 },
      strategy: 'default',
      weights: { cost_fit: 1 },
      input_mapping: { q: 'state.q' },
      output_key: 'chosen',
    },
  ],
  ...[
    ['auto', 'sync'],
    [{ explicit: 'jamjet://x' }, 'streaming'],
    ['auto', { conversational: { max_turns: 3, max_tokens_per_turn: 100 } }],
  ].map(([agent, mode]): [string, Fields] => [
    `agent_tool, ${JSON.stringify([agent, mode])}`,
    {
      type: 'agent_tool',
      agent: agent as Json,
      mode: mode as Json,
      input_mapping: { q: 'state.q' },
      output_key: 'said',
      timeout_ms: 5000,
      budget: { max_cost_usd: 1 },
    },
  ]),
  ...['retry_with_feedback', 'escalate', 'halt', 'log_and_continue'].map((way): [string, Fields] => [
    `eval, ${way}`,
    { type: 'eval', scorers: SCORERS, on_fail: way, max_retries: 2, input_expr: 'state.answer' },
  ]),
  ['limit_exceeded', { type: 'limit_exceeded' }],
];

describe('every field of JamJet is known', () => {
  test.each(Object.entries(TOPS))('at the top: %s', (_what, top) => {
    expect(gapsOf('jamjet', irOf(top))).toEqual([]);
  });

  test.each(NODES)('of the node %s', (_what, kind, top) => {
    const limits = { retry_policy: 'io_default', node_timeout_secs: 30 };
    expect(gapsOf('jamjet', irWith(kind, top))).toEqual([]);
    expect(gapsOf('jamjet', irWith(kind, top, limits))).toEqual([]);
  });

  test.each(['no_retry', 'io_default', 'llm_default', 'fast', 'another'])(
    'of every node, with the retry policy %s',
    (retry_policy) => {
      const node = {
        retry_policy,
        node_timeout_secs: 30,
        description: 'D',
        labels: { a: 'b' },
        policy: POLICY,
        data_policy: DATA_POLICY,
      };
      const kind = { type: 'python_fn', module: 'm', function: 'f', output_schema: '' };
      expect(gapsOf('jamjet', irWith(kind, {}, node))).toEqual([]);
    },
  );

  test.each([
    'state.x',
    'state.a.b == "x"',
    'state.x != null',
    'state.n < 1',
    'state.n >= 1.5',
    'state.s in ["a", "b"]',
    'state.x and state.y or state.z',
    'output.x == true',
  ])('of conditions: %s', (condition) => {
    const nodes = { a: { id: 'a', kind: MARK }, b: { id: 'b', kind: MARK } };
    expect(gapsOf('jamjet', irOf({}, nodes, [{ from: 'a', to: 'b', condition }]))).toEqual([]);
  });

  test.each([
    [
      'nodes as a map',
      `
workflow: { id: w, version: 0.1.0, state_schema: { q: str }, start: sort }
nodes:
  sort:
    type: condition
    branches: [{ condition: "state.q == 'x'", next: ask }]
    default: code
  ask: { type: human_approval, message: Ok?, timeout: 48h, on_approved: event, on_rejected: code }
  event: { type: wait, event: changed, timeout: 24h, on_timeout: code, next: think }
  code: { type: mcp_tool, server: github, tool: search, input: { q: "{{ state.q }}" }, output_schema: S, retry_policy: mine, next: [think, task] }
  think: { type: model, model: chat, prompt: p.md, input: { q: "{{ state.q }}" }, next: end }
  task: { type: a2a_task, remote_agent: partner, skill: s, input: { q: x }, stream: true, timeout: 5m, on_input_required: ask, next: [{ when: "state.q == 'y'", to: third }] }
  third: { type: branch, branches: [{ condition: "state.q == 'z'", next: end }] }
retry_policies:
  mine: { max_attempts: 4, backoff: exponential, base_delay: 2s, max_delay: 30s, jitter: true, retryable_errors: [timeout] }
models: { chat: { provider: openai, model: gpt } }
`,
    ],
    [
      'nodes as a list',
      `
workflow:
  id: w
  version: 0.1.0
  description: D
  start_node: think
  state_schema: { type: object, properties: { q: { type: string }, a: { type: string } } }
  nodes:
    - id: think
      kind: model
      label: Think
      config: { model: m, system: S, prompt_template: "{{ q }}", structured_output: true, output_to_state: { text: a } }
      timeout: { node_seconds: 30 }
      retry: { max_attempts: 2, backoff: exponential }
      edges: [{ to: ask, when: "a == 'x'" }, { to: task }]
    - id: ask
      kind: human_approval
      config: { prompt_template: "{{ q }}?", timeout: { node_seconds: 60 } }
      edges: [{ to: code }]
    - id: task
      kind: a2a_task
      config: { agent_url: "\${URL}", skill: s, input: { q: "{{ q }}" }, output_to_state: { text: a } }
      edges: [{ to: end }]
    - id: code
      kind: tool
      config: { fn: f, input_from_state: { q: q }, output_to_state: { r: a } }
      edges: [{ to: search }]
    - id: search
      kind: mcp_tool
      config: { server_url: "\${URL}", tool: t, input: { q: x } }
      edges: [{ to: end }]
`,
    ],
    ...['react', 'plan-and-execute', 'critic', 'reflection', 'consensus', 'debate'].map((strategy) => [
      `agent that works by ${strategy}`,
      `
agent:
  id: a
  version: 0.1.0
  description: D
  strategy: ${strategy}
  strategy_config: { max_steps: 6 }
  model: m
  goal: G
  tools: [{ name: n, description: d, input_schema: { type: object } }]
  limits: { max_iterations: 6, max_cost_usd: 0.5, timeout_seconds: 120 }
`,
    ]),
  ])('of YAML: %s', (_what, text) => {
    expect(gapsOf('jamjet', readDocument(text).value as Json)).toEqual([]);
  });
});

const STAGE: Fields = { kind: 'stage', mode: 'agent', prompt: 'Do' };

/** A graph with this node between two others. */
function harnOf(node: Fields, edges: readonly Fields[] = [{ from: 'a', to: 'b' }], top: Fields = {}): Fields {
  const nodes = { first: STAGE, a: node, b: STAGE };
  return {
    id: 'w',
    version: 1,
    entry: 'first',
    nodes,
    edges: [{ from: 'first', to: 'a' }, ...edges],
    ...top,
  };
}

const COMMON: Fields = {
  system: 'S',
  task_label: 'T',
  done_sentinel: '##DONE##',
  tools: [{ name: 'edit' }],
  model_policy: {
    provider: 'p',
    model: 'm',
    model_tier: 'small',
    temperature: 0.1,
    max_tokens: 9,
    max_iterations: 3,
    max_nudges: 2,
    nudge: 'go',
    tool_format: 'native',
  },
  auto_compact: { enabled: true },
  output_visibility: 'public',
  context_policy: {
    max_artifacts: 3,
    max_tokens: 9,
    reserve_tokens: 1,
    include_kinds: ['a'],
    exclude_kinds: ['b'],
    prioritize_kinds: ['c'],
    pinned_ids: ['d'],
    include_stages: ['b'],
    prefer_recent: true,
    prefer_fresh: true,
    render: 'short',
  },
  retry_policy: { max_attempts: 3, verify: true, repair: true, backoff_ms: 500, backoff_multiplier: 2 },
  capability_policy: {
    tools: ['read'],
    capabilities: { workspace: ['read'] },
    workspace_roots: ['/src'],
    side_effect_level: 'process_exec',
    recursion_limit: 2,
    tool_arg_constraints: [{ tool: 'x', arg_patterns: ['a*'] }],
  },
  approval_policy: {
    auto_approve: ['read'],
    auto_deny: ['rm'],
    require_approval: ['edit'],
    write_path_allowlist: ['src/**'],
  },
  input_contract: {
    input_kinds: ['spec'],
    min_inputs: 1,
    max_inputs: 2,
    require_transcript: true,
    schema: { type: 'object' },
  },
  output_contract: { output_kinds: ['plan'], schema: { type: 'object' } },
  exit_when_verified: true,
  metadata: { owner: 'x' },
};

const VERIFY: Fields = {
  command: 'npm test',
  expect_status: 0,
  assert_text: 'pass',
  expect_text: 'ok',
  contract: { required_identifiers: ['main'], required_paths: ['a.txt'], required_text: ['hello'] },
  required_identifiers: ['main'],
  required_paths: ['b.txt'],
  required_text: ['bye'],
  checks: [{ kind: 'path', value: 'c.txt' }],
};

const HARN: [string, Fields][] = [
  ['every field of a stage', harnOf({ ...STAGE, ...COMMON, verify: VERIFY })],
  ...['llm', 'command', 'compact', 'manual'].map((mode): [string, Fields] => [
    `a stage of the mode ${mode}`,
    harnOf({ kind: 'stage', mode, prompt: 'Do' }),
  ]),
  ['verify', harnOf({ kind: 'verify', verify: VERIFY })],
  ['condition', harnOf({ kind: 'condition', metadata: { contains_text: 'x' } })],
  ['fork', harnOf({ kind: 'fork' }, [{ from: 'a', to: 'b', branch: 'fork' }])],
  ...['all', 'first', 'quorum'].map((strategy): [string, Fields] => [
    `join, ${strategy}`,
    harnOf({
      kind: 'join',
      join_policy: { strategy, require_all_inputs: strategy === 'all', min_completed: 1 },
    }),
  ]),
  [
    'map',
    harnOf(
      {
        ...STAGE,
        kind: 'map',
        map_policy: {
          items: ['x'],
          item_artifact_kind: 'f',
          output_kind: 'r',
          max_items: 9,
          max_concurrent: 1,
        },
        join_policy: { strategy: 'quorum', min_completed: 1, require_all_inputs: false },
      },
      [{ from: 'a', to: 'b', branch: 'mapped' }],
    ),
  ],
  [
    'reduce',
    harnOf({ kind: 'reduce', reduce_policy: { strategy: 'concat', separator: '-', output_kind: 'k' } }),
  ],
  ['subagent', harnOf({ kind: 'subagent', prompt: 'x' })],
  [
    'escalation',
    harnOf({ kind: 'escalation', escalation_policy: { level: 'high', queue: 'ops', reason: 'r' } }),
  ],
  [
    'the top',
    harnOf(STAGE, [{ from: 'a', to: 'b', branch: 'success', label: 'on' }], {
      name: 'N',
      capability_policy: COMMON['capability_policy'] as Fields,
      approval_policy: COMMON['approval_policy'] as Fields,
      metadata: { team: 'x' },
      audit_log: [{ op: 'create' }],
    }),
  ],
  ['the shorthand', { act: STAGE, verify: VERIFY, repair: STAGE }],
  ...['success', 'failed', 'error'].map((branch): [string, Fields] => [
    `the branch ${branch}`,
    harnOf(STAGE, [{ from: 'a', to: 'b', branch }]),
  ]),
  ...['approved', 'denied', 'skipped', 'failed'].map((branch): [string, Fields] => [
    `the branch ${branch} of a gate`,
    harnOf({ kind: 'stage', mode: 'manual', prompt: 'Ok?' }, [
      { from: 'a', to: 'b' },
      { from: 'a', to: 'b', branch },
    ]),
  ]),
];

describe('every field of Harn is known', () => {
  test.each(HARN)('%s', (_what, value) => {
    expect(gapsOf('harn', value)).toEqual([]);
  });
});
