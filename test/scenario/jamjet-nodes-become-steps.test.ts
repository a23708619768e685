/** Promises of the importer of JamJet about nodes: what each kind becomes. */
import { describe, expect, test } from 'vitest';
import { kindTable } from '../../packages/pawl/src/graph/index.ts';
import type { Json } from '../../packages/pawl/src/std/index.ts';
import type { Fields } from './support/imported.ts';
import { MARK, read, stepOf } from './support/jamjet-ir.ts';

describe('a node becomes a step of the kind', () => {
  test('model, with what its model stands for', () => {
    const more: Fields = {
      models: {
        chat: {
          provider: 'openai',
          model: 'gpt',
          temperature: 0.2,
          max_tokens: 9,
          timeout_secs: 7,
          retry_policy: 'io_default',
        },
        other: { provider: 'p', model: 'm' },
      },
      tools: { search: { kind: 'python', reference: 'm:f', permissions: ['read'] } },
    };
    const kind = {
      type: 'model',
      model_ref: 'chat',
      prompt_ref: 'About {{ state.topic }}',
      output_schema: '{"type":"object"}',
      system_prompt: 'Be kind',
      tools: ['search', { name: 'own', description: 'd' }],
    };
    expect(stepOf(kind, more)).toEqual({
      kind: 'model',
      with: {
        model: 'openai/gpt',
        temperature: 0.2,
        maxTokens: 9,
        prompt: 'About {{ has(state.topic) ? state.topic : "" }}',
        system: 'Be kind',
        tools: [
          { name: 'search', kind: 'python', reference: 'm:f', permissions: ['read'] },
          { name: 'own', description: 'd' },
        ],
        output: { type: 'object' },
      },
      save: { a: 'output' },
      retry: 'io',
      timeout: '7s',
    });
  });

  test('model, with a file of its prompt, and the key that compiled agents save as', () => {
    const kind = { type: 'model', model_ref: 'm', prompt_ref: 'prompts/x.md', output_schema: 'answer' };
    expect(stepOf(kind)).toMatchObject({
      with: { model: 'm', promptFile: 'prompts/x.md' },
      save: { answer: 'output' },
    });
  });

  test('tool, with its definition', () => {
    const more = { tools: { t: { kind: 'http', reference: 'http://x', input_schema: 'S' } } };
    const kind = {
      type: 'tool',
      tool_ref: 't',
      input_mapping: { a: 'state.q', b: 'text', c: '{{ state.x.y }}' },
      output_schema: 'schemas.R',
    };
    expect(stepOf(kind, more)).toEqual({
      kind: 'tool',
      with: {
        tool: 't',
        definition: { kind: 'http', reference: 'http://x', inputSchema: 'S' },
        input: {
          a: '{{ has(state.q) ? state.q : null }}',
          b: 'text',
          c: '{{ has(state.x) && has(state.x.y) ? state.x.y : null }}',
        },
      },
      metadata: { outputSchema: 'schemas.R' },
      save: 'output',
      timeout: '300s',
    });
  });

  test.each([
    [
      { type: 'python_fn', module: 'app.steps', function: 'run', output_schema: '' },
      'app.steps.run',
      'python_tool',
    ],
    [
      { type: 'java_fn', class_name: 'com.acme.Steps', method: 'run', output_schema: '' },
      'com.acme.Steps.run',
      'java_tool',
    ],
  ])('function, which gets the state and gives a patch of it: %o', (kind, name, queue) => {
    expect(stepOf(kind)).toEqual({
      kind: 'function',
      queue,
      with: { function: name, input: '{{ state }}' },
      save: 'output',
      timeout: '300s',
    });
  });

  test('function, where a tool is one of user code', () => {
    expect(stepOf({ type: 'tool', tool_ref: 'app.tools:send', input_mapping: {} })).toMatchObject({
      kind: 'function',
      with: { function: 'app.tools.send' },
    });
  });

  test.each<[string, Fields, string]>([
    ['model', { model_ref: 'm', prompt_ref: 'p', output_schema: '' }, 'model'],
    ['tool', { tool_ref: 'search', input_mapping: {} }, 'tool'],
    ['tool', { tool_ref: 'app.tools:send', input_mapping: {} }, 'tool'],
    ['python_fn', { module: 'm', function: 'f', output_schema: '' }, 'python_tool'],
    ['java_fn', { class_name: 'C', method: 'f', output_schema: '' }, 'java_tool'],
    ['memory_retrieval', { connector_ref: 'pg', query_expr: 'state.q', output_schema: '' }, 'retrieval'],
    ['mcp_tool', { server: 's', tool: 't', input_mapping: {}, output_schema: '' }, 'tool'],
    [
      'a2a_task',
      { remote_agent: 'r', skill: 's', input_mapping: {}, output_schema: '', stream: false },
      'tool',
    ],
    ['finalizer', { tool_ref: 'app.tools:tidy', run_on: 'always' }, 'tool'],
    ['agent', { agent_ref: 'a', input_mapping: {}, output_schema: '' }, 'general'],
    ['policy', { policy_ref: 'p', on_violation: 'fail' }, 'general'],
    ['agent_discovery', { skill: 's', output_binding: 'x' }, 'general'],
    [
      'eval',
      { scorers: [{ type: 'assertion', checks: ['state.x == 1'] }], on_fail: 'halt', max_retries: 0 },
      'general',
    ],
    ['condition', { branches: [{ condition: 'state.x', target: 'end' }] }, 'general'],
  ])(
    'a step for the queue that its node had, by itself or in so many words: %s %o',
    (type, fields, queue) => {
      const made = read({ nodes: { first: MARK, a: { type, ...fields } }, edges: [['first', 'a']] });
      expect(made.refused).toEqual([]);
      const step = made.steps['a'] as { readonly kind: string; readonly queue?: string };
      expect(step.queue ?? kindTable().get(step.kind)?.queue).toBe(queue);
      expect(step.queue).not.toBe(kindTable().get(step.kind)?.queue);
    },
  );

  test('condition, with labels of its own', () => {
    const branches = [
      { condition: 'state.n == 1', target: 'b' },
      { condition: 'state.n == 2', target: 'b' },
      { condition: 'state.x', target: 'end' },
      { condition: null, target: 'failed' },
    ];
    const made = read({ nodes: { a: { type: 'condition', branches }, b: MARK, failed: MARK } });
    expect(made.refused).toEqual([]);
    expect(made.steps['a']).toEqual({
      kind: 'condition',
      with: {
        branches: [
          { name: 'b', when: 'has(state.n) && state.n == 1' },
          { name: 'b-2', when: 'has(state.n) && state.n == 2' },
          { name: 'to-end', when: 'has(state.x) && truthy(state.x)' },
        ],
        default: 'to-failed',
      },
    });
    expect(made.edges).toEqual([
      { from: 'a', to: 'b', on: 'b' },
      { from: 'a', to: 'b', on: 'b-2' },
      { from: 'a', to: 'end', on: 'to-end' },
      { from: 'a', to: 'failed', on: 'to-failed' },
    ]);
  });

  test('condition, whose path ends where nothing is true', () => {
    const branches = [{ condition: 'state.x', target: 'b' }];
    const made = read({ nodes: { a: { type: 'condition', branches }, b: MARK } });
    expect(made.steps['a']).toMatchObject({ with: { default: 'otherwise' } });
    expect(made.edges).toContainEqual({ from: 'a', to: 'end', on: 'otherwise' });
  });

  test('join, where a condition has nothing but a default', () => {
    const branches = [
      { condition: null, target: 'b' },
      { condition: null, target: 'c' },
    ];
    const made = read({ nodes: { a: { type: 'condition', branches }, b: MARK } });
    expect([made.steps['a'], made.edges]).toEqual([{ kind: 'join' }, ['a -> b']]);
    expect(made.report).toContainEqual(
      expect.stringMatching(/^meaningless nodes\.a\.kind\.branches\[1\]\.target.*second default/),
    );
  });

  test('join, for the marker of a limit', () => {
    expect(stepOf({ type: 'limit_exceeded', description: 'too much' })).toEqual({
      kind: 'join',
      description: 'too much',
    });
  });

  test('parallel and join, by what they name and by edges alike', () => {
    const made = read({
      nodes: {
        a: { type: 'parallel', branches: ['b', 'c'] },
        b: MARK,
        c: MARK,
        d: { type: 'join', wait_for: ['b', 'c'], merge_strategy: 'collect' },
      },
      edges: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    });
    expect(made.refused).toEqual([]);
    expect(made.edges).toEqual(['a -> b', 'a -> c', 'c -> d', 'b -> d']);
    expect(made.steps['d']).toEqual({ kind: 'join' });
  });

  test.each([
    ['first', { kind: 'join', join: 'any' }],
    [{ custom: { function_ref: 'm:f' } }, { kind: 'join' }],
  ])('join, with the strategy %o', (merge_strategy, step) => {
    expect(stepOf({ type: 'join', wait_for: [], merge_strategy })).toEqual(step);
  });

  test('approval, whose late end has a node, and whose rejection has none', () => {
    const made = read({
      nodes: {
        a: {
          type: 'human_approval',
          description: 'Ship {{ state.ref }}?',
          timeout_secs: 60,
          fallback_node: 'c',
        },
        b: MARK,
        c: MARK,
      },
      edges: [['a', 'b']],
    });
    expect(made.steps['a']).toEqual({
      kind: 'approval',
      with: { message: 'Ship {{ has(state.ref) ? state.ref : "" }}?', deadline: '60s' },
    });
    expect(made.edges).toEqual([{ from: 'a', to: 'c', on: 'expired' }, 'a -> b']);
    expect(made.report).toContainEqual(expect.stringContaining('a rejection fails the run'));
  });

  test('approval, with the limit of the whole', () => {
    const kind = { type: 'human_approval', description: 'x', timeout_secs: null, fallback_node: null };
    expect(stepOf(kind, { timeouts: { approval_timeout: 9 } })).toMatchObject({ with: { deadline: '9s' } });
  });

  test.each([
    [
      { condition: 'timer', timeout_secs: 5 },
      { kind: 'sleep', with: { for: '5s' } },
    ],
    [
      { condition: 'external_event', correlation_key: 'paid', timeout_secs: 5 },
      { kind: 'signal', with: { name: 'paid', timeout: '5s' } },
    ],
    [
      { condition: 'external_event', correlation_key: 'order-{{ state.id }}' },
      { kind: 'signal', with: { name: 'order-{{ has(state.id) ? state.id : "" }}' } },
    ],
    [
      { condition: 'external_event', correlation_key: null },
      { kind: 'signal', with: { name: 'a' } },
    ],
  ])('sleep or signal: %o', (kind, step) => {
    expect(stepOf({ type: 'wait', ...kind })).toMatchObject(step);
  });

  test('signal, which goes on when its time is over where it waits for either', () => {
    const made = read({
      nodes: { a: { type: 'wait', condition: 'either', correlation_key: 'k', timeout_secs: 1 }, b: MARK },
      edges: [['a', 'b']],
    });
    expect(made.edges).toEqual([{ from: 'a', to: 'b', on: ['received', 'expired'] }]);
  });

  test('workflow, with what goes in and comes out', () => {
    const kind = {
      type: 'subgraph',
      workflow_ref: 'child',
      workflow_version: '1.0.0',
      input_mapping: { q: 'state.q' },
      output_mapping: { answer: 'state.result.text' },
    };
    expect(stepOf(kind)).toEqual({
      kind: 'workflow',
      with: { workflow: 'child', version: '1.0.0', input: { q: '{{ has(state.q) ? state.q : null }}' } },
      save: { answer: 'has(output.result) && has(output.result.text) ? output.result.text : null' },
    });
  });

  test('function, for a connector that the report names', () => {
    const made = read({
      nodes: {
        a: { type: 'memory_retrieval', connector_ref: 'pg', query_expr: 'state.q', output_schema: '' },
      },
    });
    expect(made.steps['a']).toMatchObject({
      kind: 'function',
      with: { function: 'pg', input: { query: '{{ has(state.q) ? state.q : null }}' } },
    });
    expect(made.report).toContainEqual(expect.stringContaining('the connector "pg" is a function'));
  });

  test.each([
    ['fail', ['a -> b']],
    ['warn', [{ from: 'a', to: 'b', on: ['passed', 'failed'] }]],
    [{ branch: { target: 'c' } }, [{ from: 'a', to: 'c', on: 'failed' }, 'a -> b']],
  ])('policy, which reacts by %o', (on_violation, edges) => {
    const made = read({
      nodes: {
        a: { type: 'policy', policy_ref: 'p', on_violation },
        b: MARK,
        ...(typeof on_violation === 'string' ? {} : { c: MARK }),
      },
      edges: [['a', 'b']],
    });
    expect(made.steps['a']).toMatchObject({ kind: 'policy', with: { policy: 'p' } });
    expect(made.edges).toEqual(edges);
  });

  test.each(['success', 'failure', 'always'])('tool with finalize: %s', (run_on) => {
    const made = read({
      nodes: { a: MARK, fin: { type: 'finalizer', tool_ref: 'notify', run_on } },
      edges: [
        ['a', 'fin'],
        ['fin', 'end'],
      ],
    });
    expect(made.steps['fin']).toMatchObject({ kind: 'tool', with: { tool: 'notify' }, finalize: run_on });
    expect(made.edges).toEqual(['a -> end']);
  });

  test('agent, by its name', () => {
    expect(
      stepOf({ type: 'agent', agent_ref: 'w', input_mapping: { t: 'state.t' }, output_schema: '' }),
    ).toMatchObject({
      kind: 'agent',
      with: { agent: 'w', input: { t: '{{ has(state.t) ? state.t : null }}' } },
      save: 'output',
    });
  });

  test.each([
    [
      { type: 'bearer', token_env: 'TOKEN' },
      { type: 'bearer', token: { $secret: 'TOKEN' } },
    ],
    [
      { type: 'api_key', header: 'X-Key', key_env: 'KEY' },
      { type: 'api_key', header: 'X-Key', key: { $secret: 'KEY' } },
    ],
    [
      { type: 'oauth2', client_id_env: 'ID', client_secret_env: 'SEC', token_url: 'https://t' },
      {
        type: 'oauth2',
        tokenUrl: 'https://t',
        clientId: { $secret: 'ID' },
        clientSecret: { $secret: 'SEC' },
      },
    ],
  ])('mcp, with its server and a reference to each secret: %o', (auth, written) => {
    const more = { mcp_servers: { gh: { transport: 'http_sse', url: 'https://x', args: [], auth } } };
    const kind = { type: 'mcp_tool', server: 'gh', tool: 'search', input_mapping: {}, output_schema: '' };
    expect(stepOf(kind, more)).toMatchObject({
      kind: 'mcp',
      with: {
        server: { name: 'gh', transport: 'http_sse', url: 'https://x', auth: written },
        tool: 'search',
      },
    });
  });

  test('a2a, with its agent', () => {
    const more = { remote_agents: { r: { url: 'https://x', agent_card_path: '/c', auth: null } } };
    const kind = {
      type: 'a2a_task',
      remote_agent: 'r',
      skill: 's',
      input_mapping: {},
      output_schema: '',
      stream: true,
      on_input_required: 'a',
      timeout_secs: 9,
    };
    expect(stepOf(kind, more)).toMatchObject({
      kind: 'a2a',
      with: { agent: { name: 'r', url: 'https://x', agentCardPath: '/c' }, skill: 's', stream: true },
      timeout: '9s',
    });
  });

  test('coordinator, for agents that are looked for too', () => {
    const kind = {
      type: 'coordinator',
      task: 'Look at {{ state.x }}',
      required_skills: ['a'],
      preferred_skills: ['b'],
      trust_domain: 'internal',
      budget: { max_cost_usd: 0.5, max_latency_ms: 100 },
      tiebreaker: { model: 'm', threshold: 0.1, max_candidates: 3 },
      strategy: 'default',
      weights: { cost_fit: 1 },
      input_mapping: {},
      output_key: 'chosen',
    };
    expect(stepOf(kind)).toMatchObject({
      kind: 'coordinator',
      with: {
        task: 'Look at {{ has(state.x) ? state.x : "" }}',
        requiredSkills: ['a'],
        preferredSkills: ['b'],
        trustDomain: 'internal',
        strategy: 'default',
        weights: { cost_fit: 1 },
        maxLatencyMs: 100,
        tiebreaker: { model: 'm', threshold: 0.1, maxCandidates: 3 },
      },
      budget: { usd: '0.5' },
      save: { chosen: 'output' },
    });
    expect(
      stepOf({ type: 'agent_discovery', skill: 's', protocol: 'a2a', output_binding: 'found' }),
    ).toMatchObject({
      kind: 'coordinator',
      with: { requiredSkills: ['s'], protocol: 'a2a' },
      save: { found: 'output' },
    });
  });

  test.each([
    [{ explicit: 'jamjet://x' }, 'sync', { agent: 'jamjet://x', mode: 'sync' }],
    ['auto', 'streaming', { agent: 'auto', mode: 'streaming' }],
    [
      'auto',
      { conversational: { max_turns: 3, max_tokens_per_turn: null } },
      { agent: 'auto', mode: 'conversational', maxTurns: 3 },
    ],
  ])('agent_tool: %o %o', (agent, mode, fields) => {
    const kind = {
      type: 'agent_tool',
      agent,
      mode,
      input_mapping: {},
      output_key: 'k',
      timeout_ms: 5,
      budget: { max_cost_usd: 1, max_tokens: 2 },
    };
    expect(stepOf(kind)).toMatchObject({
      kind: 'agent_tool',
      with: fields,
      timeout: '5ms',
      budget: { usd: '1', totalTokens: 2 },
      save: { k: 'output' },
    });
  });

  test('verify, with a clause for each scorer that has a meaning', () => {
    const scorers: Json = [
      { type: 'llm_judge', model: 'm', rubric: 'good?', min_score: 4 },
      { type: 'assertion', checks: ['state.n >= 3', 'state.ok'] },
      { type: 'latency', threshold_ms: 5 },
      { type: 'cost', threshold_usd: 0.25 },
      { type: 'custom', module: 'p.s:Scorer', kwargs: { a: 1 } },
    ];
    const made = read({
      nodes: {
        a: {
          type: 'eval',
          scorers,
          on_fail: 'retry_with_feedback',
          max_retries: 2,
          input_expr: 'state.answer',
        },
      },
    });
    const subject = '{{ has(state.answer) ? state.answer : null }}';
    expect(made.steps['a']).toMatchObject({
      kind: 'verify',
      with: {
        clauses: [
          { judge: { model: 'm', rubric: 'good?', minScore: 4, subject } },
          { expression: 'has(state.n) && type(state.n) == double && state.n >= 3' },
          { expression: 'has(state.ok) && truthy(state.ok)' },
          { judge: { function: 'p.s.Scorer', input: { a: 1 }, subject } },
        ],
      },
      budget: { usd: '0.25' },
    });
    const without = made.report
      .filter((line) => line.startsWith('meaningless'))
      .map((line) => line.split(' ')[1]);
    expect(without).toEqual([
      'nodes.a.kind.scorers[2].threshold_ms',
      'nodes.a.kind.on_fail',
      'nodes.a.kind.max_retries',
    ]);
  });

  test.each([
    ['halt', ['a -> b']],
    ['log_and_continue', [{ from: 'a', to: 'b', on: ['passed', 'failed'] }]],
    ['escalate', ['a -> b', { from: 'a', to: 'a-escalation', on: 'failed' }, 'a-escalation -> b']],
  ])('verify, which on a failure does: %s', (on_fail, edges) => {
    const scorers = [{ type: 'assertion', checks: ['state.ok'] }];
    const made = read({ nodes: { a: { type: 'eval', scorers, on_fail }, b: MARK }, edges: [['a', 'b']] });
    expect([made.refused, made.edges]).toEqual([[], edges]);
  });
});
