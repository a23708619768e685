/** One graph for each shape that the history of a graph can have, and what becomes of the runs that the kept histories hold of it. */
import { type AnyWorkflow, type Engine, type FunctionTools, parseGraph, TerminalError } from 'pawl';
import { fired, hang, isBeforeKept, type Shape } from './shapes.ts';

const ada = { by: 'ada' };
const ended = { status: 'completed' } as const;

/** What the steps of the graphs call; each call is noted as `RUN path`. */
export const functions = {
  note: (input: unknown, tools: FunctionTools): unknown => (mark(tools), input ?? tools.path),
  double: (input: number, tools: FunctionTools): number => (mark(tools), input * 2),
  flaky: (_input: null, tools: FunctionTools): number => {
    mark(tools);
    if (tools.attempt < 3) throw new Error(`attempt ${tools.attempt}`);
    return tools.attempt;
  },
  decline: (): never => {
    throw new TerminalError('declined', { code: 'CARD_DECLINED' });
  },
  /** Hangs in the life that writes the history, from this number on. */
  stall: (from: number | null, tools: FunctionTools): unknown => {
    mark(tools);
    const item = Number(/item:(\d+)/.exec(tools.path)?.[1] ?? 0);
    return isBeforeKept() && item >= (from ?? 0) ? hang() : item;
  },
};

function mark({ runId, path }: FunctionTools): void {
  fired.push(`${runId} ${path}`);
}

export function graph(name: string, text: string): AnyWorkflow {
  return parseGraph(`pawl: 1\nworkflow: ${name}\nversion: "1"\n${text}`);
}

const line = graph(
  'line',
  `input: { type: object, properties: { n: { type: number, default: 20 } } }
state: { seen: { type: array, merge: append }, sum: { type: number, merge: sum } }
steps:
  one: { kind: function, with: { function: note, input: "{{ input.n }}" }, save: { seen: output, sum: output } }
  choose: { kind: condition, with: { branches: [{ name: many, when: state.sum > 10 }], default: few } }
  two: { kind: function, title: The second, with: { function: note, input: "after {{ state.sum }}" }, save: { seen: output } }
  three: { kind: function, with: { function: note }, save: { seen: output } }
edges: [one -> choose, { from: choose, to: two, on: many }, { from: choose, to: three, on: few }]
`,
);

const quorum = graph(
  'quorum',
  `steps:
  a: { kind: function, with: { function: note } }
  b: { kind: function, with: { function: note } }
  bad: { kind: function, with: { function: decline }, retry: none }
  slow: { kind: sleep, with: { for: 2h } }
  enough: { kind: join, join: { count: 2, losers: cancel } }
  after: { kind: function, with: { function: note } }
edges: [a -> enough, b -> enough, bad -> enough, { from: bad, to: end, on: failed }, slow -> enough, enough -> after]
output: "[steps.a.status, steps.bad.outcome, steps.slow.status, steps.after.output]"
`,
);

const rounds = graph(
  'rounds',
  `state: { got: { type: array, merge: append } }
steps:
  work: { kind: function, with: { function: note } }
  ask: { kind: signal, with: { name: go }, save: { got: output } }
  out: { kind: function, with: { function: note, input: "{{ steps.work.visit }}" }, save: { got: output } }
edges: [work -> ask, work -> out, { from: ask, to: work, loop: { max: 3 } }, { from: ask, to: end, on: [exhausted, expired] }]
output: state.got
`,
);

const waits = graph(
  'waits',
  `steps:
  nap: { kind: sleep, with: { for: 1h } }
  mail: { kind: signal, with: { name: mail, timeout: 30m } }
  early: { kind: signal, with: { name: early } }
  gate: { kind: approval, with: { message: Ship?, args: { to: all }, approvers: [ada] } }
  late: { kind: approval, with: { message: Now?, deadline: 1h, onTimeout: reject } }
  form: { kind: input, with: { message: How many?, schema: { type: object, required: [n] } }, save: { n: output.n } }
  up: { kind: escalate, with: { to: "human:ada", message: Help } }
  all: { kind: function, with: { function: note, input: "{{ steps.late.outcome }} {{ steps.up.outcome }} {{ steps.mail.outcome }}" }, save: { all: output } }
edges: [nap -> all, { from: mail, to: all, on: "*" }, { from: early, to: all, on: "*" }, { from: gate, to: all, on: "*" },
  { from: late, to: all, on: "*" }, { from: form, to: all, on: "*" }, { from: up, to: all, on: "*" }]
`,
);

