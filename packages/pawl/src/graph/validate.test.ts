/** Promises of validation: every mistake is named at its place, all of them at once, and nothing is thrown. */
import { describe, expect, test } from 'vitest';
import { attempt } from './attempt.ts';
import { ProblemList } from './problem.ts';
import { validateText, validateValue } from './validate.ts';

const HEAD = 'pawl: 1\nworkflow: w\nversion: "1"\n';

/** What is found in a graph, as `line path CODE`. */
function found(text: string): string[] {
  return validateText(text).problems.map(({ line, path, code }) => `${line} ${path} ${code}`);
}

function message(text: string): string {
  return validateText(text)
    .problems.map((problem) => problem.message)
    .join('\n');
}

/** A graph of steps that need nothing but their names. */
function joins(names: readonly string[], edges: readonly unknown[], more: object = {}): object {
  const steps = Object.fromEntries(names.map((name) => [name, { kind: 'join' }]));
  return { pawl: 1, workflow: 'w', version: '1', steps, edges, ...more };
}

function codes(value: unknown): string[] {
  return validateValue(value).problems.map(({ path, code }) => `${path} ${code}`);
}

describe('a graph that is right', () => {
  const text = `${HEAD}title: Review
input: { type: object, required: [ref], properties: { ref: { type: string }, n: { type: integer } } }
output: { risk: state.risk }
outputSchema: { type: object }
state: { findings: { type: array, items: { type: string }, merge: append }, risk: { type: number }, by: { default: nobody } }
retries: { gentle: { attempts: 5, initial: 2s } }
deadline: 1h
onFailure: drain
limits: { maxSteps: 9 }
steps:
  diff: { kind: shell, with: { argv: [git, diff, "{{ input.ref }}"] }, save: { findings: output.stdout }, timeout: 30s, retry: gentle }
  pick: { kind: condition, with: { branches: [{ name: high, when: state.risk > 3 }], default: low } }
  gate: { kind: approval, with: { message: "Ship {{ input.ref }}?", approvers: [ada] }, save: output }
  fix: { kind: shell, with: { command: fix }, retry: model, onExhausted: park, atMostOnce: true, outputSchema: { type: object } }
  ship: { kind: join, join: { count: 1, losers: cancel }, repeatable: true }
  sorry: { kind: join, join: any }
  tidy: { kind: shell, finalize: always, heartbeat: 30s, queue: tools, dispatch: true }
edges:
  - diff -> pick
  - { from: pick, to: gate, on: high }
  - { from: pick, to: ship, on: low }
  - { from: gate, to: ship, on: approved }
  - { from: gate, to: fix, on: [rejected, expired] }
  - { from: fix, to: diff, loop: { max: 3 } }
  - { from: fix, to: sorry, on: exhausted }
  - { from: sorry, to: end, on: "*" }
`;

  test('has no problems and everything tied together', () => {
    const { graph, problems, count } = validateText(text);
    expect(problems).toEqual([]);
    expect(count).toBe(0);
    expect(graph?.start.map((step) => step.name)).toEqual(['diff']);
    expect(graph?.finalizers.map((step) => [step.name, step.deadlineMs])).toEqual([['tidy', 60_000]]);
    expect(graph?.loops.map(({ target, body }) => [target.name, body.map((step) => step.name)])).toEqual([
      ['diff', ['diff', 'pick', 'gate', 'fix']],
    ]);
    expect(graph?.limits).toEqual({ maxConcurrentSteps: 16, maxDispatch: 8, maxSteps: 9 });
  });

  test('has the same digest in YAML and JSON, and another one when anything changes', () => {
    const digest = validateText(text).graph?.digest;
    const source = validateText(text).graph?.source as object;
    expect(validateText(JSON.stringify(source, null, '\t')).graph?.digest).toBe(digest);
    expect(validateValue({ ...source, title: 'other' }).graph?.digest).not.toBe(digest);
  });

  test('J22 has another digest where its steps stand in another order, for finalizers run in it', () => {
    const digestOf = (steps: string, edge: string): string | undefined =>
      validateText(`pawl: 1\nworkflow: w\nversion: "1"\nsteps: { ${steps} }\nedges: [${edge}]\n`).graph
        ?.digest;
    const [a, b] = ['a: { kind: join }', 'b: { kind: join }'];
    const digest = digestOf(`${a}, ${b}`, 'a -> b');
    expect(digest).toBeDefined();
    expect(digestOf(`${b}, ${a}`, 'a -> b')).not.toBe(digest);
    expect(digestOf(`${a}, ${b}`, '{ to: b, from: a }')).toBe(digest);
  });

  test.each(['workflow', 'version', 'steps'])('J23 needs its %s, and says so', (field) => {
    const document = {
      pawl: 1,
      workflow: 'w',
      version: '1',
      steps: { a: { kind: 'join' } },
      [field]: undefined,
    };
    const { problems } = validateText(JSON.stringify(document));
    expect(problems.map(({ message }) => message)).toEqual([`${field}: must be given.`]);
  });

  test('holds each edge that leaves a loop', () => {
    const graph = validateText(text).graph;
    const exits = graph?.loops[0]?.exits.map((edge) => `${edge.from.name} ${edge.to?.name}`);
    expect(exits).toEqual([
      'diff undefined',
      'pick ship',
      'pick undefined',
      'gate ship',
      'gate undefined',
      'fix sorry',
      'fix undefined',
    ]);
  });

  test('visits at most four times what its loops allow', () => {
    const edges = [
      'a -> b',
      { from: 'b', to: 'a', loop: { max: 5 } },
      { from: 'b', to: 'c', on: 'exhausted' },
    ];
    expect(validateValue(joins(['a', 'b', 'c'], edges)).graph?.limits.maxSteps).toBe(4 * (5 + 5 + 1));
  });

  test('nests its loops: the outer one waits for the inner one around its source', () => {
    const edges = [
      'a -> b',
      'b -> c',
      { from: 'c', to: 'b', loop: { max: 2 } },
      { from: 'c', to: 'a', loop: { max: 2 } },
      { from: 'c', to: 'end', on: 'exhausted' },
      { from: 'b', to: 'b', loop: { max: 2 }, on: 'failed' },
      { from: 'b', to: 'b', loop: { max: 3 }, when: 'output == 1' },
      { from: 'b', to: 'end', on: 'exhausted' },
    ];
    const { graph, problems } = validateValue(joins(['a', 'b', 'c'], edges));
    expect(problems).toEqual([]);
    const shape = graph?.loops.map((loop) => [loop.target.name, loop.waitsFor.length, loop.inner.length]);
    expect(shape).toEqual([
      ['b', 0, 0],
      ['a', 1, 1],
    ]);
  });
});

