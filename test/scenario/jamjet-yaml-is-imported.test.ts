/** Promises of the importer of JamJet's YAML: both dialects and agent files mean here what they mean there. */
import { describe, expect, test } from 'vitest';
import { importGraph } from '../../packages/pawl/src/import/index.ts';
import { errorsOf, type Imported, imported } from './support/imported.ts';
import { AGENT_YAML, LIST_YAML, MAP_YAML } from './support/import-samples.ts';

function read(yaml: string): Imported {
  const made = imported('jamjet', yaml, 'flow.yaml');
  if (made.graph) expect(errorsOf(made.graph)).toEqual([]);
  return made;
}

/** Nodes as a map. */
function map(nodes: string, more = ''): Imported {
  return read(`workflow: { id: w, version: 0.1.0, start: a }\nnodes:\n${nodes}${more}`);
}

/** Nodes as a list. */
function list(nodes: string, head = ''): Imported {
  return read(`workflow:\n  id: w\n  version: 0.1.0\n  start_node: a\n${head}  nodes:\n${nodes}`);
}

describe('nodes as a map', () => {
  const made = read(MAP_YAML);

  test('are read as a whole', () => {
    expect(made.refused).toEqual([]);
    expect(made.graph).toMatchObject({
      workflow: 'support-triage',
      version: '0.1.0',
      description: 'Sort, ask, answer',
      state: {
        ticket: { type: 'string' },
        priority: { type: 'integer' },
        approved: { type: 'boolean' },
        tags: { type: 'array', items: { type: 'string' } },
        found: {},
        posted: {},
      },
      start: 'fetch',
      budget: { totalTokens: 5000, usd: '5', onBreach: 'park' },
      policy: { blocked_tools: ['delete_*'] },
      retries: {
        careful: {
          attempts: 4,
          initial: '2s',
          factor: 2,
          max: '30s',
          jitter: 0.2,
          on: ['timeout', 'rate_limited'],
        },
      },
    });
  });

  test('lead where they say, branches of a fork after it, and the end is the end', () => {
    expect(made.edges).toEqual([
      'fetch -> sort',
      { from: 'sort', to: 'fan', on: 'fan' },
      { from: 'sort', to: 'reply', on: 'reply' },
      { from: 'sort', to: 'ask', on: 'ask' },
      'fan -> search',
      'fan -> model',
      'search -> ask',
      'model -> ask',
      { from: 'ask', to: 'reply', on: 'approved' },
      { from: 'ask', to: 'wait', on: ['rejected', 'expired'] },
      { from: 'wait', to: 'end', on: 'expired' },
      { from: 'wait', to: 'reply', when: 'dyn(state.priority) == 1' },
      { from: 'wait', to: 'end', else: true },
      'reply -> post',
      'post -> end',
    ]);
  });

  test('become steps of their kinds, with what they refer to', () => {
    const { steps } = made;
    expect(steps['fetch']).toMatchObject({
      kind: 'tool',
      with: {
        tool: 'get_ticket',
        definition: { kind: 'python', reference: 'app.tools:get_ticket', permissions: ['read_only'] },
        input: { id: '{{ state.ticket }}' },
      },
      save: { ticket: 'output' },
      retry: 'careful',
      timeout: '300s',
    });
    expect(steps['sort']).toMatchObject({
      with: {
        branches: [
          {
            name: 'fan',
            when: '(type(dyn(state.priority)) == double && dyn(state.priority) > 3) && (!(truthy(dyn(state.approved))))',
          },
          { name: 'reply', when: 'dyn(state.priority) in [1, 2]' },
        ],
        default: 'ask',
      },
    });
  });

  test('find servers, models and agents wherever the file keeps them', () => {
    const { steps } = made;
    expect(steps['search']).toMatchObject({
      kind: 'mcp',
      with: {
        server: {
          name: 'github',
          transport: 'stdio',
          command: 'npx',
          args: ['-y', 'server'],
          auth: { type: 'bearer', token: { $secret: 'GITHUB_TOKEN' } },
        },
        tool: 'search_code',
      },
      retry: { attempts: 3, initial: '1000ms', factor: 2 },
    });
    expect(steps['model']).toMatchObject({
      kind: 'model',
      with: {
        model: 'openai/gpt',
        temperature: 0.1,
        system: 'You sort tickets.',
        prompt: 'Ticket {{ state.ticket }}',
      },
      retry: 'model',
      timeout: '60s',
    });
    expect(steps['ask']).toMatchObject({
      kind: 'approval',
      with: { message: 'Answer {{ state.ticket }}?', deadline: '48h' },
    });
    expect(steps['wait']).toMatchObject({ kind: 'signal', with: { name: 'ticket_changed', timeout: '24h' } });
    expect(steps['reply']).toMatchObject({
      kind: 'agent',
      with: { agent: 'responder', definition: { model: 'chat', systemPrompt: 'prompts/responder.md' } },
      autonomy: { level: 'guided', constraints: { max_iterations: 3 }, breakerThreshold: 3 },
    });
    expect(steps['post']).toEqual({
      kind: 'http',
      with: {
        url: 'https://tickets.example/{{ state.ticket }}',
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        json: { answer: '{{ state.answer }}' },
      },
      save: { posted: 'output' },
      timeout: '30s',
    });
  });

  test('may bring files along, which are read as if they stood beside it', () => {
    const files = [
      {
        name: 'flow.yaml',
        text: 'workflow: { id: w, version: 0.1.0, start: a }\nnodes: { a: { type: model, model: m, prompt: Hi } }',
      },
      { name: 'models.yaml', text: 'models: { m: { provider: p, model: x } }' },
    ];
    const { graph, refusals } = importGraph('jamjet', files);
    expect(refusals).toEqual([]);
    expect(graph).toMatchObject({ steps: { a: { with: { model: 'p/x' } } } });
    const twice = importGraph('jamjet', [...files, files[1] as (typeof files)[0]]);
    expect(twice.refusals).toMatchObject([{ code: 'IMPORT_SHAPE', path: '["models.yaml"].models' }]);
    const broken = importGraph('jamjet', [
      ...files,
      { name: 'x.yaml', text: '- a' },
      { name: 'y.yaml', text: '{' },
    ]);
    expect(broken.refusals.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['["x.yaml"]', '["y.yaml"]']),
    );
  });

  test('take the first edge that is true, and so each excludes those before it', () => {
    const { edges, report } =
      map(`  a: { type: limit_exceeded, next: [{ when: "state.x > 1", to: b }, { when: "state.y", to: c }, d] }
  b: { type: limit_exceeded }
  c: { type: limit_exceeded }
  d: { type: limit_exceeded }
`);
    const first = 'has(state.x) && type(state.x) == double && state.x > 1';
    expect(edges).toEqual([
      { from: 'a', to: 'b', when: first },
      { from: 'a', to: 'c', when: `!(${first}) && has(state.y) && truthy(state.y)` },
      { from: 'a', to: 'd', else: true },
    ]);
    expect(report).toContainEqual(expect.stringMatching(/^approximated nodes\.a\.next\[2\].*else/));
  });

  test('may stand alone, beginning with the first', () => {
    const made = read(
      'id: w\nversion: "1"\nnodes:\n  z: { type: python_fn, module: m, function: f, next: y }\n  y: { type: end }\n',
    );
    expect([made.graph?.['start'], made.edges]).toEqual(['z', ['z -> end']]);
  });

  test.each([
    ['{ type: condition, expression: "state.n > 3", if_true: b, if_false: b }', { default: 'b-2' }],
    ['{ type: branch, branches: [{ condition: "state.n", next: b }], default: b }', { default: 'b-2' }],
  ])('know other words for a condition: %s', (node, fields) => {
    const { steps, refused } = map(`  a: ${node}\n  b: { type: limit_exceeded }\n`);
    expect([refused, steps['a']]).toEqual([
      [],
      expect.objectContaining({ with: expect.objectContaining(fields) }),
    ]);
  });

  test('ask a person where they wait with a text', () => {
    const { steps } = map(
      '  a: { type: wait, prompt: "Look at {{ state.x }}", next: b }\n  b: { type: limit_exceeded }\n',
    );
    expect(steps['a']).toEqual({
      kind: 'input',
      with: { message: 'Look at {{ has(state.x) ? state.x : "" }}' },
      save: { a: 'output' },
    });
  });
});