const items = graph(
  'items',
  `steps:
  each: { kind: map, with: { items: [a, b, c, d], concurrency: 2, step: { kind: function, with: { function: stall, input: 1 } } }, save: { each: output } }
  sum: { kind: reduce, with: { items: "{{ state.each }}", strategy: collect }, save: { sum: output } }
edges: [each -> sum]
output: state.sum
`,
);

const judged = graph(
  'judged',
  `steps:
  sizes: { kind: map, with: { items: [x, yy], key: "{{ item }}", step: { kind: function, with: { function: note, input: "{{ size(item) }}" } } }, save: { sizes: output } }
  none: { kind: map, with: { items: [], step: { kind: function, with: { function: note } } } }
  some: { kind: map, with: { items: [1, 2], minSuccess: 0, step: { kind: function, with: { function: decline }, retry: none } } }
  joined: { kind: reduce, with: { items: "{{ state.sizes }}", strategy: expression, expression: "items.size()" }, save: { n: output } }
  good: { kind: verify, with: { clauses: [{ text: "{{ state.n }} items", contains: items }, { expression: state.n == 2 }] } }
  wrong: { kind: verify, with: { clauses: [{ name: size, expression: state.n > 2 }] } }
  repair: { kind: function, with: { function: note, input: "{{ steps.wrong.failure.code }}" }, save: { repaired: output } }
edges: [sizes -> joined, joined -> good, good -> wrong, { from: wrong, to: repair, on: failed }]
`,
);

const child = graph(
  'child',
  `input: { type: object, required: [n], properties: { n: { type: number }, by: { type: number, default: 2 } } }
steps: { double: { kind: function, with: { function: double, input: "{{ input.n }}" }, save: { n: output } } }
output: state.n
`,
);

const family = graph(
  'family',
  `state: { all: { type: array, merge: append } }
steps:
  first: { kind: workflow, with: { workflow: child, input: { n: 4 } }, save: { all: output } }
  go: { kind: signal, with: { name: go } }
  second: { kind: workflow, with: { workflow: child, input: { n: 5 } }, save: { all: output } }
edges: [first -> go, { from: go, to: second }, { from: go, to: end, on: expired }]
output: state.all
`,
);

const kid = graph(
  'kid',
  `steps: { gate: { kind: approval, with: { message: Go? } } }
edges: [{ from: gate, to: end, on: "*" }]
output: steps.gate.outcome
`,
);

const guardian = graph(
  'guardian',
  `steps:
  call: { kind: workflow, with: { workflow: kid }, save: { said: output } }
  after: { kind: function, with: { function: note } }
edges: [call -> after]
`,
);

const stubborn = graph(
  'stubborn',
  `steps:
  flaky: { kind: function, with: { function: flaky }, retry: { attempts: 4, initial: 1h, factor: 1, jitter: 0 }, save: { at: output } }
`,
);

const once = graph(
  'once',
  `steps:
  fax: { kind: function, with: { function: stall }, atMostOnce: true, save: { fax: output } }
  file: { kind: function, with: { function: note }, save: { file: output } }
edges: [fax -> file]
`,
);

const clearing = graph(
  'clearing',
  `steps:
  wait: { kind: signal, with: { name: go } }
  never: { kind: function, with: { function: note } }
  clean: { kind: function, with: { function: note }, finalize: always }
  settle: { kind: function, with: { function: stall }, finalize: always, deadline: 1h }
  party: { kind: function, with: { function: note }, finalize: success }
  close: { kind: function, with: { function: note }, finalize: always }
edges: [{ from: wait, to: never, on: "*" }]
`,
);