describe('a mistake', () => {
  test('is reported with all others, in the order of the document', () => {
    const text = `pawl: 1
workflow: "a b"
version: 1
stat: {}
budget: {}
steps:
  a: { kind: shel, with: { argv: ["{{ input. }}", "{{ steps.c }}"] }, retry: bogus, timeout: 3x }
  b: { kind: http, with: { uri: x }, tiemout: 3s }
  c: { kind: condition, with: { branches: [ { name: ok, when: "1 + 1" } ] } }
  end: { kind: shell }
edges:
  - a -> d
  - a->b
  - { from: b, to: c, when: "input.x", else: true }
`;
    expect(found(text)).toEqual([
      '2 workflow FIELD_INVALID',
      '3 version FIELD_INVALID',
      '4 stat FIELD_UNKNOWN',
      '5 budget NOT_SUPPORTED_YET',
      '6 steps FIELD_INVALID',
      '7 steps.a.kind STEP_KIND_UNKNOWN',
      '7 steps.a.with.argv[0] EXPRESSION_INVALID',
      '7 steps.a.timeout DURATION_INVALID',
      '7 steps.a.retry RETRY_INVALID',
      '8 steps.b.tiemout FIELD_UNKNOWN',
      '8 steps.b.with WITH_FIELD_MISSING',
      '9 steps.c.with.branches[0].name FIELD_INVALID',
      '12 edges[0].to STEP_UNKNOWN',
      '13 edges[1] EDGE_INVALID',
      '14 edges[2] EDGE_INVALID',
    ]);
    expect(message(text)).toContain('did you mean "timeout"?');
    expect(validateText(text).graph).toBeUndefined();
  });

  test('in a name of an expression says how a hyphen is written', () => {
    const steps =
      'steps:\n  give-up: { kind: join }\n  a: { kind: shell, with: { stdin: "{{ steps.give-up.status }}" } }\n';
    expect(message(HEAD + steps)).toContain('write steps["give-up"]');
  });

  test.each<[string, unknown, string[]]>([
    [
      'a step that is no object',
      { steps: { a: 1 } },
      ['steps.a FIELD_INVALID', 'steps.a.kind FIELD_INVALID', 'steps.a.kind STEP_KIND_UNKNOWN'],
    ],
    ['no steps', { steps: {} }, ['steps FIELD_INVALID']],
    ['steps that are no object', { steps: [] }, ['steps FIELD_INVALID']],
    ['edges that are no list', { steps: { a: { kind: 'join' } }, edges: {} }, ['edges FIELD_INVALID']],
    ['a name with a space', { steps: { 'a b': { kind: 'join' } } }, ['steps["a b"] FIELD_INVALID']],
    [
      'attempts of what has none',
      {
        steps: {
          a: { kind: 'approval', with: { message: 'x' }, timeout: '1h', retry: 'io', atMostOnce: true },
          b: { kind: 'signal', deadline: '1h', repeatable: true },
          c: { kind: 'workflow', with: { workflow: 'x' }, timeout: '1h', onExhausted: 'park' },
          d: { kind: 'map', with: { items: [], step: { kind: 'sleep', with: { for: '1s' }, retry: 'io' } } },
          e: { kind: 'sleep', with: { for: '1s' }, finalize: 'always', deadline: '5s' },
          f: { kind: 'input', queue: 'x' },
          g: { kind: 'sleep', with: { for: '1s' }, dispatch: true, timeout: '5s' },
        },
      },
      [
        'steps.a.retry FIELD_INVALID',
        'steps.a.timeout FIELD_INVALID',
        'steps.a.atMostOnce FIELD_INVALID',
        'steps.b.deadline FIELD_INVALID',
        'steps.b.repeatable FIELD_INVALID',
        'steps.c.timeout FIELD_INVALID',
        'steps.c.onExhausted FIELD_INVALID',
        'steps.d.with.step.retry FIELD_INVALID',
        'steps.f.queue FIELD_INVALID',
        'steps.g.timeout FIELD_INVALID',
        'steps.g.dispatch FIELD_INVALID',
      ],
    ],
    [
      'a policy that contradicts itself',
      {
        steps: { a: { kind: 'join', retry: { initial: '1h', max: '5m' } } },
        retries: { x: { initial: '1h', max: '59m' }, y: { initial: '1h' } },
      },
      ['retries.x RETRY_INVALID', 'steps.a.retry RETRY_INVALID'],
    ],
    [
      'a policy that is wrong',
      { steps: { a: { kind: 'join' } }, retries: { x: { attempts: 0 } } },
      ['retries.x RETRY_INVALID'],
    ],
    [
      'a schema that cannot be checked',
      { steps: { a: { kind: 'join' } }, input: { requiredd: [] } },
      ['input FIELD_INVALID'],
    ],
    [
      'an output of nothing',
      { steps: { a: { kind: 'join' } }, output: { x: 'stat.x' } },
      ['output.x EXPRESSION_INVALID'],
    ],
    [
      'a save of an undeclared key',
      { state: { findings: {} }, steps: { a: { kind: 'join', save: { finding: 'output' } } } },
      ['steps.a.save.finding STATE_KEY_UNKNOWN'],
    ],
    [
      'a save that is no expression',
      { steps: { a: { kind: 'join', save: 'output.' } } },
      ['steps.a.save EXPRESSION_INVALID'],
    ],
    [
      'nobody who may approve',
      { steps: { a: { kind: 'approval', with: { message: 'x', approvers: [] } } } },
      ['steps.a.with.approvers APPROVAL_IMPOSSIBLE'],
    ],
    ['a sleep of no length', { steps: { a: { kind: 'sleep' } } }, ['steps.a.with FIELD_INVALID']],
    [
      'an unknown field of a kind',
      { steps: { a: { kind: 'sleep', with: { fore: '1s' } } } },
      ['steps.a.with.fore FIELD_UNKNOWN'],
    ],
    [
      'a condition without branches',
      { steps: { a: { kind: 'condition', with: {} } } },
      ['steps.a.with.branches FIELD_INVALID'],
    ],
    [
      'a branch that is named twice',
      {
        steps: {
          a: { kind: 'condition', with: { branches: [{ name: 'x', when: 'true' }], default: 'x y' } },
        },
      },
      ['steps.a.with.default FIELD_INVALID'],
    ],
    [
      'a branch that is neither true nor false',
      { steps: { a: { kind: 'condition', with: { branches: [{ name: 'x', when: '1' }] } } } },
      ['steps.a.with.branches[0].when EXPRESSION_INVALID'],
    ],
  ])('such as %s is named', (_what, part, expected) => {
    expect(codes({ pawl: 1, workflow: 'w', version: '1', ...(part as object) })).toEqual(expected);
  });

  test.each<[string, unknown[], string[]]>([
    ['an edge from the end', [{ from: 'end', to: 'a' }], ['edges[0].from STEP_UNKNOWN']],
    ['an edge with an unknown field', [{ from: 'a', to: 'b', of: 'ok' }], ['edges[0].of FIELD_UNKNOWN']],
    ['an edge that is a number', [7], ['edges[0] EDGE_INVALID']],
    ['a loop to the end', ['a -> b', { from: 'b', to: 'end', loop: { max: 2 } }], ['edges[1] EDGE_INVALID']],
    [
      'a loop that comes back from outside of another',
      [
        'a -> b',
        'b -> c',
        'b -> d',
        { from: 'c', to: 'a', loop: { max: 2 } },
        { from: 'd', to: 'b', loop: { max: 2 } },
      ],
      ['steps.b LOOP_ENTRY'],
    ],
    [
      'a step that is deep in an expression',
      [{ from: 'a', to: 'b', when: '1 + size([steps.q]) > 0' }, 'b -> c', 'c -> d'],
      ['edges[0].when EXPRESSION_INVALID'],
    ],
    [
      'a condition of another type',
      ['a -> c', { from: 'a', to: 'b', when: '"x"' }],
      ['edges[1].when EXPRESSION_INVALID'],
    ],
    [
      'a label that the kind cannot give',
      [{ from: 'a', to: 'b', on: ['ok', 'approved'] }],
      ['edges[0].on LABEL_UNKNOWN'],
    ],
    [
      'a label that only loops give',
      [{ from: 'a', to: 'b', on: 'exhausted' }],
      ['edges[0].on LABEL_UNKNOWN'],
    ],
    ['a circle', ['a -> b', 'b -> c', 'c -> b'], ['steps.c GRAPH_CYCLE']],
    ['a circle of all', ['a -> b', 'b -> c', 'c -> a'], ['steps.b GRAPH_CYCLE']],
    [
      'a loop that leads forward',
      ['a -> b', { from: 'b', to: 'c', loop: { max: 2 } }],
      ['edges[1] LOOP_FORWARD'],
    ],
    [
      'a loop that is entered from the side',
      ['a -> b', 'b -> c', 'd -> b', { from: 'c', to: 'a', loop: { max: 2 } }],
      ['steps.d LOOP_ENTRY'],
    ],
    [
      'a loop that begins in its middle',
      ['a -> b', 'c -> b', { from: 'b', to: 'a', loop: { max: 2 } }],
      ['steps.c LOOP_ENTRY'],
    ],
  ])('such as %s is named', (_what, edges, expected) => {
    expect(codes(joins(['a', 'b', 'c', 'd'], edges))).toEqual(expected);
  });

  test('of the start is named: an unknown step, one that something leads to, and what is left out', () => {
    const start = ['a', 'b', 'x', 'f'];
    const graph = joins(['a', 'b', 'd'], ['a -> b'], { start });
    const steps = { ...(graph as { steps: object }).steps, f: { kind: 'join', finalize: 'always' } };
    expect(codes({ ...graph, steps })).toEqual([
      'start START_INVALID',
      'start START_INVALID',
      'start START_INVALID',
    ]);
    expect(codes(joins(['a', 'b', 'd'], ['a -> b'], { start: 'a' }))).toEqual(['steps.d STEP_UNREACHABLE']);
  });

  test('of an edge is named that says the same as another: a join would count both', () => {
    const base = joins(['a', 'b', 'c'], []);
    const twice = (...edges: unknown[]): string[] =>
      codes({ ...base, edges: ['a -> b', 'b -> c', ...edges] });
    expect(twice('a -> b')).toEqual(['edges[2] EDGE_TWICE']);
    expect(validateValue({ ...base, edges: ['a -> b', 'a -> b'] }).graph).toBeUndefined();
    expect(twice('c -> end', { from: 'c', to: 'end' })).toEqual(['edges[3] EDGE_TWICE']);
    const on = { from: 'a', to: 'c', on: ['ok', 'failed'], when: 'true' };
    expect(twice(on, { ...on, on: ['failed', 'ok', 'ok'] })).toEqual(['edges[3] EDGE_TWICE']);
    expect(twice({ from: 'a', to: 'b', on: ['ok', 'ok'] })).toEqual(['edges[2] EDGE_TWICE']); // what is good, as it is meant without `on`
    expect(twice(on, { ...on, on: 'ok' }, { ...on, when: '!false' })).toEqual([]);
    const back = { from: 'c', to: 'a', loop: { max: 2 } };
    expect(twice(back, { ...back, loop: { max: 3 } })).toEqual(['edges[3] EDGE_TWICE']);
    const broken = { from: 'a', to: 'c', when: '1 +' };
    expect(twice(broken, { ...broken, when: '2 +' })).toEqual([
      'edges[2].when EXPRESSION_INVALID',
      'edges[3].when EXPRESSION_INVALID',
    ]);
  });

  test('of a join is named: more edges than there are, or than can be taken at once', () => {
    const base = joins(['a', 'b', 'c', 'd'], ['a -> c', 'b -> c']) as { steps: Record<string, object> };
    const withJoin = (name: string, join: unknown, edges: unknown[]): object => ({
      ...base,
      edges,
      steps: { ...base.steps, [name]: { kind: 'join', join } },
    });
    const two = ['a -> c', 'b -> c'];
    expect(codes(withJoin('c', { count: 2 }, two))).toEqual([]);
    expect(codes(withJoin('c', { count: 3 }, two))).toEqual(['steps.c.join JOIN_IMPOSSIBLE']);
    expect(codes(withJoin('d', { count: 2 }, two))).toEqual(['steps.d.join JOIN_IMPOSSIBLE']);
    const excluding = [
      { from: 'a', to: 'c', on: 'ok' },
      { from: 'a', to: 'c', on: 'failed' },
    ];
    expect(codes(withJoin('c', { count: 2 }, excluding))).toEqual(['steps.c.join JOIN_IMPOSSIBLE']);
    const whatever = ['a -> c', { from: 'a', to: 'c', on: '*' }];
    expect(codes(withJoin('c', { count: 2 }, whatever))).toEqual([]);
  });

  test('of a graph that runs nothing is that all of its steps come after the end', () => {
    const steps = { a: { kind: 'join', finalize: 'always' }, b: { kind: 'join', finalize: 'failure' } };
    expect(codes(joins([], [], { steps }))).toEqual(['steps FIELD_INVALID']);
    expect(codes(joins([], [], { steps: { ...steps, c: { kind: 'join' } } }))).toEqual([]);
    expect(codes(joins([], []))).toEqual(['steps FIELD_INVALID']);
  });

  test.each<[object, string[]]>([
    [{ kind: 'join', queue: 'gpu', dispatch: true }, []],
    [{ kind: 'join', dispatch: false }, []],
    [{ kind: 'sleep', with: { for: '1s' }, queue: 'gpu' }, ['steps.a.queue FIELD_INVALID']],
    [{ kind: 'workflow', with: { workflow: 'c' }, dispatch: true }, ['steps.a.dispatch FIELD_INVALID']],
  ])('of a queue is a step that is no work for one: %j', (a, expected) => {
    expect(codes(joins([], [], { steps: { a } }))).toEqual(expected);
  });

  test('of a step with `finalize` is an edge', () => {
    const graph = joins(['a'], ['a -> f']) as { steps: object };
    const steps = { ...graph.steps, f: { kind: 'join', finalize: 'always' } };
    expect(codes({ ...graph, steps })).toEqual(['edges[0] EDGE_INVALID']);
  });
});

