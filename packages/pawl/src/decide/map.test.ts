/** Promises of maps: one durable step an item, bounded, and an end that follows from the ends of the items alone. */
import { describe, expect, test } from 'vitest';
import { MAX_MAP_ITEMS, type MapStrategy, validateText } from '../graph/index.ts';
import type { Command } from '../run/index.ts';
import type { Failure } from '../step/index.ts';
import { GraphDriver, type GraphSetup } from './graph-driver.ts';
import { judgeMap, type MapVerdict, neededOf } from './map-verdict.ts';

/** A driver of a graph whose calls are ended by hand. */
class Stage {
  readonly driver: GraphDriver;
  readonly commands: Command[] = [];

  constructor(text: string, more: Partial<GraphSetup> & { list?: unknown } = {}) {
    const { graph, problems } = validateText(`pawl: 1\nworkflow: w\nversion: "1"\n${text}`);
    if (!graph) throw new Error(JSON.stringify(problems));
    const { list = ['a', 'b', 'c'], ...setup } = more;
    this.driver = new GraphDriver({
      graph,
      input: JSON.stringify({ list, n: 2 }),
      facts: {},
      recorded: new Map(),
      onActivity: () => undefined,
      ...setup,
    });
    this.driver.start();
  }

  begin(): string[] {
    this.driver.catchUp();
    return this.take();
  }

  /** What is asked for now, in short; markers aside. */
  take(): string[] {
    const commands = this.driver.takeCommands();
    this.commands.push(...commands);
    return commands.filter(({ type }) => type !== 'RecordMarker').map(shortOf);
  }

  end(path: string, outcome = 'ok', value: unknown = { of: path }, more: object = {}): string[] {
    this.deliver(path, outcome, value, more);
    return this.take();
  }

  deliver(path: string, outcome = 'ok', value: unknown = { of: path }, more: object = {}): void {
    const failure = { class: 'terminal', code: 'BROKE', message: 'it broke', path };
    const payload = JSON.stringify(outcome === 'failed' ? failure : value);
    this.driver.deliver({ path, kind: 'x', outcome, payload, endedAt: 0, ...more });
  }

  get markers(): unknown[] {
    return this.commands.filter(({ type }) => type === 'RecordMarker');
  }

  inputOf(path: string): unknown {
    const found = this.commands.find((one) => one.type === 'ScheduleStep' && one.step.path === path);
    return found?.type === 'ScheduleStep' ? found.step.input : undefined;
  }

  /** What a step that does something by itself comes to. */
  deedOf(path: string): unknown {
    const found = this.commands.find((one) => one.type === 'ScheduleStep' && one.step.path === path);
    try {
      return found?.type === 'ScheduleStep' ? found.step.run?.({} as never) : undefined;
    } catch (error) {
      return error;
    }
  }
}

function shortOf(command: Command): string {
  switch (command.type) {
    case 'ScheduleStep':
      return command.step.path;
    case 'OpenWait':
      return `wait ${command.wait.path} ${command.wait.name}`;
    case 'StartChild':
      return `child ${command.child.path} ${command.child.input}`;
    case 'CancelCalls':
      return `cancel ${command.paths.join(' ')}`;
    case 'Complete':
      return `complete ${command.output}`;
    case 'Fail':
      return `fail ${command.failure.code} [${command.failedSteps.join(' ')}] ${causesOf(command.failure)}`;
    default:
      return command.type;
  }
}

function causesOf({ cause }: Failure): string {
  return cause ? [cause.code, causesOf(cause)].filter(Boolean).join(' < ') : '';
}

const SHELL = 'step: { kind: shell, with: { stdin: "{{ item }}{{ index }}" } }';

/** A graph that gives what its map came to. */
function mapOf(fields: string, work = SHELL, beside = ''): string {
  return `output: { label: steps.m.outcome, list: steps.m.output }
steps: { m: { kind: map, with: { items: "{{ input.list }}", ${work}${fields && `, ${fields}`} }${beside} } }
`;
}

const at = (index: number): string => `m/item:${index}/step`;