const overdue = graph(
  'overdue',
  `deadline: 1s
steps:
  wait: { kind: signal, with: { name: go } }
  alarm: { kind: function, with: { function: note }, finalize: failure }
  brake: { kind: function, with: { function: stall }, finalize: always, deadline: 1h }
edges: [{ from: wait, to: end, on: "*" }]
`,
);

const limited = graph(
  'limited',
  `limits: { maxSteps: 3 }
steps:
  a: { kind: function, with: { function: note } }
  done: { kind: join }
edges: [{ from: a, to: a, loop: { max: 4 } }, { from: a, to: done, on: exhausted }]
`,
);

const draining = graph(
  'draining',
  `onFailure: drain
steps:
  nap: { kind: sleep, with: { for: 1h } }
  never: { kind: function, with: { function: note } }
  bad: { kind: function, with: { function: decline } }
  alarm: { kind: function, with: { function: note }, finalize: failure }
edges: [nap -> never]
`,
);

const failing = graph(
  'failing',
  `steps:
  no: { kind: function, with: { function: decline } }
  nap: { kind: sleep, with: { for: 1h } }
  alarm: { kind: function, with: { function: note }, finalize: failure }
`,
);

const mistaken = graph(
  'mistaken',
  `steps:
  up: { kind: escalate, with: { to: "human:ada", message: "{{ input.missing }}" } }
  hold: { kind: signal, with: { name: go } }
edges: [{ from: up, to: hold, on: "*" }, { from: hold, to: end, on: "*" }]
output: "[steps.up.outcome, steps.hold.output]"
`,
);

async function kidOf(engine: Engine): Promise<string> {
  const [run] = await engine.runs.list({ workflow: 'kid' });
  return run?.runId ?? '';
}

