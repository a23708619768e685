/** Files of other systems that hold nearly every field that their formats have. */
import { readDocument } from '../../../packages/pawl/src/graph/index.ts';
import type { Fields } from './imported.ts';

const NODE = { retry_policy: null, node_timeout_secs: null, description: null, labels: {} };

function node(id: string, kind: Fields, more: Fields = {}): Fields {
  return { [id]: { id, kind, ...NODE, ...more } };
}

export const irSamples: readonly Fields[] = [
  {
    workflow_id: 'orders',
    version: '1.2.3+abc',
    name: 'Orders',
    description: 'From order to parcel',
    state_schema: 'schemas.Order',
    start_node: 'draft',
    continue_as_new: null,
    nodes: {
      ...node(
        'draft',
        {
          type: 'model',
          model_ref: 'chat',
          prompt_ref: 'prompts/draft.md',
          output_schema: 'schemas.Draft',
          system_prompt: 'Be {{ state.tone }}',
          tools: ['search'],
        },
        {
          retry_policy: 'llm_default',
          node_timeout_secs: 60,
          policy: { blocked_tools: ['rm*'], require_approval_for: [], model_allowlist: ['openai/*'] },
          data_policy: {
            pii_fields: ['$.mail'],
            pii_detectors: ['email'],
            redaction_mode: 'mask',
            retain_prompts: false,
            retain_outputs: true,
            retention_days: 30,
          },
        },
      ),
      ...node(
        'look',
        {
          type: 'tool',
          tool_ref: 'search',
          input_mapping: { q: 'state.question' },
          output_schema: 'schemas.R',
        },
        { retry_policy: 'mine' },
      ),
      ...node(
        'enrich',
        { type: 'python_fn', module: 'app.steps', function: 'enrich', output_schema: '' },
        { retry_policy: 'fast' },
      ),
      ...node('route', {
        type: 'condition',
        branches: [
          { condition: 'state.total == 1', target: 'fork' },
          { condition: 'state.vip', target: 'fork' },
          { condition: null, target: 'end' },
        ],
      }),
      ...node('fork', { type: 'parallel', branches: ['pause', 'paid'] }),
      ...node('pause', { type: 'wait', condition: 'timer', correlation_key: null, timeout_secs: 5 }),
      ...node('paid', {
        type: 'wait',
        condition: 'external_event',
        correlation_key: 'order-{{ state.id }}',
        timeout_secs: 50,
      }),
      ...node('meet', { type: 'join', wait_for: ['pause', 'paid'], merge_strategy: 'collect' }),
      ...node('gate', {
        type: 'human_approval',
        description: 'Ship {{ state.id }}?',
        timeout_secs: 3600,
        fallback_node: 'late',
      }),
      ...node('late', { type: 'wait', condition: 'either', correlation_key: 'state.key', timeout_secs: 1 }),
      ...node('ship', {
        type: 'subgraph',
        workflow_ref: 'parcel',
        workflow_version: '1.0.0',
        input_mapping: { a: 'state.a' },
        output_mapping: { r: 'state.r' },
      }),
      ...node('recall', {
        type: 'memory_retrieval',
        connector_ref: 'pg',
        query_expr: 'state.question',
        output_schema: '',
      }),
      ...node('allowed', { type: 'policy', policy_ref: 'p', on_violation: 'warn' }),
      ...node('writer', { type: 'agent', agent_ref: 'writer', input_mapping: {}, output_schema: '' }),
      ...node('code', {
        type: 'mcp_tool',
        server: 'github',
        tool: 'search',
        input_mapping: { q: 'x' },
        output_schema: '',
      }),
      ...node('review', {
        type: 'a2a_task',
        remote_agent: 'partner',
        skill: 's',
        input_mapping: {},
        output_schema: '',
        stream: true,
        on_input_required: null,
        timeout_secs: 300,
      }),
      ...node('pick', {
        type: 'coordinator',
        task: 't',
        required_skills: ['a'],
        preferred_skills: [],
        trust_domain: 'internal',
        budget: { max_cost_usd: 0.5, max_latency_ms: 2000 },
        tiebreaker: { model: 'm', threshold: 0.1, max_candidates: 3 },
        strategy: 'default',
        weights: { cost_fit: 1 },
        input_mapping: {},
        output_key: 'chosen',
      }),
      ...node('ask', {
        type: 'agent_tool',
        agent: { explicit: 'jamjet://x' },
        mode: { conversational: { max_turns: 3, max_tokens_per_turn: 100 } },
        input_mapping: {},
        output_key: 'said',
        timeout_ms: 5000,
        budget: { max_cost_usd: 1, max_tokens: 1000 },
      }),
      ...node('judge', {
        type: 'eval',
        scorers: [
          { type: 'llm_judge', model: 'm', rubric: 'good?', min_score: 4 },
          { type: 'assertion', checks: ['state.n >= 3 and state.ok'] },
          { type: 'latency', threshold_ms: 100 },
          { type: 'cost', threshold_usd: 0.25 },
          { type: 'custom', module: 'p:S', kwargs: { a: 1 } },
        ],
        on_fail: 'escalate',
        max_retries: 2,
        input_expr: 'state.answer',
      }),
      ...node('clean', { type: 'finalizer', tool_ref: 'notify', run_on: 'failure' }),
      ...node('over', { type: 'java_fn', class_name: 'com.acme.Over', method: 'run', output_schema: '' }),
    },
    edges: [
      ['draft', 'look'],
      ['look', 'enrich', 'output.n > 3'],
      ['enrich', 'route'],
      ['route', 'fork', 'state.vip'],
      ['meet', 'gate'],
      ['gate', 'ship'],
      ['late', 'ship'],
      ['ship', 'recall'],
      ['recall', 'allowed'],
      ['allowed', 'writer'],
      ['writer', 'code'],
      ['code', 'review'],
      ['review', 'pick'],
      ['pick', 'ask'],
      ['ask', 'judge'],
      ['judge', 'recall', 'state.again == true'],
      ['judge', 'clean'],
      ['clean', 'end'],
    ].map(([from = '', to = '', condition = null]) => ({ from, to, condition })),
    retry_policies: {
      mine: {
        max_attempts: 4,
        backoff: 'linear',
        initial_delay: 1,
        max_delay: 30,
        jitter: true,
        retryable_on: ['io_error', { custom: 'x' }],
      },
    },
    timeouts: { node_timeout: 120, workflow_timeout: 3600, heartbeat_interval: 30, approval_timeout: 86_400 },
    models: {
      chat: {
        provider: 'openai',
        model: 'gpt',
        timeout_secs: 60,
        retry_policy: 'llm_default',
        temperature: 0.2,
        max_tokens: 100,
      },
    },
    tools: {
      search: {
        kind: 'python',
        reference: 'app:search',
        input_schema: 'S',
        output_schema: 'O',
        permissions: ['read'],
      },
    },
    mcp_servers: {
      github: {
        transport: 'http_sse',
        command: null,
        url: 'https://x',
        args: [],
        auth: { type: 'bearer', token_env: 'TOKEN' },
      },
    },
    remote_agents: {
      partner: {
        url: 'https://x',
        agent_card_path: '/c',
        auth: { type: 'oauth2', client_id_env: 'I', client_secret_env: 'S', token_url: 'https://t' },
      },
    },
    labels: { team: 'x' },
    policy: { blocked_tools: ['x'], require_approval_for: ['y'], model_allowlist: ['z'] },
    token_budget: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
    cost_budget_usd: 1.5,
    on_budget_exceeded: 'over',
    data_policy: null,
  },
];