describe('a verdict on a map', () => {
  test.each<[MapStrategy, number, number, number, number, MapVerdict]>([
    ['all', 3, 3, 2, 0, 'wait'],
    ['all', 3, 3, 3, 0, 'reached'],
    ['all', 3, 3, 0, 1, 'missed'],
    ['all', 0, 0, 0, 0, 'reached'],
    ['minSuccess', 3, 2, 2, 0, 'wait'],
    ['minSuccess', 3, 2, 2, 1, 'reached'],
    ['minSuccess', 3, 2, 3, 0, 'reached'],
    ['minSuccess', 3, 2, 1, 1, 'wait'],
    ['minSuccess', 3, 2, 1, 2, 'missed'],
    ['minSuccess', 3, 0, 0, 3, 'reached'],
    ['minSuccess', 2, 3, 0, 0, 'missed'],
    ['quorum', 5, 3, 2, 2, 'wait'],
    ['quorum', 5, 3, 3, 1, 'reached'],
    ['quorum', 5, 3, 2, 3, 'missed'],
    ['first', 3, 1, 0, 2, 'wait'],
    ['first', 3, 1, 1, 0, 'reached'],
    ['first', 3, 1, 0, 3, 'missed'],
    ['first', 0, 1, 0, 0, 'missed'],
  ])(
    '%s of %d that needs %d, with %d good and %d bad, is %s',
    (strategy, total, needed, good, bad, verdict) => {
      expect(judgeMap({ strategy, total, needed, good, bad })).toBe(verdict);
    },
  );

  test.each<[MapStrategy, number, number | undefined, number]>([
    ['all', 4, undefined, 4],
    ['first', 4, undefined, 1],
    ['quorum', 4, undefined, 3],
    ['quorum', 5, undefined, 3],
    ['quorum', 4, 2, 2],
    ['minSuccess', 4, 2, 2],
  ])('%s of %d with minSuccess %s needs %d', (strategy, total, minSuccess, needed) => {
    expect(neededOf(strategy, total, minSuccess)).toBe(needed);
  });
});

