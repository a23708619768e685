/** Promises of the decide driver, one graph a promise. */
import { describe, expect, test } from 'vitest';
import { validateText } from '../graph/index.ts';
import type { Command, Delivery, StepSpec } from '../run/index.ts';
import { GraphDriver, type GraphSetup } from './graph-driver.ts';

/** A driver that is asked by hand: what it asks for is listed, and ended when a test says so. */
class Stage {
  readonly driver: GraphDriver;
  readonly commands: Command[] = [];
  activity = 0;

  constructor(text: string, more: Partial<GraphSetup> = {}) {
    const { graph, problems } = validateText(`pawl: 1\nworkflow: w\nversion: "1"\n${text}`);
    if (!graph) throw new Error(JSON.stringify(problems));
    const setup = { graph, input: '{"n":1}', facts: { id: 'r-1' }, recorded: new Map<string, string>() };
    this.driver = new GraphDriver({ ...setup, onActivity: () => this.activity++, ...more });
    this.driver.start();
  }

  /** What is asked for now, in short. */
  take(): string[] {
    const commands = this.driver.takeCommands();
    this.commands.push(...commands);
    return commands.map(shortOf);
  }

  begin(): string[] {
    this.driver.catchUp();
    return this.take();
  }

  end(path: string, outcome = 'ok', value: unknown = {}, more: Partial<Delivery> = {}): string[] {
    const failure = { class: 'timeout', code: 'BROKE', message: 'it broke', path };
    const payload = JSON.stringify(outcome === 'failed' ? failure : value);
    this.driver.deliver({ path, kind: 'x', outcome, payload, endedAt: 0, ...more });
    return this.take();
  }

  step(path: string): StepSpec {
    const found = this.commands.find(
      (command) => command.type === 'ScheduleStep' && command.step.path === path,
    );
    return (found as { step: StepSpec }).step;
  }

  wait(path: string): unknown {
    return this.commands.find((command) => command.type === 'OpenWait' && command.wait.path === path);
  }
}

function shortOf(command: Command): string {
  switch (command.type) {
    case 'ScheduleStep':
      return command.step.path;
    case 'OpenWait':
      return `wait ${command.wait.path}`;
    case 'StartChild':
      return `child ${command.child.path} ${command.child.workflow} ${command.child.input}`;
    case 'CancelCalls':
      return `cancel ${command.paths.join(' ')}: ${command.reason}`;
    case 'Complete':
      return `complete ${command.output}`;
    case 'Fail':
      return `fail ${command.failure.code} [${command.failedSteps.join(' ')}] ${command.failure.cause?.code ?? ''}`;
    default:
      return command.type;
  }
}

/** The failure that a step was scheduled to have. */
function thrownBy(spec: StepSpec): unknown {
  try {
    return spec.run?.({} as never);
  } catch (error) {
    return error;
  }
}

const PLAIN = 'steps: { a: { kind: join }, b: { kind: join }, c: { kind: join } }\n';