/** Nodes as a map: each says what is next. */
export const MAP_YAML = `
workflow:
  id: support-triage
  version: 0.1.0
  description: Sort, ask, answer
  state_schema: { ticket: str, priority: int, approved: bool, answer: str, tags: "list[str]" }
  start: fetch
  token_budget: { total_tokens: 5000 }
  cost_budget_usd: 5.00
  on_budget_exceeded: pause
  policy: { blocked_tools: ["delete_*"] }
nodes:
  fetch:
    type: tool
    tool_ref: get_ticket
    input: { id: "{{ state.ticket }}" }
    output_key: ticket
    retry_policy: careful
    next: sort
  sort:
    type: branch
    conditions:
      - { if: "state.priority > 3 and not state.approved", next: fan }
      - { if: "state.priority in [1, 2]", next: reply }
    default: ask
  fan:
    type: parallel
    branches: [search, model]
    next: ask
  search:
    type: mcp_tool
    server: github
    tool: search_code
    arguments: { q: "{{ state.ticket }}" }
    output_key: found
    retry: { max_attempts: 3, backoff: exponential, delay_ms: 1000 }
  model:
    type: model
    model: chat
    system: You sort tickets.
    prompt: "Ticket {{ state.ticket }}"
    temperature: 0.1
    output_key: answer
  ask:
    type: human_approval
    message: Answer {{ state.ticket }}?
    timeout: 48h
    on_approved: reply
    on_rejected: wait
  wait:
    type: wait
    event: ticket_changed
    timeout_hours: 24
    on_timeout: done
    next:
      - { when: "state.priority == 1", to: reply }
      - { else: done }
  reply:
    type: agent
    agent_ref: responder
    autonomy: { level: guided, constraints: { max_iterations: 3 } }
    circuit_breaker_threshold: 3
    output_key: answer
    next: post
  post:
    type: http
    method: POST
    url: https://tickets.example/{{ state.ticket }}
    headers: { Content-Type: application/json }
    body: { answer: "{{ state.answer }}" }
    output_key: posted
    timeout: 30s
    next: done
  done: { type: end }
retry_policies:
  careful: { max_attempts: 4, backoff: exponential, base_delay: 2s, max_delay: 30s, jitter: true, retryable_errors: [timeout, rate_limit, 503] }
models:
  chat: { provider: openai, model: gpt, timeout: 60s, retry_policy: llm_default, temperature: 0.2 }
tools:
  get_ticket: { kind: python, ref: "app.tools:get_ticket", permissions: [read_only] }
agents:
  responder:
    model: chat
    system_prompt: prompts/responder.md
    mcp: { servers: { github: { transport: stdio, command: npx, args: ["-y", server], auth: { type: bearer, token_env: GITHUB_TOKEN } } } }
`;