describe('nodes as a list', () => {
  const made = read(LIST_YAML);

  test('are read as a whole, names alone being keys of the state', () => {
    expect(made.refused).toEqual([]);
    expect(made.graph).toMatchObject({
      input: { type: 'object', required: ['request'] },
      state: { score: { type: 'number', default: 0 }, notes: {}, outcome: {}, opinion: {} },
      stateFrom: 'input',
      start: 'assess',
    });
    expect(made.steps['assess']).toMatchObject({
      kind: 'model',
      title: 'Assess the risk',
      with: { model: 'claude', system: 'Answer in JSON', prompt: 'Request: {{ state.request }}' },
      save: {
        risk: 'has(output.risk) ? output.risk : null',
        score: 'has(output.score) ? output.score : null',
      },
    });
  });

  test('give keys that are missing as null, and references in the place of variables', () => {
    expect(made.steps['act']).toMatchObject({
      kind: 'function',
      with: {
        function: 'execute_request',
        input: { request: '{{ state.request }}', why: '{{ state.notes }}' },
      },
      timeout: '30s',
      retry: { attempts: 2, factor: 2 },
    });
    expect(made.steps['ask_partner']).toMatchObject({
      kind: 'a2a',
      with: { agent: { url: { $env: 'PARTNER_URL' } }, skill: 'review', stream: true },
      timeout: '300s',
    });
    expect(made.steps['search']).toMatchObject({
      kind: 'mcp',
      with: { server: { url: { $secret: 'DOCS_TOKEN' } } },
    });
    expect(made.steps['note']).not.toHaveProperty('save');
  });

  test('go by the decision of a person as labels', () => {
    expect(made.steps['ask']).toMatchObject({
      kind: 'approval',
      with: { message: '{{ state.request }} at {{ state.risk }}?', deadline: '86400s', onTimeout: 'reject' },
      save: { decision: 'output.decision' },
    });
    expect(made.edges).toEqual([
      { from: 'assess', to: 'ask', when: 'dyn(state.risk) == "high"' },
      { from: 'assess', to: 'act', else: true },
      { from: 'ask', to: 'act', on: 'approved' },
      { from: 'ask', to: 'note', on: ['rejected', 'expired'] },
      'act -> ask_partner',
      'ask_partner -> search',
      'search -> end',
      'note -> end',
    ]);
  });

  test('may route by edges alone', () => {
    const { steps, edges } =
      list(`    - { id: a, kind: condition, edges: [{ to: b, when: "x == 1" }, { to: end, when: "x == 2" }] }
    - { id: b, kind: limit_exceeded }
`);
    expect(steps['a']).toEqual({ kind: 'join' });
    expect(edges).toEqual([
      { from: 'a', to: 'b', when: 'has(state.x) && state.x == 1' },
      { from: 'a', to: 'end', when: 'has(state.x) && state.x == 2' },
      { from: 'a', to: 'end', else: true },
    ]);
  });

  test.each(['next: b', 'next: [b]', 'edges: [b]', 'edges: [{ to: b }]'])(
    'may say where they lead as %s',
    (edge) => {
      const made = list(
        `    - { id: a, kind: limit_exceeded, ${edge} }\n    - { id: b, kind: limit_exceeded }\n`,
      );
      expect([made.refused, made.edges]).toEqual([[], ['a -> b']]);
    },
  );

  test('take the text of a model as a whole where it has no fields', () => {
    const { steps } = list(
      '    - { id: a, kind: model, config: { model: m, prompt_template: x, output_to_state: { result: answer } } }\n',
    );
    expect(steps['a']).toMatchObject({ save: { answer: 'output' } });
  });

  test.each([
    ['{% for c in chunks %}{{ c }}{% endfor %}'],
    ['{% if x %}a{% endif %}'],
    ['{{ chunks | join(",") }}'],
    ['Bearer ${TOKEN}'],
  ])('are refused with their path where a template does more: %s', (template) => {
    const { refused } = list(
      `    - { id: a, kind: model, config: { model: m, prompt_template: ${JSON.stringify(template)} } }\n`,
    );
    expect(refused).toEqual(['workflow.nodes[0].config.prompt_template IMPORT_TEMPLATE']);
  });

  test.each([
    ['    - { id: a, kind: mdel }\n', 'workflow.nodes[0].kind IMPORT_KIND_UNKNOWN'],
    [
      '    - { id: a, kind: limit_exceeded }\n    - { id: a, kind: limit_exceeded }\n',
      'workflow.nodes[1].id IMPORT_SHAPE',
    ],
    ['    - { kind: limit_exceeded }\n', 'workflow.nodes[0] IMPORT_SHAPE'],
    [
      '    - { id: a, kind: limit_exceeded, edges: [{ when: x }] }\n',
      'workflow.nodes[0].edges[0] IMPORT_SHAPE',
    ],
    [
      '    - { id: a, kind: limit_exceeded, edges: [{ to: b }] }\n',
      'workflow.nodes[0].edges[0].to IMPORT_NODE_UNKNOWN',
    ],
  ])('are refused where they are wrong: %s', (nodes, refusal) => {
    expect(list(nodes).refused).toContain(refusal);
  });

  test('H1: a mistyped kind gets the nearest one, with its line', () => {
    const text = 'workflow:\n  id: w\n  version: 0.1.0\n  nodes:\n    - id: a\n      kind: human_aproval\n';
    const { refusals } = importGraph('jamjet', [{ name: 'x', text }]);
    expect(refusals).toMatchObject([{ line: 6, code: 'IMPORT_KIND_UNKNOWN' }]);
    expect(refusals[0]?.message).toContain('(did you mean "human_approval"?)');
  });
});