describe('a run', () => {
  test('asks for nothing before it has caught up, then for what follows, and ends with its state', () => {
    const stage = new Stage(
      `state: { n: { type: number, merge: sum } }
steps:
  a: { kind: shell, with: { stdin: "{{ input.n + 1 }}" }, save: { n: output.n }, timeout: 5s, retry: io, title: First }
  b: { kind: shell, with: { stdin: "{{ state.n }} {{ steps.a.outcome }} {{ steps.b.status }} {{ run.id }}" }, save: { n: "1" } }
edges: [a -> b]
`,
    );
    expect(stage.take()).toEqual([]);
    expect(stage.begin()).toEqual(['a']);
    expect(stage.step('a')).toMatchObject({
      input: { stdin: 2 },
      timeoutMs: 5_000,
      label: 'First',
      retry: { attempts: 5 },
      after: { n: 0 },
    });
    expect(stage.end('a', 'ok', { n: 4 })).toEqual(['b']);
    expect(stage.step('b')).toMatchObject({
      input: { stdin: '4 ok pending r-1' },
      after: { n: 1 },
      retry: undefined,
    });
    expect([stage.driver.openCount, stage.driver.openCalls]).toEqual([1, [{ path: 'b', kind: 'shell' }]]);
    expect(stage.driver.hasEnded).toBe(false);
    expect(stage.end('b')).toEqual(['complete {"n":5}']);
    expect([stage.driver.hasEnded, stage.driver.deliveries, stage.driver.parked]).toEqual([
      true,
      2,
      undefined,
    ]);
    expect(stage.end('a')).toEqual([]);
    stage.driver.stop({ reason: 'too late' });
    expect(stage.take()).toEqual([]);
  });

  test('shows what each step used, and how it failed', () => {
    const usage = { inputTokens: 1, outputTokens: 2, costNanoUsd: 3_000_000 };
    const stage = new Stage(
      'output: steps\nsteps: { a: { kind: shell }, b: { kind: shell } }\nedges: [{ from: a, to: b, on: failed }]\n',
    );
    stage.begin();
    stage.end('a', 'failed', {}, { usage, attempt: 3 });
    const [end] = stage.end('b', 'ok', [7]);
    expect(JSON.parse(end?.slice('complete '.length) ?? '')).toEqual({
      a: {
        status: 'failed',
        outcome: 'failed',
        output: null,
        failure: { class: 'timeout', code: 'BROKE', message: 'it broke' },
        attempt: 3,
        visit: 1,
        usage: { inputTokens: 1, outputTokens: 2, costUsd: '0.003' },
      },
      b: {
        status: 'completed',
        outcome: 'ok',
        output: [7],
        failure: null,
        attempt: null,
        visit: 1,
        usage: null,
      },
    });
  });

  test.each([
    ['{ x: state.a }', 'complete {"x":1}'],
    ['{ x: state.b }', 'fail EXPRESSION_FAILED [] '],
    ['state.a + 1', 'complete 2'],
    ['state.b', 'fail EXPRESSION_FAILED [] '],
  ])('gives the output that it declares: %s', (output, expected) => {
    const stage = new Stage(`output: ${output}\nsteps: { a: { kind: join, save: { a: "1" } } }\n`);
    stage.begin();
    expect(stage.end('a')).toEqual([expected]);
  });

  test('fails where its output does not fit its schema', () => {
    const stage = new Stage(`outputSchema: { type: object, required: [z] }\n${PLAIN.replace(/, b.*/, ' }')}`);
    stage.begin();
    expect(stage.end('a')).toEqual(['fail OUTPUT_MISFIT [] ']);
  });

  test('stops at its limit of steps until somebody raises it', () => {
    const text = `limits: { maxSteps: 1 }\n${PLAIN}edges: [a -> b, b -> c]\n`;
    const stage = new Stage(text);
    stage.begin();
    expect(stage.end('a')).toEqual([]);
    expect(stage.driver.parked?.reason).toBe('step_limit');
    const raised = new Stage(text, { maxSteps: 2 });
    raised.begin();
    expect(raised.end('a')).toEqual(['b']);
    expect(stage.end('x')).toEqual([]);
    stage.driver.stop({ reason: 'enough' });
    expect([stage.driver.hasEnded, stage.driver.parked]).toEqual([true, undefined]);
  });

  test('asks for nothing any more once it is abandoned', () => {
    const stage = new Stage(PLAIN);
    stage.driver.catchUp();
    stage.driver.abandon();
    expect(stage.take()).toEqual([]);
  });
});

describe('J8 conditions', () => {
  const edges = `edges:
  - { from: a, to: b, when: output.x > 1 }
  - { from: a, to: c, else: true }
`;

  test.each([
    [{ x: 2 }, ['b']],
    [{ x: 1 }, ['c']],
  ])('send %j where they say, and nowhere else', (value, expected) => {
    const stage = new Stage(PLAIN + edges);
    stage.begin();
    expect(stage.end('a', 'ok', value)).toEqual(expected);
  });

  test.each([
    ['when: output.y', {}, 'fail EXPRESSION_FAILED [] '],
    ['when: output.y', { y: 7 }, 'fail EXPRESSION_FAILED [] '],
    ['when: output.y', { y: false }, 'fail NO_BRANCH [] '],
  ])('that cannot be judged, or are all false, fail the run: %s of %j', (when, value, expected) => {
    const stage = new Stage(`${PLAIN}edges: [{ from: a, to: b, ${when} }, { from: a, to: c, ${when} }]\n`);
    stage.begin();
    expect(stage.end('a', 'ok', value)).toEqual([expected]);
  });
});

