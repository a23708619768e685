/** Promises of the importer of Harn: each kind and branch, what it refuses, and that its loops really turn. */
import { describe, expect, test } from 'vitest';
import type { Json } from '../../packages/pawl/src/std/index.ts';
import { errorsOf, type Fields, type Imported, imported, unreported } from './support/imported.ts';
import { harnSamples } from './support/import-samples.ts';

interface Sample {
  readonly nodes: { readonly [id: string]: Fields };
  readonly edges?: readonly (readonly [string, string, string?])[];
  readonly more?: Fields;
}

/** A graph that begins at its first node. */
function read({ nodes, edges = [], more = {} }: Sample): Imported {
  const graph = {
    id: 'w',
    version: 1,
    entry: Object.keys(nodes)[0] as string,
    nodes: nodes as Fields,
    edges: edges.map(([from, to, branch]) => ({ from, to, ...(branch === undefined ? {} : { branch }) })),
    ...more,
  };
  const made = imported('harn', graph);
  expect(unreported('harn', graph)).toEqual([]);
  if (made.graph) expect(errorsOf(made.graph)).toEqual([]);
  return made;
}

/** The step that a node becomes, behind another one. */
function stepOf(node: Fields): Fields {
  const made = read({ nodes: { first: { kind: 'fork' }, a: node }, edges: [['first', 'a']] });
  expect(made.refused).toEqual([]);
  return made.steps['a'] as Fields;
}

const STAGE: Fields = { kind: 'stage', mode: 'llm', prompt: 'x' };
const FAILED = 'steps.a.failure.code == "VERIFICATION_FAILED"';
const ERROR = 'steps.a.failure.code != "VERIFICATION_FAILED"';

describe('the shorthand', () => {
  const made = imported('harn', harnSamples[0] as Fields, 'mend.json');

  test('is a loop of act, verify and repair, named after its file', () => {
    expect(made.refused).toEqual([]);
    expect(made.graph).toMatchObject({
      workflow: 'mend',
      version: '1',
      start: 'act',
      limits: { maxSteps: 12 },
    });
    expect(made.edges).toEqual([
      'act -> verify',
      {
        from: 'verify',
        to: 'repair',
        on: 'failed',
        when: 'steps.verify.failure.code == "VERIFICATION_FAILED"',
      },
      { from: 'repair', to: 'verify', loop: { max: 12 } },
    ]);
  });

  test('gives its own fields to nodes without theirs', () => {
    expect(made.steps['repair']).toEqual({
      kind: 'agent',
      with: {
        model: 'openai/gpt',
        prompt: '{{ input.task }}\n\nRepair it',
        temperature: 0.2,
        doneSentinel: '##DONE##',
      },
      retry: 'none',
    });
    expect(made.steps['verify']).toEqual({
      kind: 'verify',
      with: { clauses: [{ command: '{ npm test\n} 2>&1', status: 0, contains: ['passed'] }] },
      retry: 'none',
    });
  });

  test('may be a part of it', () => {
    const act = { prompt: 'x' };
    expect(imported('harn', { act }).edges).toEqual([]);
    const alone = imported('harn', { act, repair: act });
    expect(Object.keys(alone.steps)).toEqual(['act']);
    expect(alone.report).toContainEqual(
      'meaningless repair → : nothing leads to it, so that it never runs there',
    );
    expect(
      imported('harn', { act, verify: { kind: 'verify', verify: { command: 'x' } } }).steps['verify'],
    ).toMatchObject({
      kind: 'verify',
    });
  });
});