describe('a document', () => {
  test.each(['- 1', '7', 'null'])('that is no object is no graph: %s', (text) => {
    expect(found(text)).toEqual([expect.stringContaining('DOCUMENT_INVALID')]);
  });

  test('that is broken is not judged any further', () => {
    expect(found('pawl: "')).toEqual(['1  DOCUMENT_INVALID']);
  });

  test('in JSON has lines too', () => {
    expect(
      found(
        '{\n "pawl": 2,\n "workflow": "w", "version": "1",\n "retries": { "x": {} },\n "steps": { "a": { "kind": "join", "retry": "x" } } }',
      ),
    ).toEqual(['2 pawl FIELD_INVALID']);
  });
});

describe('the state', () => {
  function typed(top: object, when: string): string[] {
    const graph = joins(['a', 'b'], [{ from: 'a', to: 'b', when }], top);
    return codes(graph);
  }
  const input = { type: 'object', properties: { n: { type: 'number' } } };
  const wrong = ['edges[0].when EXPRESSION_INVALID'];

  test.each<[string, object, string, string[]]>([
    ['every key without a declaration', {}, 'state.x == 1', []],
    ['declared keys only', { state: { n: {} } }, 'state.x == 1', wrong],
    ['the type of a declared key', { state: { n: { type: 'number' } } }, 'state.n == "x"', wrong],
    ['the keys of the input', { state: { x: {} }, stateFrom: 'input', input }, 'state.n == "x"', wrong],
    ['both', { state: { x: {} }, stateFrom: 'input', input }, 'state.x == state.n', []],
    ['every key where the input may have more', { state: { x: {} }, stateFrom: 'input' }, 'state.y == 1', []],
  ])('has %s', (_what, top, when, expected) => {
    expect(typed(top, when)).toEqual(expected);
  });

  test('begins with what its rules say', () => {
    const state = {
      a: { merge: 'append' },
      m: { merge: 'merge' },
      s: { merge: 'sum' },
      x: { merge: 'max', default: 3 },
      r: {},
    };
    const { graph } = validateValue(joins(['a'], [], { state }));
    const first = [...(graph?.state.keys ?? [])].map(([key, { first }]) => [key, first]);
    expect(first).toEqual([
      ['a', []],
      ['m', {}],
      ['s', 0],
      ['x', 3],
      ['r', null],
    ]);
  });
});