describe('a map', () => {
  test('runs one step an item, and gives their outputs in the order of the items', () => {
    const stage = new Stage(mapOf(''));
    expect(stage.begin()).toEqual([at(0), at(1), at(2)]);
    expect([at(0), at(1), at(2)].map((path) => stage.inputOf(path))).toEqual([
      { stdin: 'a0' },
      { stdin: 'b1' },
      { stdin: 'c2' },
    ]);
    expect(stage.end(at(2), 'ok', 3)).toEqual([]);
    expect(stage.end(at(0), 'ok', 1)).toEqual([]);
    expect(stage.driver.openCalls).toEqual([{ path: at(1), kind: 'shell' }]);
    expect(stage.end(at(1), 'ok', 2)).toEqual(['complete {"label":"ok","list":[1,2,3]}']);
  });

  test('goes over nothing at once, as a step that gives nothing', () => {
    const stage = new Stage(mapOf(''), { list: [] });
    expect(stage.begin()).toEqual(['m']);
    expect([stage.deedOf('m'), stage.markers]).toEqual([[], []]);
    expect(stage.end('m', 'ok', [])).toEqual(['complete {"label":"ok","list":[]}']);
  });

  test.each(['strategy: first', 'strategy: quorum', 'minSuccess: 1'])(
    'over nothing has too few for %s',
    (fields) => {
      const stage = new Stage(mapOf(fields), { list: [] });
      expect(stage.begin()).toEqual(['m']);
      expect(stage.deedOf('m')).toMatchObject({ failure: { code: 'MAP_TOO_FEW', path: 'm' } });
    },
  );

  test('has as many items under way as it may, begun in their order', () => {
    const stage = new Stage(mapOf('concurrency: "{{ input.n }}"'));
    expect(stage.begin()).toEqual([at(0), at(1)]);
    expect(stage.end(at(1))).toEqual([at(2)]);
    expect(stage.end(at(0))).toEqual([]);
  });

  test('has 16 items under way where it does not say', () => {
    const list = Array.from({ length: 20 }, (_, index) => index);
    const stage = new Stage(`limits: { maxConcurrentSteps: 99, maxDispatch: 99 }\n${mapOf('')}`, { list });
    expect(stage.begin().length).toBe(16);
  });

  test('holds no place itself: its items do, and a step between two attempts does not', () => {
    const stage = new Stage(`limits: { maxConcurrentSteps: 1, maxDispatch: 2 }
steps:
  m: { kind: map, with: { items: "{{ input.list }}", ${SHELL} } }
  w: { kind: map, with: { items: [1, 2], step: { kind: sleep, with: { for: 1s } } } }
`);
    expect(stage.begin()).toEqual([at(0), 'wait w/item:0/step w']);
    expect(stage.take()).toEqual(['wait w/item:1/step w']);
    stage.driver.rest(at(0));
    expect(stage.take()).toEqual([at(1)]);
    expect(stage.end(at(1))).toEqual([at(2)]);
  });

  test('takes paths from its key, numbers too', () => {
    const stage = new Stage(mapOf('key: "{{ item.id }}"'), { list: [{ id: 'x' }, { id: 7 }] });
    expect(stage.begin()).toEqual(['m/x/step', 'm/7/step']);
    stage.end('m/7/step', 'ok', 7);
    expect(stage.end('m/x/step', 'ok', 'x')).toEqual(['complete {"label":"ok","list":["x",7]}']);
  });

  test('runs waits and children too: a refusal is no good item', () => {
    const gate = new Stage(
      mapOf('minSuccess: 1', 'step: { kind: approval, with: { message: "{{ item }}?" } }'),
    );
    expect(gate.begin()).toEqual([`wait ${at(0)} m`, `wait ${at(1)} m`, `wait ${at(2)} m`]);
    gate.end(at(0), 'rejected', null);
    gate.end(at(1), 'expired', null);
    expect(gate.end(at(2), 'approved', null, { by: 'ada' })[0]).toContain(
      '"label":"partial","list":[null,null,{',
    );
    const child = new Stage(
      mapOf('', 'step: { kind: workflow, with: { workflow: sub, input: { it: "{{ item }}" } } }'),
      { list: ['x'] },
    );
    expect(child.begin()).toEqual([`child ${at(0)} {"it":"x"}`]);
    expect(child.end(at(0), 'cancelled', null)).toEqual(['fail OUTCOME_UNHANDLED [m] MAP_TOO_FEW']);
  });

  test('saves, and shows what its items have used', () => {
    const usage = { inputTokens: 1, outputTokens: 2, costNanoUsd: 3_000_000 };
    const stage =
      new Stage(`output: { sum: state.list, usage: steps.m.usage, attempt: steps.m.attempt, visit: steps.m.visit }
steps: { m: { kind: map, with: { items: "{{ input.list }}", ${SHELL} }, save: { list: output } } }
`);
    stage.begin();
    stage.end(at(0), 'ok', 1, { usage, attempt: 2 });
    stage.end(at(1), 'ok', 2, { usage });
    const [end] = stage.end(at(2), 'ok', 3);
    expect(JSON.parse(end?.slice('complete '.length) ?? '')).toEqual({
      sum: [1, 2, 3],
      usage: { inputTokens: 2, outputTokens: 4, costUsd: '0.006' },
      attempt: null,
      visit: 1,
    });
  });

  test('shows every item the state and the steps as they were when it began', () => {
    const work = 'step: { kind: shell, with: { stdin: "{{ state.n }} {{ steps.s.status }}" } }';
    const stage = new Stage(`state: { n: { merge: sum } }
steps:
  m: { kind: map, with: { items: [1, 2], concurrency: 1, ${work} } }
  s: { kind: shell, save: { n: "5" } }
  k: { kind: map, with: { items: [1, 2], concurrency: 1, ${work} } }
edges: [s -> k]
`);
    stage.begin();
    stage.end('s');
    stage.end(at(0));
    stage.end('k/item:0/step');
    expect([at(1), 'k/item:1/step'].map((path) => stage.inputOf(path))).toEqual([
      { stdin: '0 pending' },
      { stdin: '5 completed' },
    ]);
    stage.end(at(1));
    expect(stage.end('k/item:1/step')).toEqual(['complete {"n":5}']);
  });

  test('counts as one visit of a run, whatever its items', () => {
    const stage = new Stage(`limits: { maxSteps: 1 }\n${mapOf('')}`);
    stage.begin();
    stage.end(at(0));
    expect([stage.driver.parked, stage.driver.openCount]).toEqual([undefined, 2]);
  });

  test('fails by what its output schema, or its save, makes of the list', () => {
    for (const beside of [', outputSchema: { maxItems: 2 }', ', save: { x: output.nothing }']) {
      const stage = new Stage(mapOf('', SHELL, beside));
      stage.begin();
      stage.end(at(0));
      stage.end(at(1));
      expect(stage.end(at(2))[0]).toMatch(
        /^fail OUTCOME_UNHANDLED \[m\] (?:OUTPUT_MISFIT|EXPRESSION_FAILED)/,
      );
    }
  });
});