describe('a condition', () => {
  const text = (branches: string): string => `steps:
  a: { kind: condition, with: { branches: [${branches}] } }
`;

  test.each([
    ['{ name: x, when: input.n > 5 }, { name: y, when: input.n > 0 }', { branch: 'y' }],
    [
      '{ name: x, when: input.n > 5 }], default: z, branches: [{ name: x, when: input.n > 5 }',
      { branch: 'z' },
    ],
  ])('is the first branch that is true, else its default: %s', (branches, input) => {
    const yaml = branches.includes('default')
      ? 'steps:\n  a: { kind: condition, with: { branches: [{ name: x, when: input.n > 5 }], default: z } }\n'
      : text(branches);
    const stage = new Stage(yaml);
    stage.begin();
    expect(stage.step('a').input).toEqual(input);
  });

  test.each([
    ['{ name: x, when: input.n > 5 }', 'NO_BRANCH'],
    ['{ name: x, when: input.nothing }', 'EXPRESSION_FAILED'],
    ['{ name: x, when: input.n }', 'EXPRESSION_FAILED'],
  ])('that has no answer fails its step: %s', (branches, code) => {
    const stage = new Stage(text(branches));
    stage.begin();
    expect(thrownBy(stage.step('a'))).toMatchObject({ failure: { code, path: 'a' } });
  });
});

describe('H2 an outcome that nobody handles', () => {
  test('fails the run with its cause, and cancels what is open', () => {
    const stage = new Stage(`${PLAIN}edges: [a -> c]\n`);
    stage.begin();
    expect(stage.end('a', 'failed')).toEqual(['cancel b: the run failed']);
    expect(stage.driver.openCount).toBe(1);
    expect(stage.end('b', 'cancelled')).toEqual(['fail OUTCOME_UNHANDLED [a] BROKE']);
  });

  test('lets what is open finish where the run drains, and starts nothing new', () => {
    const stage = new Stage(`onFailure: drain\n${PLAIN}edges: [b -> c]\n`);
    stage.begin();
    expect(stage.end('a', 'failed')).toEqual([]);
    expect(stage.end('b')).toEqual(['fail OUTCOME_UNHANDLED [a] BROKE']);
  });

  test('fails the run from a leaf too, and an answer of people has no cause', () => {
    const stage = new Stage('steps: { a: { kind: approval, with: { message: x } } }\n');
    expect(stage.begin()).toEqual(['wait a']);
    expect(stage.end('a', 'rejected', null)).toEqual(['fail OUTCOME_UNHANDLED [] ']);
  });

  test('is no failure of the run where an edge names it, but then something has to end well', () => {
    const stage = new Stage('steps: { a: { kind: join } }\nedges: [{ from: a, to: end, on: "*" }]\n');
    stage.begin();
    expect(stage.end('a', 'failed')).toEqual(['fail NOTHING_REACHED [a] BROKE']);
  });
});

describe('a step', () => {
  test.each([
    ['with: { stdin: "{{ input.nothing }}" }', 'EXPRESSION_FAILED'],
    ['kind: sleep, with: { for: "{{ input.n }}x" }', 'WITH_INVALID'],
    ['kind: workflow, with: { workflow: "{{ input.n }}" }', 'WITH_INVALID'],
  ])('whose `with` cannot be had fails by itself: %s', (fields, code) => {
    const kind = fields.startsWith('kind') ? fields : `kind: shell, ${fields}`;
    const stage = new Stage(`steps: { a: { ${kind} } }\n`);
    expect(stage.begin()).toEqual(['a']);
    expect(stage.step('a').retry).toMatchObject({ attempts: 1 });
    expect(thrownBy(stage.step('a'))).toMatchObject({ failure: { class: 'terminal', code, path: 'a' } });
  });

  test.each([
    ['save: { x: output.nothing }', {}],
    ['outputSchema: { type: object, required: [x] }', {}],
  ])('that ended well and cannot be kept has failed: %s', (fields, value) => {
    const stage = new Stage(
      `steps: { a: { kind: shell, ${fields} }, b: { kind: join } }\nedges: [{ from: a, to: b, on: failed }]\n`,
    );
    stage.begin();
    expect(stage.end('a', 'ok', value)).toEqual(['b']);
  });

  test('starts a child with its input, and takes how it ended for its outcome', () => {
    const stage = new Stage(
      'steps: { a: { kind: workflow, with: { workflow: sub, version: "2", input: { n: "{{ input.n }}" } } } }\nedges: [{ from: a, to: end, on: cancelled }]\n',
    );
    expect(stage.begin()).toEqual(['child a sub {"n":1}']);
    expect(stage.end('a', 'cancelled', null)).toEqual(['fail NOTHING_REACHED [] ']);
  });

  test('that nobody needs any more saves nothing, whatever it still brings', () => {
    const stage = new Stage(`steps:
  a: { kind: join }
  b: { kind: shell, save: { x: "1" } }
  j: { kind: join, join: { count: 1, losers: cancel } }
edges: [a -> j, b -> j]
`);
    stage.begin();
    expect(stage.end('a')).toEqual(['cancel b: not needed any more', 'j']);
    expect(stage.end('b', 'ok')).toEqual([]);
    expect(stage.end('j')).toEqual(['complete {}']);
  });

  test('whose join can never be met fails', () => {
    const stage = new Stage(
      'steps: { a: { kind: join }, b: { kind: join }, j: { kind: join, join: { count: 2 } } }\nedges: [a -> j, b -> j, { from: b, to: end, on: failed }, { from: j, to: end, on: failed }]\n',
    );
    stage.begin();
    stage.end('a');
    expect(stage.end('b', 'failed')).toEqual(['j']);
    expect(thrownBy(stage.step('j'))).toMatchObject({
      failure: { code: 'JOIN_UNMET', message: expect.stringContaining('waits for 2 edges, 1 were taken') },
    });
  });

  test('that was cancelled before anybody knew of it is gone', () => {
    const stage = new Stage(`${PLAIN}edges: [a -> c]\n`);
    stage.begin();
    stage.end('a', 'failed');
    stage.driver.drop('b');
    expect(stage.take()).toEqual(['fail OUTCOME_UNHANDLED [a] BROKE']);
  });
});