describe('an agent file', () => {
  test('becomes a graph of one step with its limits', () => {
    const made = read(AGENT_YAML);
    expect(made.refused).toEqual([]);
    expect(made.graph).toEqual({
      pawl: 1,
      workflow: 'researcher',
      version: '0.1.0',
      description: 'Looks things up',
      stateFrom: 'input',
      start: 'researcher',
      steps: {
        researcher: {
          kind: 'agent',
          with: {
            model: 'claude',
            prompt: '{{ has(state.goal) ? state.goal : "" }} Use the tools.',
            tools: [
              {
                name: 'web_search',
                description: 'Search the web',
                inputSchema: { type: 'object', properties: { query: { type: 'string' } } },
              },
              'finish',
            ],
            maxIterations: 6,
          },
          save: { result: 'output' },
          deadline: '120s',
          budget: { usd: '0.5' },
        },
      },
    });
    const without = made.report
      .filter((line) => line.startsWith('meaningless'))
      .map((line) => line.split(' ')[1]);
    expect(without).toEqual(['agent.strategy', 'agent.strategy_config', 'agent.on_limit_exceeded']);
  });

  test('is refused without what a workflow needs', () => {
    expect(read('agent: { goal: x }').refused).toEqual([
      'agent.id IMPORT_SHAPE',
      'agent.version IMPORT_SHAPE',
    ]);
    expect(read('agent: { id: a, version: "1", goal: "{{ x | y }}" }').refused).toEqual([
      'agent.goal IMPORT_TEMPLATE',
    ]);
    expect(read('agent: { id: a, version: "1", goal: "${X}" }').refused).toEqual([
      'agent.goal IMPORT_TEMPLATE',
    ]);
  });
});

describe('a file that is something else', () => {
  test.each<[string, string]>([
    ['version: 1\nagents: { a: {} }\nworkflows: {}\n', 'one by one'],
    ['a: 1', 'no workflow of JamJet'],
    ['- a', 'no object'],
    ['a: [', 'the document'],
  ])('is refused: %s', (text, words) => {
    const { refusals, graph } = importGraph('jamjet', [{ name: 'x', text }]);
    expect(graph).toBeUndefined();
    expect(refusals.map(({ message }) => message).join('\n')).toContain(words);
  });
});