describe('a schema', () => {
  test('says what is wrong with a value, or nothing', () => {
    const { graph } = validateValue(
      joins(['a'], [], {
        input: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
      }),
    );
    expect(graph?.input?.problemOf({ n: 1 })).toBeUndefined();
    expect(graph?.input?.problemOf({})).toContain("required property 'n'");
    expect(graph?.input?.problemOf({ n: 1.5 })).toBe('$.n must be integer');
  });

  test('with a pattern that could hang is refused at the line of that pattern', () => {
    const text = `${HEAD}input:
  properties:
    ref:
      anyOf:
        - type: "null"
        - pattern: "(?<=a)b"
steps:
  a: { kind: verify, with: { clauses: [{ value: 1, schema: { pattern: "(a)\\\\1" } }] }, outputSchema: { pattern: "a{1001}" } }
`;
    expect(found(text)).toEqual([
      '9 input.properties.ref.anyOf[1].pattern FIELD_INVALID',
      '11 steps.a.with.clauses[0].schema.pattern FIELD_INVALID',
      '11 steps.a.outputSchema.pattern FIELD_INVALID',
    ]);
    expect(message(text)).toContain(
      'the pattern "(?<=a)b" cannot be used: look-around is offered only as look-ahead',
    );
  });
});

describe('a defect of ours', () => {
  test('is no problem of the document', () => {
    const fail = (): never => {
      throw new RangeError('ours');
    };
    expect(() => attempt(fail, [], new ProblemList())).toThrow('ours');
  });
});