describe('H6 failures', () => {
  test('never count toward what is needed: the first that makes it impossible ends the map, and cancels the rest', () => {
    const stage = new Stage(mapOf(''));
    stage.begin();
    expect(stage.end(at(1), 'failed')).toEqual([`cancel ${at(0)} ${at(2)}`]);
    expect(stage.driver.openCount).toBe(2);
    stage.end(at(0), 'cancelled');
    expect(stage.end(at(2), 'ok')).toEqual([`fail OUTCOME_UNHANDLED [m ${at(1)}] MAP_TOO_FEW < BROKE`]);
  });

  test.each([
    ['minSuccess: 2', ['ok', 'failed', 'ok'], 'partial', [0, null, 2]],
    ['minSuccess: 2', ['ok', 'ok', 'ok'], 'ok', [0, 1, 2]],
    ['minSuccess: 0', ['failed', 'failed', 'failed'], 'partial', [null, null, null]],
    ['strategy: first', ['failed', 'ok'], 'partial', [null, 1, null]],
    ['strategy: first', ['ok'], 'ok', [0, null, null]],
    ['strategy: quorum', ['ok', 'failed', 'ok'], 'partial', [0, null, 2]],
    ['strategy: quorum', ['ok', 'ok'], 'ok', [0, 1, null]],
    ['strategy: quorum, minSuccess: 1', ['ok'], 'ok', [0, null, null]],
  ])('under %s: %j is %s', (fields, outcomes, label, list) => {
    const stage = new Stage(mapOf(fields));
    stage.begin();
    for (const [index, outcome] of outcomes.entries()) stage.deliver(at(index), outcome, index);
    const cancelled = stage.take();
    const losers = [0, 1, 2].slice(outcomes.length).map(at);
    if (losers.length > 0) expect(cancelled).toEqual([`cancel ${losers.join(' ')}`]);
    for (const path of losers) stage.deliver(path, 'cancelled');
    expect([...cancelled, ...stage.take()].at(-1)).toBe(`complete ${JSON.stringify({ label, list })}`);
  });

  test.each([
    ['minSuccess: 2', ['failed', 'failed']],
    ['strategy: quorum', ['failed', 'ok', 'failed']],
    ['strategy: first', ['failed', 'failed', 'failed']],
  ])('under %s: %j is too few, with the first failure as the cause', (fields, outcomes) => {
    const stage = new Stage(mapOf(fields));
    stage.begin();
    for (const [index, outcome] of outcomes.entries()) stage.deliver(at(index), outcome);
    stage.deliver(at(2), 'cancelled');
    expect(stage.take().at(-1)).toMatch(/^fail OUTCOME_UNHANDLED \[m m\/item:0.*\] MAP_TOO_FEW < BROKE/);
  });

  test('are told by the first of them', () => {
    const stage = new Stage(mapOf('strategy: first'));
    stage.begin();
    for (const index of [1, 0, 2]) stage.end(at(index), 'failed');
    expect(stage.commands.at(-1)).toMatchObject({ failure: { cause: { cause: { path: at(1) } } } });
  });

  test('leave an edge with `on: failed` to say what follows', () => {
    const stage = new Stage(`steps:
  m: { kind: map, with: { items: "{{ input.list }}", ${SHELL} } }
  b: { kind: shell, with: { stdin: "{{ steps.m.failure.code }}: {{ steps.m.failure.message }}" } }
edges: [{ from: m, to: b, on: failed }]
`);
    stage.begin();
    expect(stage.end(at(0), 'failed')).toEqual([`cancel ${at(1)} ${at(2)}`, 'b']);
    expect(stage.inputOf('b')).toEqual({
      stdin: 'MAP_TOO_FEW: "m": 0 of 3 items succeeded, 3 were needed.',
    });
  });

  test('of an item are its own: each has its retries and its limits of time', () => {
    const stage = new Stage(
      mapOf('', 'step: { kind: shell, with: { stdin: x }, retry: io, timeout: 5s, title: Count }'),
    );
    stage.begin();
    expect(stage.commands.find(({ type }) => type === 'ScheduleStep')).toMatchObject({
      step: { path: at(0), kind: 'shell', retry: { attempts: 5 }, timeoutMs: 5_000, label: 'Count' },
    });
  });

  test('of an output that does not fit the schema of an item count as any', () => {
    const stage = new Stage(mapOf('minSuccess: 2', 'step: { kind: shell, outputSchema: { type: number } }'));
    stage.begin();
    stage.end(at(0), 'ok', 'text');
    stage.end(at(1), 'ok', 1);
    expect(stage.end(at(2), 'ok', 2)).toEqual(['complete {"label":"partial","list":[null,1,2]}']);
  });

  test('of a template of one item fail that item', () => {
    const stage = new Stage(
      mapOf('minSuccess: 1', 'step: { kind: shell, with: { stdin: "{{ item.x }}" } }'),
      {
        list: [{ x: 'a' }, {}],
      },
    );
    expect(stage.begin()).toEqual([at(0), at(1)]);
    expect(stage.inputOf(at(0))).toEqual({ stdin: 'a' });
    expect(stage.deedOf(at(1))).toMatchObject({ failure: { code: 'EXPRESSION_FAILED', path: at(1) } });
  });
});