/** Nodes as a list: each has a config, and edges of its own. */
export const LIST_YAML = `
workflow:
  id: risk_approval
  version: 0.1.0
  description: A risk is assessed, and a person decides
  start_node: assess
  state_schema:
    type: object
    properties:
      request: { type: string }
      risk: { type: string, enum: [low, high] }
      score: { type: number, default: 0 }
      decision: { type: string }
    required: [request]
  nodes:
    - id: assess
      kind: model
      label: Assess the risk
      config:
        model: claude
        system: Answer in JSON
        prompt_template: "Request: {{ request }}"
        structured_output: true
        output_to_state: { risk: risk, score: score }
      edges:
        - { to: ask, when: "risk == 'high'" }
        - { to: act }
    - id: ask
      kind: human_approval
      config:
        prompt_template: "{{ request }} at {{ risk }}?"
        timeout: { node_seconds: 86400 }
        on_timeout: reject
      edges:
        - { condition: "decision == 'approved'", to: act }
        - { condition: "decision == 'rejected'", to: note }
    - id: act
      kind: tool
      config:
        fn: execute_request
        input_from_state: { request: request, why: notes }
        output_to_state: { result: outcome }
      timeout: { node_seconds: 30 }
      retry: { max_attempts: 2, backoff: exponential }
      edges:
        - to: ask_partner
    - id: ask_partner
      kind: a2a_task
      config:
        agent_url: "\${PARTNER_URL}"
        skill: review
        input: { request: "{{ request }}" }
        stream: true
        timeout_seconds: 300
        output_to_state: { result: opinion }
      edges:
        - to: search
    - id: search
      kind: mcp_tool
      config: { server_url: "\${DOCS_TOKEN}", tool: search, input_from_state: { q: request } }
      edges:
        - to: end
    - id: note
      kind: tool
      config: { fn: record }
      edges:
        - to: end
`;

export const AGENT_YAML = `
agent:
  id: researcher
  version: 0.1.0
  description: Looks things up
  strategy: react
  strategy_config: { max_steps: 6 }
  model: claude
  goal: "{{ goal }} Use the tools."
  tools:
    - name: web_search
      description: Search the web
      input_schema: { type: object, properties: { query: { type: string } } }
    - finish
  limits: { max_iterations: 6, max_cost_usd: 0.50, timeout_seconds: 120 }
  on_limit_exceeded: return_partial
`;

export const yamlSamples: readonly Fields[] = [MAP_YAML, LIST_YAML, AGENT_YAML].map(
  (text) => readDocument(text).value as Fields,
);