describe('what this version does not enforce', () => {
  test('is refused and still a graph', () => {
    const steps = {
      a: { kind: 'model', budget: {} },
      b: { kind: 'approval', with: { message: 'x', approvers: { role: 'r' } } },
    };
    const { graph, problems } = validateValue({ pawl: 1, workflow: 'w', version: '1', policy: {}, steps });
    expect(graph).toBeDefined();
    const refused = problems.filter(({ severity }) => severity === 'unsupported').map(({ path }) => path);
    expect(refused).toEqual(['policy', 'steps.a.budget', 'steps.a.kind', 'steps.b.with.approvers']);
  });
});

describe('a warning', () => {
  test('names answers and loops that no edge takes', () => {
    const steps = { a: { kind: 'approval', with: { message: 'x', deadline: '1h' } }, b: { kind: 'join' } };
    const edges = [
      'a -> b',
      { from: 'b', to: 'a', loop: { max: 2 } },
      { from: 'a', to: 'end', on: ['expired'] },
    ];
    const { graph, problems } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps, edges });
    expect(graph).toBeDefined();
    expect(problems.map(({ severity, path, code }) => `${severity} ${path} ${code}`)).toEqual([
      'warning steps.a LABEL_UNHANDLED',
      'warning steps.b LABEL_UNHANDLED',
    ]);
  });

  test('does not name an end that cannot come: what has no limit of time, or decides at it, never expires', () => {
    const unhandled = (kind: string, more: object): string[] => {
      const steps = { a: { kind, with: { message: 'x', ...more } } };
      const { graph, problems } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps });
      expect(graph).toBeDefined();
      return problems.map(({ message }) => /ends as "(\w+)"/.exec(message)?.[1] ?? message);
    };
    expect(unhandled('approval', {})).toEqual(['rejected']);
    expect(unhandled('approval', { deadline: '1h' })).toEqual(['rejected', 'expired']);
    expect(unhandled('approval', { deadline: '1h', onTimeout: 'approve' })).toEqual(['rejected']);
    expect(unhandled('approval', { deadline: '1h', onTimeout: 'expire' })).toEqual(['rejected', 'expired']);
    expect(unhandled('input', {})).toEqual([]);
    expect(unhandled('input', { deadline: '{{ input.x }}' })).toEqual(['expired']);
    expect(unhandled('escalate', { to: 'human:a' })).toEqual(['declined']);
    const signal = { a: { kind: 'signal', with: { timeout: '1h' } } };
    expect(codes({ pawl: 1, workflow: 'w', version: '1', steps: signal })).toEqual([
      'steps.a LABEL_UNHANDLED',
    ]);
  });

  test('names every command line that a template is put into, and no other place where values are safe', () => {
    const text = `${HEAD}steps:
  a:
    kind: shell
    with:
      command: "grep -- {{ input.word }} {{ input.file }}"
  b:
    kind: map
    with:
      items: [1]
      step: { kind: shell, with: { command: "echo {{ item }}" } }
  c:
    kind: verify
    with:
      clauses:
        - { text: "{{ input.x }}", contains: x }
        - { command: "test {{ input.x }}" }
  safe: { kind: shell, with: { command: 'grep -- "$WORD"', env: { WORD: "{{ input.word }}" }, stdin: "{{ input.x }}", cwd: "{{ input.y }}" } }
  args: { kind: shell, with: { argv: [grep, "{{ input.word }}"] } }
`;
    const { graph, problems } = validateText(text);
    expect(graph).toBeDefined();
    expect(problems.map(({ severity, line, path, code }) => `${severity} ${line} ${path} ${code}`)).toEqual([
      'warning 8 steps.a.with.command COMMAND_TEMPLATE',
      'warning 13 steps.b.with.step.with.command COMMAND_TEMPLATE',
      'warning 19 steps.c.with.clauses[1].command COMMAND_TEMPLATE',
    ]);
    expect(problems[0]?.message).toContain('{{ input.word }}');
  });

  const saving = (save: unknown, edges: unknown[] = []): string[] => {
    const steps = { a: { kind: 'join', save }, b: { kind: 'join', save: { y: 'steps.a.output' } } };
    const { problems } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps, edges });
    return problems
      .filter(({ code }) => code === 'SAVE_READS_ITSELF')
      .map(({ severity, path }) => `${severity} ${path}`);
  };

  test.each<[unknown, string[]]>([
    [{ x: 'output', y: 'steps.a.output' }, ['warning steps.a.save.y']],
    [{ x: '[1].map(n, {"k": steps["a"].outcome})' }, ['warning steps.a.save.x']],
    ['{"x": steps.a.visit}', ['warning steps.a.save']],
    ['{"x": steps.b.visit, "steps.a": "steps.a"}', []],
    [{ x: 'output.steps.a', y: 'size(steps)' }, []],
  ])('says that a step knows nothing of itself when it saves: %j', (save, expected) => {
    expect(saving(save)).toEqual(expected);
  });

  test('says nothing where its visit before is meant', () => {
    const loop = { from: 'a', to: 'a', loop: { max: 2 } };
    expect(saving({ x: 'steps.a.visit' }, [loop])).toEqual([]);
  });
});