describe('H4 a loop', () => {
  const text = `steps: { a: { kind: join }, b: { kind: join }, c: { kind: join } }
edges:
  - a -> b
  - { from: b, to: a, loop: { max: 2 }, when: output.again }
  - { from: b, to: c, else: true }
  - { from: b, to: c, on: exhausted }
`;

  test('gives its paths the next visit, and ends at its limit as exhausted', () => {
    const stage = new Stage(text);
    stage.begin();
    stage.end('a');
    expect(stage.end('b', 'ok', { again: true })).toEqual(['a#2']);
    stage.end('a#2');
    expect(stage.end('b#2', 'ok', { again: true })).toEqual(['c']);
  });

  test('whose condition breaks at its limit fails the run', () => {
    const stage = new Stage(
      'steps: { a: { kind: join } }\nedges: [{ from: a, to: a, loop: { max: 1 } }, { from: a, to: end, on: exhausted, when: output.x }]\n',
    );
    stage.begin();
    expect(stage.end('a')).toEqual(['fail EXPRESSION_FAILED [] ']);
  });

  test('cancels what is open in its body, also what was still in line', () => {
    const stage = new Stage(`limits: { maxConcurrentSteps: 2 }
steps: { a: { kind: join }, b: { kind: join }, c: { kind: join }, d: { kind: join } }
edges:
  - a -> b
  - a -> c
  - a -> d
  - { from: b, to: a, loop: { max: 2 }, on: failed }
  - { from: c, to: a, loop: { max: 2 }, on: failed }
  - { from: d, to: a, loop: { max: 2 }, on: failed }
`);
    stage.begin();
    expect(stage.end('a')).toEqual(['b', 'c']);
    expect(stage.end('b', 'failed')).toEqual(['cancel c: not needed any more', 'a#2']);
    expect(stage.end('c', 'cancelled')).toEqual([]);
  });
});

describe('places', () => {
  test('are kept by what executes: a wait, and a step between two attempts, hold none', () => {
    const stage = new Stage(
      'limits: { maxConcurrentSteps: 1, maxDispatch: 1 }\nsteps: { a: { kind: shell }, w: { kind: sleep, with: { for: 1s } }, b: { kind: shell }, c: { kind: shell } }\n',
    );
    expect(stage.begin()).toEqual(['a']);
    expect(stage.activity).toBe(1);
    expect(stage.take()).toEqual(['wait w']);
    expect(stage.take()).toEqual([]);
    stage.driver.rest('a');
    expect(stage.take()).toEqual(['b']);
    expect(stage.driver.resume('a')).toBe(false); // b has the place
    expect(stage.driver.resume('x')).toBe(true); // it has ended meanwhile, and nobody waits for it
    stage.driver.deliver({ path: 'b', kind: 'shell', outcome: 'ok', payload: '', endedAt: 0 });
    expect(stage.driver.resume('a')).toBe(true);
    expect(stage.take()).toEqual([]);
    expect(stage.end('a')).toEqual(['c']);
  });
});