describe('a node becomes a step of the kind', () => {
  test.each<[Fields, Fields]>([
    [
      { mode: 'agent', prompt: 'Do' },
      { kind: 'agent', with: { prompt: '{{ input.task }}\n\nDo' }, retry: 'none' },
    ],
    [
      { kind: 'stage', mode: 'llm' },
      { kind: 'model', with: { prompt: '{{ input.task }}' }, retry: 'none' },
    ],
    [
      { kind: 'stage', tools: [{ name: 't' }] },
      { kind: 'agent', with: { prompt: '{{ input.task }}', tools: [{ name: 't' }] }, retry: 'none' },
    ],
    [
      { kind: 'stage', task_label: 'Task', prompt: 'a {{ b }}', system: '{{ s }}' },
      {
        kind: 'model',
        with: { prompt: 'Task: {{ input.task }}\n\na {{ "{{" }} b }}', system: '{{ "{{" }} s }}' },
        retry: 'none',
      },
    ],
    [
      { kind: 'stage', tools: { _type: 'tool_registry', tools: [{ name: 't', description: '{{x' }] } },
      {
        kind: 'agent',
        with: { prompt: '{{ input.task }}', tools: [{ name: 't', description: '{{ "{{" }}x' }] },
        retry: 'none',
      },
    ],
    [
      { kind: 'subagent', prompt: 'x' },
      { kind: 'agent', with: { prompt: '{{ input.task }}\n\nx' }, retry: 'none' },
    ],
    [
      { kind: 'stage', mode: 'command', verify: { command: 'make' } },
      { kind: 'shell', with: { command: 'make' }, retry: 'none' },
    ],
    [
      { kind: 'stage', mode: 'command', prompt: 'make' },
      { kind: 'shell', with: { command: 'make' }, retry: 'none' },
    ],
    [{ kind: 'stage', mode: 'compact' }, { kind: 'join' }],
    [
      { kind: 'stage', mode: 'manual', prompt: 'Ship?' },
      { kind: 'approval', with: { message: 'Ship?' } },
    ],
    [{ kind: 'fork' }, { kind: 'parallel' }],
    [{ kind: 'join', join_policy: { strategy: 'all', require_all_inputs: false } }, { kind: 'join' }],
    [
      { kind: 'join', join_policy: { strategy: 'first' } },
      { kind: 'join', join: 'any' },
    ],
    [{ kind: 'join', join_policy: { strategy: 'first', require_all_inputs: true } }, { kind: 'join' }],
    [{ kind: 'map', map_policy: { items: ['x'] } }, { kind: 'join' }],
    [
      { kind: 'escalation', escalation_policy: { level: 'high', queue: 'oncall', reason: 'stuck' } },
      { kind: 'escalate', with: { to: 'human:oncall', message: 'stuck', args: { level: 'high' } } },
    ],
    [
      { kind: 'escalation' },
      { kind: 'escalate', with: { to: 'human:operator', message: 'manual review required' } },
    ],
  ])('%o', (node, step) => {
    expect(stepOf(node)).toEqual(step);
  });

  test.each<[Json, Fields]>([
    [{ command_spec: ['make', 'all'] }, { argv: ['make', 'all'] }],
    [
      { command_spec: { argv: ['make'], cwd: '/src', env: { A: 'b' } } },
      { argv: ['make'], cwd: '/src', env: { A: 'b' } },
    ],
    [{ command_spec: { command: 'make all' } }, { command: 'make all' }],
    [{ command_tool: 'make', command_args: ['all'] }, { argv: ['make', 'all'] }],
    [{ command_tool: 'run', command_args: { argv: ['make'] } }, { argv: ['make'] }],
    [{ command_tool: 'make', command_args: 'all' }, { argv: ['make', 'all'] }],
    [{ command_tool: 'make' }, { argv: ['make'] }],
  ])('shell, with the command of its metadata: %o', (metadata, fields) => {
    expect(stepOf({ kind: 'stage', mode: 'command', metadata })).toMatchObject({
      kind: 'shell',
      with: fields,
    });
  });

  test('approval, with reviewers, a quorum and a deadline', () => {
    const metadata = { approval_prompt: 'Ship it?', reviewers: ['ada', 'ben'], deadline: '4h' };
    const node = { kind: 'stage', mode: 'manual', metadata };
    expect(stepOf(node)).toMatchObject({
      with: { message: 'Ship it?', approvers: ['ada', 'ben'], deadline: '4h' },
    });
    expect(stepOf({ ...node, metadata: { ...metadata, quorum: 2 } })).toMatchObject({
      with: { approvers: { names: ['ada', 'ben'], quorum: 2 } },
    });
  });

  test('map, with what runs for each item', () => {
    const node = {
      kind: 'map',
      mode: 'agent',
      prompt: 'Read',
      map_policy: { items: ['x', 'y', '{{'], max_items: 2, max_concurrent: 3 },
      join_policy: { strategy: 'quorum', min_completed: 2 },
    };
    expect(stepOf(node)).toEqual({
      kind: 'map',
      with: {
        items: ['x', 'y'],
        step: { kind: 'agent', with: { prompt: '{{ input.task }}\n\nRead\n\n{{ item }}' }, retry: 'none' },
        concurrency: 3,
        strategy: 'quorum',
        minSuccess: 2,
      },
    });
  });

  test('map, over what the step before it gives', () => {
    const made = read({
      nodes: {
        'a-b': STAGE,
        m: {
          kind: 'map',
          mode: 'llm',
          map_policy: { item_artifact_kind: 'file', max_items: 2 },
          join_policy: { strategy: 'first' },
        },
      },
      edges: [['a-b', 'm']],
    });
    expect(made.steps['m']).toMatchObject({
      with: { items: '{{ steps["a-b"].output }}', strategy: 'first', step: { kind: 'model' } },
    });
  });

  test('reduce, of what the nearest steps give that give anything', () => {
    const made = read({
      nodes: {
        a: STAGE,
        f: { kind: 'fork' },
        b: STAGE,
        c: STAGE,
        j: { kind: 'join' },
        r: { kind: 'reduce', reduce_policy: { separator: '--' } },
      },
      edges: [
        ['a', 'f'],
        ['f', 'b'],
        ['f', 'c'],
        ['b', 'j'],
        ['c', 'j'],
        ['j', 'r'],
      ],
    });
    expect(made.steps['r']).toEqual({
      kind: 'reduce',
      with: { items: ['{{ steps.b.output }}', '{{ steps.c.output }}'], strategy: 'concat', separator: '--' },
      retry: 'none',
    });
  });

  test.each<[Fields, string]>([
    [
      { metadata: { contains_text: 'b"d' } },
      'type(steps.a.output) == string && steps.a.output.contains("b\\"d")',
    ],
    [{ metadata: { artifact_kind: 'plan' } }, 'steps.a.status == "completed"'],
    [{ metadata: { artifact_kind: 'other' } }, 'false'],
    [{}, 'steps.a.status == "completed"'],
  ])('condition, over the outputs before it: %o', (fields, when) => {
    const made = read({
      nodes: {
        a: { ...STAGE, output_contract: { output_kinds: ['plan'] } },
        c: { kind: 'condition', ...fields },
        y: STAGE,
        n: STAGE,
      },
      edges: [
        ['a', 'c'],
        ['c', 'y', 'true'],
        ['c', 'n'],
      ],
    });
    const { branches, default: otherwise } = (made.steps['c'] as Fields)['with'] as {
      branches: { name: string; when: string }[];
      default: string;
    };
    expect([branches[0]?.name, otherwise]).toEqual(['true', 'false']);
    expect(branches[0]?.when.startsWith(when)).toBe(true);
    expect(made.edges).toEqual(
      expect.arrayContaining([
        { from: 'c', to: 'y', on: 'true' },
        { from: 'c', to: 'n', on: 'false' },
      ]),
    );
  });

  test('verify, with every clause', () => {
    const verify = {
      command: 'npm test',
      expect_status: 1,
      expect_text: 'pass',
      contract: { required_paths: 'a.txt', required_text: ['hello'], required_identifiers: ['main'] },
      checks: [
        { kind: 'path', value: 'b.txt', note: 'n' },
        { kind: 'text', value: 'bye' },
      ],
    };
    const made = read({
      nodes: { a: STAGE, v: { kind: 'verify', verify, mode: 'llm', prompt: 'Judge' } },
      edges: [['a', 'v']],
    });
    expect(made.steps['v']).toMatchObject({
      kind: 'verify',
      with: {
        clauses: [
          { command: '{ npm test\n} 2>&1', status: 1, contains: ['pass'] },
          { files: ['a.txt', 'b.txt'] },
          { text: '{{ steps.a.output }}\n', contains: ['main', 'hello', 'bye'] },
          { judge: { prompt: '{{ input.task }}\n\nJudge' } },
        ],
      },
    });
  });

  test('keeps evidence and permission in fields of their own', () => {
    const made = imported('harn', harnSamples[1] as Fields);
    expect(made.refused).toEqual([]);
    expect(made.steps['plan']).toMatchObject({
      retry: { attempts: 3, initial: '500ms', factor: 2, jitter: 0 },
      context: { maxArtifacts: 3, includeKinds: ['plan'], preferRecent: true },
      accepts: { kinds: ['spec'], min: 1, max: 2 },
      produces: { kinds: ['plan'], schema: { type: 'object' } },
      conversation: { required: true, visibility: 'public', compaction: { enabled: true } },
      policy: {
        tools: ['read'],
        sideEffects: 'read_only',
        workspaceRoots: ['/src'],
        recursionLimit: 2,
        autoApprove: ['read'],
        requireApproval: ['edit'],
        writePathAllowlist: ['src/**'],
      },
      metadata: { owner: 'x' },
    });
    expect(made.graph).toMatchObject({
      workflow: 'release',
      version: '3',
      title: 'Release',
      metadata: { team: 'x' },
    });
    expect(made.graph).not.toHaveProperty('policy');
    expect(made.report).toContainEqual(
      expect.stringMatching(/^mapped capability_policy\.tools.*restricts nothing/),
    );
  });
});