describe('a kind of somebody else', () => {
  test('is known where it is registered', () => {
    const mine = { name: 'mine', labels: ['odd'], queue: 'general', opens: 'step', required: [] } as const;
    const graph = {
      pawl: 1,
      workflow: 'w',
      version: '1',
      steps: { a: { kind: 'mine', with: { x: 1 } } },
      edges: [{ from: 'a', to: 'end', on: 'odd' }],
    };
    expect(validateValue(graph).problems.map(({ code }) => code)).toEqual(['STEP_KIND_UNKNOWN']);
    expect(validateValue(graph, { kinds: [mine] }).problems).toEqual([]);
  });
});

test('a function that will not be there is named with its place and the nearest one, where it is known which there are', () => {
  const text = `${HEAD}steps:
  a: { kind: function, with: { function: revew } }
  b: { kind: map, with: { items: "{{ [1] }}", step: { kind: function, with: { function: zap } } } }
  c: { kind: function, with: { function: "{{ 'made' }}" } }
  d: { kind: function, queue: gpu, with: { function: elsewhere } }
  e: { kind: function, with: { function: review } }
`;
  expect(validateText(text).problems).toEqual([]);
  const { problems } = validateText(text, { functions: ['review'] });
  expect(problems.map(({ line, path, code }) => [line, path, code])).toEqual([
    [5, 'steps.a.with.function', 'FUNCTION_UNKNOWN'],
    [6, 'steps.b.with.step.with.function', 'FUNCTION_UNKNOWN'],
  ]);
  expect(problems[0]?.message).toContain('did you mean "review"?');
});