describe('finalize', () => {
  const text = `steps:
  a: { kind: join }
  s: { kind: join, finalize: success, save: { x: "1" } }
  f: { kind: join, finalize: failure }
  z: { kind: join, finalize: always }
`;

  test('runs after the end, one after the other, and changes nothing of the output', () => {
    const stage = new Stage(text);
    expect(stage.begin()).toEqual(['a']);
    expect(stage.end('a')).toEqual(['s']);
    expect(stage.step('s').deadlineMs).toBe(60_000);
    expect(stage.end('s')).toEqual(['z']);
    expect(stage.end('z')).toEqual(['complete {}']);
  });

  test('runs after a failure too, and does not hide it', () => {
    const stage = new Stage(text);
    stage.begin();
    expect(stage.end('a', 'failed')).toEqual(['f']);
    expect(stage.end('f', 'failed')).toEqual(['z']);
    expect(stage.end('z')).toEqual(['fail OUTCOME_UNHANDLED [a f] BROKE']);
  });

  test('that fails turns a completed run into a failed one', () => {
    const stage = new Stage(text);
    stage.begin();
    stage.end('a');
    expect(stage.end('s', 'failed')).toEqual(['z']);
    expect(stage.end('z')).toEqual(['fail FINALIZE_FAILED [s] BROKE']);
  });

  test('runs on cancel where it always runs, once what is open has ended', () => {
    const stage = new Stage(text);
    stage.begin();
    stage.driver.stop({ reason: 'by hand' });
    expect(stage.take()).toEqual(['cancel a: by hand']);
    expect(stage.end('a', 'cancelled')).toEqual(['z']);
    expect(stage.driver.hasEnded).toBe(false);
    expect(stage.end('z')).toEqual([]);
    expect(stage.driver.hasEnded).toBe(true);
  });

  test('goes on where the cancel comes in its midst, with those that always run', () => {
    const stage = new Stage(`${text}  y: { kind: join, finalize: success }\n`);
    stage.begin();
    stage.end('a');
    stage.driver.stop({ reason: 'by hand' });
    expect(stage.end('s')).toEqual(['z']);
    expect(stage.end('z')).toEqual([]);
    expect(stage.driver.hasEnded).toBe(true);
  });
});

describe('a log', () => {
  const text = `steps: { a: { kind: shell }, b: { kind: shell }, w: { kind: escalate, with: { to: "human:ada", message: x } } }
edges: [a -> b, { from: w, to: end, on: "*" }]
`;

  test('that is stopped is not asked once more for a step that was running', () => {
    const stage = new Stage('steps: { a: { kind: shell } }', { recorded: new Map([['a', 'shell']]) });
    stage.driver.catchUp();
    stage.driver.stop({ reason: 'by hand' });
    expect(stage.take()).toEqual(['cancel a: by hand']);
  });

  test('opens again what it holds, and asks for its steps only', () => {
    const stage = new Stage(text, {
      recorded: new Map([
        ['a', 'shell'],
        ['b', 'shell'],
        ['w', 'approval'],
      ]),
    });
    expect(stage.driver.missingCalls).toEqual([{ path: 'b', kind: 'shell' }]);
    stage.end('a');
    expect([stage.driver.missingCalls, stage.driver.difference, stage.driver.isCaughtUp]).toEqual([
      [],
      undefined,
      false,
    ]);
    expect(stage.begin()).toEqual(['b']);
    expect(stage.driver.isOpen('w')).toBe(true);
    expect(stage.driver.isCaughtUp).toBe(true);
    stage.end('b');
    expect(stage.end('w', 'approved', null, { by: 'ada', comment: 'yes' })).toEqual(['complete {}']);
  });

  test('that holds a step as another kind is a difference', () => {
    const stage = new Stage(text, { recorded: new Map([['a', 'http']]) });
    expect(stage.driver.difference).toBe('"a" is recorded as http, the graph has it as shell');
  });

  test('that holds the end of a step again does not ask for it', () => {
    const stage = new Stage(text, { recorded: new Map([['a', 'shell']]) });
    stage.driver.catchUp();
    stage.driver.deliver({ path: 'a', kind: 'shell', outcome: 'ok', payload: '', endedAt: 0 });
    expect(stage.take()).toEqual(['wait w', 'b']);
  });

  test('goes on with a cancel that it does not hold the end of', () => {
    const stage = new Stage(`${PLAIN}edges: [a -> c]\n`, {
      recorded: new Map([
        ['a', 'join'],
        ['b', 'join'],
      ]),
    });
    stage.end('a', 'failed');
    expect(stage.begin()).toEqual(['cancel b: the run failed']);
    expect(stage.end('b', 'cancelled')).toEqual(['fail OUTCOME_UNHANDLED [a] BROKE']);
  });
});