describe('branches', () => {
  /** The edges of one labelled edge from a node of a kind. */
  function edgesFor(node: Fields, branch: string): readonly Json[] {
    const made = read({
      nodes: { a: node, b: STAGE, ok: STAGE },
      edges: [
        ['a', 'b', branch],
        ['b', 'ok'],
        ['a', 'ok'],
      ],
    });
    expect(made.refused).toEqual([]);
    return made.edges.filter((edge) => (edge as Fields)['to'] === 'b' || edge === 'a -> b');
  }

  const agent = { kind: 'stage', mode: 'agent' };
  const gate = { kind: 'stage', mode: 'manual' };
  const map = { kind: 'map', mode: 'llm', map_policy: { items: ['x'] } };
  const check = { kind: 'verify', verify: { command: 'x' } };

  test.each<[Fields, string, readonly Fields[]]>([
    [STAGE, 'success', [{ on: 'ok' }]],
    [STAGE, 'failed', [{ on: 'failed', when: FAILED }]],
    [STAGE, 'error', [{ on: 'failed', when: ERROR }]],
    [agent, 'failed', [{ on: 'exhausted' }, { on: 'failed', when: FAILED }]],
    [{ kind: 'subagent' }, 'success', [{ on: 'ok' }]],
    [
      { kind: 'stage', mode: 'command', prompt: 'x' },
      'failed',
      [{ on: 'failed', when: 'steps.a.failure.code == "SHELL_EXIT"' }],
    ],
    [{ kind: 'stage', mode: 'compact' }, 'compacted', [{ on: 'ok' }]],
    [check, 'passed', [{ on: 'passed' }]],
    [check, 'failed', [{ on: 'failed', when: FAILED }]],
    [check, 'error', [{ on: 'failed', when: ERROR }]],
    [gate, 'approved', [{ on: 'approved' }]],
    [gate, 'denied', [{ on: 'rejected' }]],
    [gate, 'failed', [{ on: 'expired' }]],
    [map, 'mapped', [{ on: ['ok', 'partial'] }]],
    [map, 'failed', [{ on: 'failed' }]],
    [{ kind: 'fork' }, 'fork', [{ on: 'ok' }]],
    [{ kind: 'join' }, 'joined', [{ on: 'ok' }]],
    [{ kind: 'reduce' }, 'reduced', [{ on: 'ok' }]],
    [{ kind: 'escalation' }, 'escalated', [{ on: 'resolved' }]],
  ])('of %o: %s', (node, branch, edges) => {
    expect(edgesFor(node, branch)).toEqual(edges.map((edge) => ({ from: 'a', to: 'b', ...edge })));
  });

  test('that a gate skips have no meaning, and are reported', () => {
    const made = read({
      nodes: { a: gate, b: STAGE },
      edges: [
        ['a', 'b', 'skipped'],
        ['a', 'b', 'approved'],
      ],
    });
    expect(made.edges).toEqual([{ from: 'a', to: 'b', on: 'approved' }]);
    expect(made.report).toContainEqual(expect.stringMatching(/^meaningless edges\[0\]\.branch.*"skipped"/));
  });

  test('H2: unlabelled edges are for what went well; a failure needs an edge that names it', () => {
    const made = read({
      nodes: { a: STAGE, b: STAGE, c: STAGE },
      edges: [
        ['a', 'b', 'failed'],
        ['a', 'c'],
        ['b', 'c'],
      ],
    });
    expect(made.edges).toEqual([{ from: 'a', to: 'b', on: 'failed', when: FAILED }, 'a -> c', 'b -> c']);
    const approximated = made.report.filter((line) => line.startsWith('approximated edges'));
    expect(approximated).toEqual([
      expect.stringMatching(/^approximated edges\[1\]\.to.*only when it went well/),
      expect.stringMatching(/^approximated edges\[2\]\.to.*only when it went well/),
    ]);
  });

  test('H2: an unlabelled edge that only a failure could follow is left out, and reported', () => {
    const made = read({
      nodes: { a: STAGE, b: STAGE, c: STAGE },
      edges: [
        ['a', 'b', 'success'],
        ['a', 'c'],
        ['b', 'c'],
      ],
    });
    expect(made.edges).toEqual([{ from: 'a', to: 'b', on: 'ok' }, 'b -> c']);
    expect(made.report).toContainEqual(expect.stringMatching(/^approximated edges\[1\]\.to.*left out/));
  });

  test('H3: the branch that nothing gives is read as success, and turns the loop', () => {
    const made = read({
      nodes: { act: STAGE, check, fix: STAGE },
      edges: [
        ['act', 'check'],
        ['check', 'fix', 'failed'],
        ['fix', 'check', 'retry'],
      ],
    });
    expect(made.edges).toContainEqual({ from: 'fix', to: 'check', loop: { max: 12 } });
    expect(made.report).toContainEqual(
      expect.stringMatching(/^approximated edges\[2\]\.branch.*never taken/),
    );
  });

  test('H3: any other branch that a node cannot give is refused', () => {
    const made = read({ nodes: { a: check, b: STAGE }, edges: [['a', 'b', 'pased']] });
    expect(made.refused).toEqual(['edges[0].branch IMPORT_BRANCH_UNKNOWN', 'nodes.b IMPORT_DIFFERS']);
  });
});