describe('ten thousand steps', () => {
  const count = 10_000;
  const steps = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `s${index}`,
      { kind: 'shell', with: { stdin: `{{ state.n + ${index} }}` } },
    ]),
  );
  const edges = Array.from({ length: count - 1 }, (_, index) => `s${index} -> s${index + 1}`);
  const graph = { pawl: 1, workflow: 'w', version: '1', state: { n: { type: 'number' } }, steps, edges };

  test('are validated, and where all of them are wrong a thousand problems are listed', () => {
    expect(validateValue(graph).problems).toEqual([]);
    const { problems, count: all } = validateValue({ ...graph, edges: edges.map(() => 'x -> y') });
    expect(problems).toHaveLength(1_000);
    expect(all).toBe(2 * (count - 1));
  }, 60_000); // how long that takes is the machine's affair
});

describe('steps that a breach of a budget leads to', () => {
  const joins2 = (more: object): object => ({
    ...joins(['a', 'b', 'over', 'after'], ['a -> b', 'over -> after']),
    ...more,
  });
  const routed = joins2({ start: 'a', budget: { usd: '1', onBreach: { route: 'over' } } });

  test('are reached, and do not begin', () => {
    expect(codes(routed)).toEqual(['budget NOT_SUPPORTED_YET']);
    const { start, ...unnamed } = routed as { start: string };
    expect(start).toBe('a');
    expect(validateValue(unnamed).graph?.start.map(({ name }) => name)).toEqual(['a']);
  });

  test('are found in the budget of a step too', () => {
    const steps = {
      a: { kind: 'join', budget: { onBreach: { route: 'b' } } },
      b: { kind: 'join', budget: { onBreach: 'park' } },
    };
    const value = { pawl: 1, workflow: 'w', version: '1', start: 'a', steps };
    expect(codes(value).toSorted()).toEqual([
      'steps.a.budget NOT_SUPPORTED_YET',
      'steps.b.budget NOT_SUPPORTED_YET',
    ]);
  });

  test('have to be there', () => {
    const steps = {
      a: { kind: 'join', budget: { onBreach: { route: 'x' } } },
      over: { kind: 'join', budget: 3 },
    };
    expect(
      codes({ pawl: 1, workflow: 'w', version: '1', steps, budget: { onBreach: { route: 'ovr' } } }),
    ).toEqual(
      expect.arrayContaining([
        'budget.onBreach.route STEP_UNKNOWN',
        'steps.a.budget.onBreach.route STEP_UNKNOWN',
      ]),
    );
  });

  test('are no news where the graph is none', () => {
    expect(codes({ pawl: 1, steps: 3 })).toContain('steps FIELD_INVALID');
  });
});