describe('a wait', () => {
  test.each<[string, object]>([
    ['kind: sleep, with: { for: 2s }', { kind: 'sleep', dueInMs: 2_000 }],
    [
      'kind: sleep, with: { until: "2026-01-31T09:00:00Z" }',
      { kind: 'sleep', dueAt: Date.UTC(2026, 0, 31, 9) },
    ],
    ['kind: signal', { kind: 'signal', name: 'a' }],
    [
      'kind: signal, with: { name: news, timeout: 1m, schema: {} }',
      { kind: 'signal', name: 'news', dueInMs: 60_000, schema: {} },
    ],
    ['kind: input', { kind: 'input', message: undefined }],
    ['kind: input, with: { message: m, deadline: 1000 }', { kind: 'input', message: 'm', dueInMs: 1_000 }],
    [
      'kind: approval, with: { message: m, approvers: [ada], args: { x: 1 }, onTimeout: approve }',
      { kind: 'approval', approvers: ['ada'], payload: '{"x":1}', onTimeout: 'approve' },
    ],
    [
      'kind: escalate, with: { to: "human:ada", message: m }',
      { kind: 'approval', approvers: ['ada'], message: 'm' },
    ],
  ])('is opened as its fields say: %s', (fields, wait) => {
    const stage = new Stage(`steps: { a: { ${fields} } }\n`);
    expect(stage.begin()).toEqual(['wait a']);
    expect(stage.wait('a')).toMatchObject({ wait: { path: 'a', ...wait } });
  });

  test.each([
    ['kind: sleep, with: { for: "{{ [1] }}" }', 'a: for must be a duration.'],
    ['kind: approval, with: { message: "" }', 'message must be a text'],
    ['kind: approval, with: { message: m, approvers: "{{ [] }}" }', 'approvers must be names'],
    ['kind: approval, with: { message: m, approvers: [1] }', 'approvers must be names'],
    ['kind: approval, with: { message: m, approvers: ada }', 'approvers must be names'],
    ['kind: approval, with: { message: m, onTimeout: later }', 'onTimeout must be'],
  ])('that cannot be opened fails its step: %s', (fields, problem) => {
    const stage = new Stage(`steps: { a: { ${fields} } }\n`);
    stage.begin();
    expect(thrownBy(stage.step('a'))).toMatchObject({ message: expect.stringContaining(problem) });
  });

  test('H17 of an escalation ends as resolved or declined, a sleep as ok, and an approval says who', () => {
    const stage = new Stage(`steps:
  e: { kind: escalate, with: { to: "agent:x", message: m } }
  s: { kind: sleep, with: { for: 1s } }
  g: { kind: approval, with: { message: m }, save: { by: output.by, at: output.at } }
edges: [{ from: e, to: end, on: declined }]
`);
    stage.begin();
    stage.end('s', 'resolved', null);
    stage.end('e', 'rejected', null);
    expect(stage.end('g', 'approved', null, { by: 'ada' })).toEqual([
      'complete {"by":"ada","at":"1970-01-01T00:00:00.000Z"}',
    ]);
  });
});

describe('a graph that nothing moves', () => {
  test('J16 is parked and never called complete', () => {
    const { graph } = validateText(
      'pawl: 1\nworkflow: w\nversion: "1"\nsteps: { a: { kind: join }, b: { kind: join } }\nedges: [a -> b]\n',
    );
    const lost = { ...graph, start: [] } as unknown as GraphSetup['graph'];
    const driver = new GraphDriver({
      graph: lost,
      input: '',
      facts: {},
      recorded: new Map(),
      onActivity: () => undefined,
    });
    driver.start();
    driver.catchUp();
    expect([driver.parked?.reason, driver.takeCommands()]).toEqual(['deadlocked', []]);
  });
});