describe('what cannot mean the same', () => {
  test.each<[string, Sample, string]>([
    [
      'H1: a kind that nobody knows is no stage',
      { nodes: { a: { kind: 'stge' } } },
      'nodes.a.kind IMPORT_KIND_UNKNOWN',
    ],
    [
      'a mode that nobody knows',
      { nodes: { a: { kind: 'stage', mode: 'x' } } },
      'nodes.a.mode IMPORT_KIND_UNKNOWN',
    ],
    [
      'H7: a verification that checks nothing',
      { nodes: { a: { kind: 'verify' } } },
      'nodes.a IMPORT_DIFFERS',
    ],
    [
      'a check of a kind that nobody knows',
      { nodes: { a: { kind: 'verify', verify: { checks: [{ kind: 'x', value: 'y' }] } } } },
      'nodes.a.verify.checks[0].kind IMPORT_KIND_UNKNOWN',
    ],
    [
      'a text that nothing could give',
      { nodes: { a: { kind: 'verify', verify: { required_text: ['x'] } } } },
      'nodes.a IMPORT_DIFFERS',
    ],
    [
      'a contract in another file',
      { nodes: { a: { kind: 'verify', verify: { contract_path: 'x.json' } } } },
      'nodes.a.verify.contract_path IMPORT_DIFFERS',
    ],
    ['a command without one', { nodes: { a: { kind: 'stage', mode: 'command' } } }, 'nodes.a IMPORT_DIFFERS'],
    [
      'a map in a mode that nobody knows',
      { nodes: { a: { kind: 'map', mode: 'x', map_policy: { items: ['y'] } } } },
      'nodes.a.mode IMPORT_KIND_UNKNOWN',
    ],
    [
      'a map without items',
      { nodes: { a: { kind: 'map', mode: 'llm' } } },
      'nodes.a.map_policy IMPORT_DIFFERS',
    ],
    [
      'an approval policy that is no list (H13)',
      { nodes: { a: { ...STAGE, approval_policy: { auto_deny: 'x' } } } },
      'nodes.a.approval_policy.auto_deny IMPORT_SHAPE',
    ],
    [
      'a level of effects that nobody knows',
      { nodes: { a: { ...STAGE, capability_policy: { side_effect_level: 'x' } } } },
      'nodes.a.capability_policy.side_effect_level IMPORT_SHAPE',
    ],
    [
      'a join of a strategy that nobody knows',
      { nodes: { a: { kind: 'join', join_policy: { strategy: 'x' } } } },
      'nodes.a.join_policy.strategy IMPORT_SHAPE',
    ],
    [
      'a reduction of a strategy that nobody knows',
      { nodes: { a: { kind: 'reduce', reduce_policy: { strategy: 'x' } } } },
      'nodes.a.reduce_policy.strategy IMPORT_SHAPE',
    ],
    ['an edge to nowhere', { nodes: { a: STAGE }, edges: [['a', 'x']] }, 'edges[0] IMPORT_NODE_UNKNOWN'],
    ['an edge from nowhere', { nodes: { a: STAGE }, edges: [['x', 'a']] }, 'edges[0] IMPORT_NODE_UNKNOWN'],
    [
      'an entry that is not there',
      { nodes: { a: STAGE }, more: { entry: 'b' } },
      'entry IMPORT_NODE_UNKNOWN',
    ],
    ['an id beside its key', { nodes: { a: { ...STAGE, id: 'b' } } }, 'nodes.a.id IMPORT_SHAPE'],
  ])('is refused with its path: %s', (_what, sample, refusal) => {
    expect(read(sample).refused).toContain(refusal);
  });

  test.each<[string, Fields, string]>([
    ['verify', { act: { prompt: 'x' }, verify: 'npm test' }, 'verify IMPORT_SHAPE'],
    ['repair', { act: { prompt: 'x' }, verify: null, repair: 5 }, 'repair IMPORT_SHAPE'],
  ])('is refused in the shorthand too, where %s is no node', (_what, value, refusal) => {
    expect(imported('harn', value).refused).toContain(refusal);
  });

  test('is refused where it is no graph of Harn at all', () => {
    expect(imported('harn', { nodes: {}, a: 1 }).refused).toEqual([' IMPORT_FORMAT']);
  });
});

describe('the whole', () => {
  test('takes what the file leaves out as Harn does, and says so', () => {
    const made = imported('harn', {
      name: 'My flow',
      nodes: { b: STAGE, a: { ...STAGE } },
      edges: [{ from: 'a', to: 'b' }],
    });
    expect(made.graph).toMatchObject({ workflow: 'My-flow', version: '1', title: 'My flow', start: 'a' });
    expect(made.report.filter((line) => line.startsWith('approximated  '))).toEqual(
      expect.arrayContaining([
        'approximated  → workflow: the file gives no id: it is called My-flow',
        'approximated  → version: the file gives no version: it is the first one, as there',
        'approximated  → start: the file names no entry: "a" begins, the first by name, as there',
      ]),
    );
  });

  test('says what a fork reaches on two ways', () => {
    const made = read({
      nodes: { f: { kind: 'fork' }, a: STAGE, b: STAGE, c: STAGE },
      edges: [
        ['f', 'a'],
        ['f', 'b'],
        ['a', 'c'],
        ['b', 'c'],
      ],
    });
    expect(made.report).toContainEqual(expect.stringContaining('"c" runs once'));
  });
});