describe('a map that cannot be had', () => {
  test.each<[string, string, unknown]>([
    ['items must be a list', '', 5],
    [
      `a map takes ${MAX_MAP_ITEMS} items at most, and there are ${MAX_MAP_ITEMS + 1}`,
      '',
      Array(10_001).fill(0),
    ],
    ['concurrency must be a whole number from 1', 'concurrency: "{{ input.list[0] }}"', ['x']],
    ['concurrency must be a whole number from 1', 'concurrency: "{{ input.list[0] }}"', [0]],
    ['minSuccess must be a whole number from 0', 'minSuccess: "{{ input.list[0] }}"', [0.5]],
    ['minSuccess must be a whole number from 1', 'strategy: quorum, minSuccess: "{{ input.list[0] }}"', [0]],
    [
      'the key of item 1 must be a name (1 to 64 characters without spaces, "/", "#" and ":"), not "b/c"',
      'key: "{{ item }}"',
      ['a', 'b/c'],
    ],
    ['the key "a" names two items', 'key: "{{ item }}"', ['a', 'a']],
    ['with.key: {{ item.id }}: No such key: id, of item 1', 'key: "{{ item.id }}"', [{ id: 1 }, {}]],
  ])('is a step that fails: %s', (problem, fields, list) => {
    const stage = new Stage(mapOf(fields), { list });
    expect(stage.begin()).toEqual(['m']);
    expect(stage.markers).toEqual([]);
    expect(stage.deedOf('m')).toMatchObject({
      failure: { path: 'm', message: expect.stringContaining(problem) },
    });
    expect(stage.end('m', 'failed')).toEqual(['fail OUTCOME_UNHANDLED [m] BROKE']);
  });

  test('for its list breaks, or its join is unmet, is a step that fails too', () => {
    const broken = new Stage(mapOf('').replace('input.list', 'input.nothing'));
    expect(broken.begin()).toEqual(['m']);
    expect(broken.deedOf('m')).toMatchObject({ failure: { code: 'EXPRESSION_FAILED' } });
    const unmet = new Stage(`steps:
  a: { kind: shell }
  b: { kind: shell }
  m: { kind: map, join: { count: 2 }, with: { items: [1], ${SHELL} } }
edges: [a -> m, b -> m, { from: b, to: end, on: failed }, { from: m, to: end, on: failed }]
`);
    unmet.begin();
    unmet.end('a');
    expect(unmet.end('b', 'failed')).toEqual(['m']);
    expect(unmet.deedOf('m')).toMatchObject({ failure: { code: 'JOIN_UNMET' } });
  });

  test('never comes of as many items as there may be', () => {
    const stage = new Stage(mapOf(''), { list: Array(MAX_MAP_ITEMS).fill(0) });
    expect(stage.begin().length).toBe(8);
  });
});