describe('losers', () => {
  /** A quorum of one over a, and over b -> d; whatever else is given. */
  function quorum(steps: string, edges: string): Stage {
    const stage = new Stage(`steps:
  a: { kind: join }
  b: { kind: join }
  d: { kind: join }
  j: { kind: join, join: { count: 1, losers: cancel } }
${steps}edges: [a -> j, b -> d, d -> j, { from: b, to: end, on: failed }, ${edges}]
`);
    stage.begin();
    return stage;
  }

  test('are branches that lead nowhere else, to their first step', () => {
    const stage = quorum('', '');
    expect(stage.end('a')).toEqual(['cancel b: not needed any more', 'j']);
    stage.end('b', 'cancelled');
    expect(stage.end('j')).toEqual(['complete {}']);
  });

  test('are not branches that somebody else waits for, nor what leads to those', () => {
    const stage = quorum('  x: { kind: join }\n', 'd -> x');
    expect(stage.end('a')).toEqual(['j']);
    expect(stage.end('b')).toEqual(['d']);
    stage.end('j');
    expect(stage.end('d')).toEqual(['x']);
    expect(stage.end('x')).toEqual(['complete {}']);
  });

  test('are not what leads on when its first step has ended already', () => {
    const stage = quorum('  x: { kind: join }\n', 'd -> x');
    expect(stage.end('b')).toEqual(['d']);
    expect(stage.end('a')).toEqual(['j']);
  });

  test('are told once, and not at all where their end came first', () => {
    const stage = quorum('', '');
    const send = (path: string, outcome: string): void =>
      stage.driver.deliver({ path, kind: 'join', outcome, payload: '', endedAt: 0 });
    send('a', 'ok');
    send('b', 'ok');
    expect(stage.take()).toEqual(['j']);
  });

  test('are whole loops that lead nowhere else, but not the rest of one that has begun', () => {
    const text = `steps: { a: { kind: join }, t: { kind: join }, p: { kind: join }, x: { kind: join }, j: { kind: join, join: { count: 1, losers: cancel } } }
edges: [a -> j, t -> p, p -> x, x -> j, { from: x, to: t, loop: { max: 2 }, on: failed }, { from: x, to: end, on: exhausted }]
`;
    const whole = new Stage(text);
    whole.begin();
    expect(whole.end('a')).toEqual(['cancel t: not needed any more', 'j']);
    const begun = new Stage(text);
    begun.begin();
    expect(begun.end('t')).toEqual(['p']);
    expect(begun.end('a')).toEqual(['j']);
    expect(begun.end('p')).toEqual(['x']);
    expect(begun.end('x', 'failed')).toEqual(['t#2']);
  });

  test('are not what has ended', () => {
    const stage = quorum('', '');
    expect(stage.end('b')).toEqual(['d']);
    expect(stage.end('a')).toEqual(['cancel d: not needed any more', 'j']);
  });
});