export const graphShapes: readonly Shape[] = [
  {
    run: 'line',
    workflow: line,
    input: {},
    kept: { ...ended, steps: { one: 'completed', choose: 'completed', two: 'completed' } },
    end: { ...ended, output: { seen: [20, 'after 20'], sum: 20 } },
  },
  {
    run: 'quorum',
    workflow: quorum,
    kept: {
      ...ended,
      steps: {
        slow: 'cancelled',
        bad: 'failed',
        a: 'completed',
        b: 'completed',
        enough: 'completed',
        after: 'completed',
      },
    },
    end: { ...ended, output: ['completed', 'failed', 'pending', 'after'] },
  },
  {
    run: 'rounds',
    workflow: rounds,
    before: (engine, run) => engine.signal(run, 'go', 1),
    kept: {
      status: 'waiting',
      steps: { work: 'completed', ask: 'completed', 'work#2': 'completed', 'ask#2': 'waiting' },
    },
    after: async (engine, run) => {
      await engine.signal(run, 'go', 2);
      await engine.signal(run, 'go', 3);
    },
    end: { ...ended, output: [1, 2, 3, 3] },
    fires: ['work#3', 'out'],
  },
  {
    run: 'waits',
    workflow: waits,
    before: (engine, run) => engine.signal(run, 'early', 'bird'),
    kept: {
      status: 'waiting',
      steps: {
        nap: 'waiting',
        mail: 'waiting',
        early: 'completed',
        gate: 'waiting',
        late: 'waiting',
        form: 'waiting',
        up: 'waiting',
      },
    },
    after: async (engine, run) => {
      await engine.approve(run, 'gate', ada);
      await engine.approve(run, 'up', ada);
      await engine.answer(run, 'form', { n: 3 }, ada);
    },
    end: { ...ended, output: { n: 3, all: 'rejected resolved expired' } },
    fires: ['all'],
  },
  {
    run: 'items',
    workflow: items,
    kept: {
      status: 'running',
      steps: {
        'each/item:1/step': 'running',
        'each/item:0/step': 'completed',
        'each/item:2/step': 'running',
      },
    },
    end: { ...ended, output: [0, 1, 2, 3] },
    fires: ['each/item:1/step', 'each/item:2/step', 'each/item:3/step'],
  },
  {
    run: 'judged',
    workflow: judged,
    kept: {
      ...ended,
      steps: {
        none: 'completed',
        'some/item:0/step': 'failed',
        'some/item:1/step': 'failed',
        'sizes/x/step': 'completed',
        'sizes/yy/step': 'completed',
        joined: 'completed',
        good: 'completed',
        wrong: 'failed',
        repair: 'completed',
      },
    },
    end: { ...ended, output: { sizes: [1, 2], n: 2, repaired: 'VERIFICATION_FAILED' } },
  },
  {
    run: 'family',
    workflow: family,
    kept: { status: 'waiting', steps: { first: 'completed', go: 'waiting' } },
    after: (engine, run) => engine.signal(run, 'go', 'now'),
    end: { ...ended, output: [8, 10] },
    fires: ['double'],
  },
  {
    run: 'guardian',
    workflow: guardian,
    kept: { status: 'waiting', steps: { call: 'running' } },
    after: async (engine) => await engine.approve(await kidOf(engine), 'gate', ada),
    end: { ...ended, output: { said: 'approved' } },
    fires: ['after'],
  },
  {
    run: 'stubborn',
    workflow: stubborn,
    kept: { status: 'waiting', steps: { flaky: 'waiting' } },
    end: { ...ended, output: { at: 3 } },
    fires: ['flaky', 'flaky'],
  },
  {
    run: 'once',
    workflow: once,
    kept: { status: 'running', steps: { fax: 'running' } },
    after: (engine, run) => engine.answer(run, 'fax', 'sent', ada),
    end: { ...ended, output: { fax: 'sent', file: 'file' } },
    fires: ['file'],
  },
  {
    run: 'clearing',
    workflow: clearing,
    before: (engine, run) => engine.cancel(run, { ...ada, reason: 'not needed' }),
    kept: { status: 'running', steps: { wait: 'cancelled', clean: 'completed', settle: 'running' } },
    end: { status: 'cancelled' },
    fires: ['settle', 'close'],
  },
  {
    run: 'overdue',
    workflow: overdue,
    kept: { status: 'running', steps: { wait: 'cancelled', alarm: 'completed', brake: 'running' } },
    end: { status: 'failed', code: 'RUN_DEADLINE' },
    fires: ['brake'],
  },
  {
    run: 'limited',
    workflow: limited,
    kept: { status: 'parked', steps: { a: 'completed', 'a#2': 'completed', 'a#3': 'completed' } },
    after: (engine, run) => engine.resume(run, { ...ada, maxSteps: 20 }),
    end: { ...ended, output: {} },
    fires: ['a#4'],
  },
  {
    run: 'draining',
    workflow: draining,
    kept: { status: 'waiting', steps: { nap: 'waiting', bad: 'failed' } },
    end: { status: 'failed', code: 'OUTCOME_UNHANDLED' },
    fires: ['alarm'],
  },
  {
    run: 'failing',
    workflow: failing,
    kept: { status: 'failed', steps: { nap: 'cancelled', no: 'failed', alarm: 'completed' } },
    end: { status: 'failed', code: 'OUTCOME_UNHANDLED' },
  },
  {
    run: 'cancelled',
    workflow: rounds,
    before: (engine, run) => engine.cancel(run, ada),
    kept: { status: 'cancelled', steps: { work: 'completed', ask: 'cancelled' } },
    end: { status: 'cancelled' },
  },
  {
    run: 'paused',
    workflow: rounds,
    before: (engine, run) => engine.pause(run, ada),
    kept: { status: 'paused', steps: { work: 'completed', ask: 'waiting' } },
    after: async (engine, run) => {
      for (const n of [1, 2, 3]) await engine.signal(run, 'go', n);
      await engine.resume(run, ada);
    },
    end: { ...ended, output: [1, 2, 3, 3] },
    fires: ['work#2', 'work#3', 'out'],
  },
  {
    run: 'mistaken',
    workflow: mistaken,
    kept: { status: 'waiting', steps: { up: 'failed', hold: 'waiting' } },
    after: (engine, run) => engine.signal(run, 'go', 1),
    end: { ...ended, output: ['failed', 1] },
  },
];

export const graphs: readonly AnyWorkflow[] = [
  ...new Set(graphShapes.map((shape) => shape.workflow)),
  child,
  kid,
];