describe('a map that is not needed any more', () => {
  test('as the loser of a join is cancelled item by item, and begins no more', () => {
    const stage = new Stage(`steps:
  a: { kind: shell }
  m: { kind: map, with: { items: "{{ input.list }}", concurrency: 2, ${SHELL} } }
  j: { kind: join, join: { count: 1, losers: cancel } }
edges: [a -> j, m -> j]
`);
    stage.begin();
    expect(stage.end('a')).toEqual([`cancel ${at(0)} ${at(1)}`, 'j']);
    stage.end(at(0), 'ok');
    stage.end(at(1), 'cancelled');
    expect(stage.end('j')).toEqual(['complete {}']);
  });

  test('because its loop comes round starts anew under the next visit', () => {
    const stage = new Stage(`output: { visit: steps.m.visit }
steps:
  a: { kind: join }
  b: { kind: join }
  m: { kind: map, with: { items: [1, 2], ${SHELL} } }
edges:
  - a -> b
  - a -> m
  - { from: b, to: a, loop: { max: 2 }, on: failed }
  - { from: m, to: a, loop: { max: 2 }, on: failed }
`);
    stage.begin();
    stage.end('a');
    expect(stage.end('b', 'failed')).toEqual([`cancel ${at(0)} ${at(1)}`, 'a#2']);
    stage.end(at(0), 'cancelled');
    stage.end(at(1), 'cancelled');
    expect(stage.end('a#2')).toEqual(['b#2', 'm#2/item:0/step', 'm#2/item:1/step']);
    stage.end('m#2/item:0/step');
    stage.end('b#2');
    expect(stage.end('m#2/item:1/step')).toEqual(['complete {"visit":2}']);
  });

  test('because the run failed begins nothing more, also where what is open may finish', () => {
    const text = (onFailure: string): string => `onFailure: ${onFailure}
steps:
  a: { kind: shell }
  m: { kind: map, with: { items: "{{ input.list }}", concurrency: 1, ${SHELL} } }
`;
    const drained = new Stage(text('drain'));
    drained.begin();
    expect(drained.end('a', 'failed')).toEqual([]);
    expect(drained.end(at(0), 'ok')).toEqual(['fail OUTCOME_UNHANDLED [a] BROKE']);
    const cancelled = new Stage(text('cancel'));
    cancelled.begin();
    expect(cancelled.end('a', 'failed')).toEqual([`cancel ${at(0)}`]);
    expect(cancelled.end(at(0), 'ok')).toEqual(['fail OUTCOME_UNHANDLED [a] BROKE']);
  });

  test('because the run is cancelled lets go of its items', () => {
    const stage = new Stage(mapOf('concurrency: 1'));
    stage.begin();
    stage.driver.stop({ reason: 'by hand' });
    expect(stage.take()).toEqual([`cancel ${at(0)}`]);
    stage.end(at(0), 'cancelled');
    expect(stage.driver.hasEnded).toBe(true);
  });

  test('gives the places of cancelled items to what follows, of the items that had none to nobody', () => {
    const stage = new Stage(
      `limits: { maxConcurrentSteps: 1 }\noutput: "1"\nsteps: { m: { kind: map, with: { items: [1, 2], strategy: first, ${SHELL} } }, b: { kind: shell } }\nedges: [m -> b]\n`,
    );
    expect(stage.begin()).toEqual([at(0)]);
    expect(stage.end(at(0))).toEqual(['b']);
    expect(stage.end('b')).toEqual(['complete 1']);
  });
});