export const harnSamples: readonly Fields[] = [
  {
    act: { mode: 'agent', prompt: 'Mend it', tools: [{ name: 'edit' }] },
    verify: { command: 'npm test', expect_status: 0, assert_text: 'passed' },
    repair: { mode: 'agent', prompt: 'Repair it', model_policy: { temperature: 0.2 } },
    model: 'gpt',
    provider: 'openai',
    done_sentinel: '##DONE##',
  },
  {
    _type: 'workflow_graph',
    id: 'release',
    name: 'Release',
    version: 3,
    entry: 'plan',
    nodes: {
      plan: {
        id: 'plan',
        kind: 'stage',
        mode: 'llm',
        prompt: 'Plan it',
        system: 'You plan',
        task_label: 'Task',
        done_sentinel: '##DONE##',
        tools: null,
        model_policy: {
          provider: 'openai',
          model: 'gpt',
          model_tier: null,
          temperature: 0.1,
          max_tokens: 100,
          max_iterations: 3,
          max_nudges: 2,
          nudge: 'go',
          tool_format: 'native',
        },
        auto_compact: { enabled: true, token_threshold: 1000 },
        output_visibility: 'public',
        context_policy: {
          max_artifacts: 3,
          max_tokens: 9,
          reserve_tokens: 1,
          include_kinds: ['plan'],
          exclude_kinds: [],
          prioritize_kinds: [],
          pinned_ids: [],
          include_stages: [],
          prefer_recent: true,
          prefer_fresh: false,
          render: null,
        },
        retry_policy: {
          max_attempts: 3,
          verify: true,
          repair: false,
          backoff_ms: 500,
          backoff_multiplier: null,
        },
        capability_policy: {
          tools: ['read'],
          capabilities: { workspace: ['read'] },
          workspace_roots: ['/src'],
          side_effect_level: 'read_only',
          recursion_limit: 2,
          tool_arg_constraints: [{ tool: 'x', arg_patterns: ['a*'] }],
        },
        approval_policy: {
          auto_approve: ['read'],
          auto_deny: [],
          require_approval: ['edit'],
          write_path_allowlist: ['src/**'],
        },
        input_contract: {
          input_kinds: ['spec'],
          min_inputs: 1,
          max_inputs: 2,
          require_transcript: true,
          schema: null,
        },
        output_contract: { output_kinds: ['plan'], schema: { type: 'object' } },
        exit_when_verified: false,
        metadata: { owner: 'x' },
      },
      split: { kind: 'fork' },
      make: { kind: 'stage', mode: 'command', verify: { command: 'make' } },
      each: {
        kind: 'map',
        mode: 'agent',
        prompt: 'Do',
        map_policy: {
          items: ['x', 'y'],
          item_artifact_kind: 'f',
          output_kind: 'r',
          max_items: 9,
          max_concurrent: 1,
        },
        join_policy: { strategy: 'quorum', min_completed: 1, require_all_inputs: false },
      },
      meet: { kind: 'join', join_policy: { strategy: 'all', require_all_inputs: true } },
      sum: { kind: 'reduce', reduce_policy: { strategy: 'concat', separator: '--', output_kind: 'summary' } },
      bad: { kind: 'condition', metadata: { contains_text: 'bad' } },
      aside: { kind: 'subagent', prompt: 'delegate' },
      gate: {
        kind: 'stage',
        mode: 'manual',
        prompt: 'Ship?',
        metadata: { reviewers: ['ada'], deadline: '4h' },
      },
      check: {
        kind: 'verify',
        verify: {
          command: 'npm test',
          expect_text: 'pass',
          contract: { required_paths: ['a.txt'], required_text: ['hello'] },
          checks: [{ kind: 'path', value: 'b.txt', note: 'n' }],
        },
      },
      mend: { kind: 'stage', mode: 'agent', prompt: 'Mend' },
      boss: { kind: 'escalation', escalation_policy: { level: 'high', queue: 'oncall', reason: 'stuck' } },
    },
    edges: [
      { from: 'plan', to: 'split', branch: 'success' },
      { from: 'plan', to: 'boss', branch: 'error', label: 'oops' },
      { from: 'split', to: 'make' },
      { from: 'split', to: 'each' },
      { from: 'make', to: 'meet' },
      { from: 'each', to: 'meet', branch: 'mapped' },
      { from: 'meet', to: 'sum' },
      { from: 'sum', to: 'bad' },
      { from: 'bad', to: 'aside', branch: 'true' },
      { from: 'bad', to: 'gate', branch: 'false' },
      { from: 'aside', to: 'gate' },
      { from: 'gate', to: 'check', branch: 'approved' },
      { from: 'gate', to: 'boss', branch: 'denied' },
      { from: 'check', to: 'mend', branch: 'failed' },
      { from: 'mend', to: 'check', branch: 'retry' },
      { from: 'check', to: 'boss', branch: 'error' },
    ],
    capability_policy: { tools: [] },
    approval_policy: {},
    metadata: { team: 'x' },
    audit_log: [{ id: '1', op: 'create' }],
  },
];