describe('a step that has no attempts', () => {
  test.each([
    ['queue: gpu', 'queue', 'a step of kind approval is no work for a queue'],
    ['dispatch: true', 'dispatch', 'a step of kind approval is no work for a queue'],
    ['heartbeat: 5s', 'heartbeat', 'a step of kind approval has no attempts'],
  ])('takes no %s', (field, name, problem) => {
    const text = `${HEAD}steps:\n  a: { kind: approval, with: { message: go }, ${field} }\n`;
    expect(found(text)).toEqual([`5 steps.a.${name} FIELD_INVALID`]);
    expect(message(text)).toContain(problem);
  });

  test('may say that it is not dispatched', () => {
    expect(found(`${HEAD}steps:\n  a: { kind: sleep, with: { for: 1s }, dispatch: false }\n`)).toEqual([]);
  });
});

test('a step that never fires twice and may safely run again is refused', () => {
  const text = `${HEAD}steps:\n  a: { kind: shell, with: { command: x }, atMostOnce: true, repeatable: true }\n`;
  expect(found(text)).toEqual(['5 steps.a.repeatable FIELD_INVALID']);
});

test('a message repeats no more than the beginning of a long text', () => {
  const when = `${'x'.repeat(3_000)} ==`;
  const text = message(
    `${HEAD}steps:\n  a: { kind: join }\n  b: { kind: join }\nedges: [{ from: a, to: b, when: "${when}" }]\n`,
  );
  expect(text).toContain(`${'x'.repeat(300)}…`);
  expect(text).not.toContain('x'.repeat(301));
});