describe('a map that finalizes', () => {
  const text = (more = ''): string =>
    `steps:
  a: { kind: shell }
  m: { kind: map, finalize: always, with: { items: "{{ input.list }}", concurrency: 2, ${SHELL} } }
${more}`;

  test('runs its items after the end, each with its own deadline', () => {
    const stage = new Stage(text());
    stage.begin();
    expect(stage.end('a')).toEqual([at(0), at(1)]);
    expect(stage.commands.at(-1)).toMatchObject({ step: { deadlineMs: 60_000 } });
    expect(stage.end(at(0))).toEqual([at(2)]);
    stage.end(at(1));
    expect(stage.end(at(2))).toEqual(['complete {}']);
  });

  test('and fails, fails the run that had completed', () => {
    const stage = new Stage(text('  z: { kind: join, finalize: always }\n'));
    stage.begin();
    stage.end('a');
    expect(stage.end(at(0), 'failed')).toEqual([`cancel ${at(1)}`]);
    expect(stage.end(at(1), 'cancelled')).toEqual(['z']);
    expect(stage.end('z')).toEqual([`fail FINALIZE_FAILED [m ${at(0)}] MAP_TOO_FEW < BROKE`]);
  });
});

describe('H6 the log of a map', () => {
  const text = mapOf('concurrency: 2');

  /** What a run has recorded when its first item has ended. */
  function begun(): { digest: string; recorded: Map<string, string> } {
    const stage = new Stage(text);
    stage.begin();
    stage.end(at(0), 'ok', 1);
    expect(stage.markers).toMatchObject([{ path: 'm', marker: { kind: 'map', after: { n: 0 } } }]);
    const [marker] = stage.markers as { marker: { digest: string } }[];
    const recorded = new Map([0, 1, 2].map((index) => [at(index), 'shell']));
    return { digest: marker?.marker.digest ?? '', recorded };
  }

  test('holds the digest of its list before its items, once', () => {
    const stage = new Stage(text);
    stage.driver.catchUp();
    expect(stage.driver.takeCommands().map(({ type }) => type)).toEqual([
      'RecordMarker',
      'ScheduleStep',
      'ScheduleStep',
    ]);
  });

  test('brings back each item where it was: what ended does not run again', () => {
    const { digest, recorded } = begun();
    const again = new Stage(text, { recorded, markers: new Map([['m', { digest }]]) });
    again.deliver(at(0), 'ok', 1);
    expect([again.driver.difference, again.driver.missingCalls]).toEqual([undefined, []]);
    expect(again.begin()).toEqual([at(1), at(2)]);
    expect(again.markers).toEqual([]);
    again.end(at(2), 'ok', 3);
    expect(again.end(at(1), 'ok', 2)).toEqual(['complete {"label":"ok","list":[1,2,3]}']);
  });

  test('brings back a map whose marker was lost with its items, and records it then', () => {
    const again = new Stage(text, { markers: new Map() });
    expect(again.begin()).toEqual([at(0), at(1)]);
    expect(again.markers.length).toBe(1);
  });

  test.each([
    ['another one', ['a', 'b', 'x']],
    ['an empty one', []],
    ['none', 5],
  ])('that goes over another list than the code: %s', (_what, list) => {
    const { digest, recorded } = begun();
    const again = new Stage(text, { recorded, markers: new Map([['m', { digest }]]), list });
    expect(again.driver.difference).toBe('map "m" goes over another list than the recorded one');
  });

  test('that holds an item as another kind is a difference', () => {
    const again = new Stage(text, { recorded: new Map([[at(0), 'http']]) });
    expect(again.driver.difference).toBe(`"${at(0)}" is recorded as http, the graph has it as shell`);
  });
});