describe('loops inside loops', () => {
  const text = `steps: { o: { kind: join }, i: { kind: join }, s: { kind: join }, t: { kind: join }, out: { kind: join, join: any } }
edges:
  - o -> i
  - i -> s
  - s -> t
  - { from: s, to: i, loop: { max: 3 }, when: output.inner == true }
  - { from: s, to: o, loop: { max: 3 }, when: output.outer == true }
  - { from: t, to: o, loop: { max: 3 }, when: output.outer == true }
  - { from: i, to: out, when: output.leave == true }
  - { from: s, to: end, on: exhausted }
  - { from: t, to: end, on: exhausted }
`;
  const quiet = { inner: false, outer: false, leave: false };

  function begun(): Stage {
    const stage = new Stage(text);
    stage.begin();
    stage.end('o');
    return stage;
  }

  test('hold what leaves them until both are over', () => {
    const stage = begun();
    expect(stage.end('i', 'ok', { ...quiet, leave: true })).toEqual(['s']);
    expect(stage.end('s', 'ok', quiet)).toEqual(['t']);
    expect(stage.end('t', 'ok', quiet)).toEqual(['out']);
    expect(stage.end('out')).toEqual(['complete {}']);
  });

  test('forget what was held when the body runs again, of the inner one or of both', () => {
    const stage = begun();
    stage.end('i', 'ok', { ...quiet, leave: true });
    expect(stage.end('s', 'ok', { ...quiet, inner: true })).toEqual(['i#2']);
    stage.end('i#2', 'ok', quiet);
    expect(stage.end('s#2', 'ok', quiet)).toEqual(['t']);
    expect(stage.end('t', 'ok', { ...quiet, outer: true })).toEqual(['o#2']);
    expect(stage.end('o#2')).toEqual(['i#3']);
    stage.end('i#3', 'ok', quiet);
    expect(stage.end('s#3', 'ok', quiet)).toEqual(['t#2']);
    expect(stage.end('t#2', 'ok', quiet)).toEqual(['complete {}']);
  });

  test('let the outermost act where both are asked for', () => {
    const stage = begun();
    stage.end('i', 'ok', quiet);
    expect(stage.end('s', 'ok', { ...quiet, inner: true, outer: true })).toEqual(['o#2']);
  });

  test('of the inner kind count their visits anew when the outer one comes round', () => {
    const stage = begun();
    let visit = 1;
    const name = (step: string): string => (visit === 1 ? step : `${step}#${visit}`);
    for (const _time of [1, 2]) {
      stage.end(name('i'), 'ok', quiet);
      stage.end(name('s'), 'ok', { ...quiet, inner: true });
      visit++;
    }
    stage.end(name('i'), 'ok', quiet);
    expect(stage.end(name('s'), 'ok', { ...quiet, outer: true })).toEqual(['o#2']);
    visit++;
    expect(stage.end('o#2')).toEqual([name('i')]);
    stage.end(name('i'), 'ok', quiet);
    expect(stage.end(name('s'), 'ok', { ...quiet, inner: true })).toEqual(['i#5']);
  });

  test('wait for each of their sources anew, also for one that had settled', () => {
    const stage =
      new Stage(`steps: { a: { kind: join }, b: { kind: join }, c: { kind: join }, d: { kind: join }, e: { kind: join } }
edges:
  - a -> b
  - b -> c
  - b -> d
  - { from: c, to: a, loop: { max: 3 }, on: failed }
  - { from: d, to: b, loop: { max: 3 }, on: failed }
  - { from: d, to: a, loop: { max: 3 }, when: has(output.never) }
  - { from: c, to: b, loop: { max: 3 }, when: output.again == true }
  - c -> e
`);
    stage.begin();
    stage.end('a');
    expect(stage.end('b')).toEqual(['c', 'd']);
    expect(stage.end('c', 'ok', { again: false })).toEqual([]);
    expect(stage.end('d', 'failed')).toEqual(['b#2']);
    expect(stage.end('b#2')).toEqual(['c#2', 'd#2']);
    expect(stage.end('d#2')).toEqual([]);
    expect(stage.end('c#2', 'ok', { again: false })).toEqual(['e']);
  });

  test('three deep: the outermost waits for the innermost again after the middle one has come round', () => {
    const stage =
      new Stage(`steps: { o: { kind: join }, m: { kind: join }, k: { kind: join }, t: { kind: join }, u: { kind: join }, out: { kind: join } }
edges:
  - o -> m
  - m -> k
  - k -> t
  - { from: k, to: k, loop: { max: 3 }, on: failed }
  - { from: k, to: o, loop: { max: 3 }, when: has(output.outer) }
  - { from: t, to: m, loop: { max: 3 }, when: has(output.again) }
  - t -> u
  - { from: u, to: o, loop: { max: 3 }, on: failed }
  - u -> out
`);
    stage.begin();
    stage.end('o');
    stage.end('m');
    expect(stage.end('k')).toEqual(['t']);
    expect(stage.end('t', 'ok', { again: 1 })).toEqual(['m#2']);
    expect(stage.end('m#2')).toEqual(['k#2']);
    expect(stage.end('k#2', 'failed')).toEqual(['k#3']);
    expect(stage.end('k#3', 'ok', { outer: 1 })).toEqual(['o#2']);
    expect(stage.end('o#2')).toEqual(['m#3']);
    stage.end('m#3');
    stage.end('k#4');
    stage.end('t#2');
    expect(stage.end('u')).toEqual(['out']);
    expect(stage.end('out')).toEqual(['complete {}']);
  });

  test('beside the way of the outer one start anew with it', () => {
    const stage = new Stage(`steps: { o: { kind: join }, k: { kind: join }, t: { kind: join } }
edges:
  - o -> k
  - k -> t
  - { from: k, to: k, loop: { max: 2 }, on: failed }
  - { from: t, to: o, loop: { max: 2 }, on: failed }
`);
    stage.begin();
    stage.end('o');
    expect(stage.end('k', 'failed')).toEqual(['k#2']);
    stage.end('k#2');
    expect(stage.end('t', 'failed')).toEqual(['o#2']);
    stage.end('o#2');
    expect(stage.end('k#3', 'failed')).toEqual(['k#4']);
  });
});
