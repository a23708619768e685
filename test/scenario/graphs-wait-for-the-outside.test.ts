/** Signals, approvals, inputs and escalations of graphs: nothing is lost, nothing opens by itself, nothing unfit comes in. */
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { EXTERNAL } from '../../packages/pawl/src/store/index.ts';
import { openBetween } from './support/between-store.ts';
import { graphOf, played } from './support/graph-world.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, storyOf } from './support/run-log.ts';

const ada = { by: 'ada' };
const functions = { note: (input: unknown): unknown => input };
const HOUR_MS = 3_600_000;

describe('a signal for a graph', () => {
  const inbox = `state: { got: { type: array, merge: append } }
steps:
  nap: { kind: sleep, with: { for: 10s } }
  mail: { kind: signal, with: { name: mail, timeout: 1h }, save: { got: output } }
  done: { kind: join }
edges: [nap -> mail, { from: mail, to: mail, loop: { max: 3 } }, { from: mail, to: done, on: [exhausted, expired] }]
output: state.got
`;

  test('that comes before anybody waits is kept, and so is the order, also through the death of a process', async () => {
    const store = newDatabase();
    const graph = graphOf(inbox);
    const first = await openMortal([graph], { store });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.engine.signal('run', 'mail', 1);
    await first.platform.advance(1_000);
    await first.engine.signal('run', 'mail', 2);
    await first.kill();
    const { engine, platform } = await openEngine([graph], { store, seed: 2, laterMs: 5_000 });
    await engine.signal('run', 'mail', 3);
    await platform.advance(60_000);
    expect(await engine.handle('run').result()).toEqual([1, 2, 3]);
  });

  test('that comes after the timeout loses to it, and stays for whoever asks next', async () => {
    const { engine, platform } = await played(`steps:
  one: { kind: signal, with: { name: go, timeout: 10s } }
  nap: { kind: sleep, with: { for: 10s } }
  two: { kind: signal, with: { name: go }, save: { two: output } }
edges: [{ from: one, to: end }, { from: one, to: nap, on: expired }, nap -> two, { from: two, to: end, on: "*" }]
`);
    await platform.advance(15_000);
    await engine.signal('run', 'go', 'late');
    await platform.advance(10_000);
    expect(await engine.handle('run').result()).toEqual({ two: 'late' });
  });

  test('of a name that two steps wait for reaches the one that asked first, and the next one the other', async () => {
    const { engine, platform } = await played(`steps:
  a: { kind: signal, with: { name: go }, save: { a: output } }
  b: { kind: signal, with: { name: go }, save: { b: output } }
edges: [{ from: a, to: end, on: "*" }, { from: b, to: end, on: "*" }]
`);
    await engine.signal('run', 'go', 1);
    await engine.signal('run', 'go', 2);
    await platform.advance(1_000);
    expect(await engine.handle('run').result()).toEqual({ a: 1, b: 2 });
  });

  const picky = `steps:
  nap: { kind: sleep, with: { for: 10s } }
  ask: { kind: signal, with: { name: go, schema: { type: object, required: [n] } }, save: { n: output.n } }
edges: [nap -> ask, { from: ask, to: ask, on: failed, loop: { max: 2 } }, { from: ask, to: end, on: [received, expired] }]
`;

  test('that does not fit is refused at the door while somebody waits', async () => {
    const { engine, platform } = await played(picky);
    await platform.advance(20_000);
    expect(await codeOf(() => engine.signal('run', 'go', 'hello'))).toBe('ANSWER_INVALID');
    await engine.signal('run', 'go', { n: 1 });
    await platform.advance(1_000);
    expect(await engine.handle('run').result()).toEqual({ n: 1 });
  });

  test('that does not fit and came before anybody waited fails the step, which may ask again', async () => {
    const { engine, platform } = await played(picky);
    await engine.signal('run', 'go', 'hello');
    await platform.advance(20_000);
    expect((await engine.runs.get('run')).status).toBe('waiting');
    await engine.signal('run', 'go', { n: 2 });
    await platform.advance(1_000);
    expect(await engine.handle('run').result()).toEqual({ n: 2 });
  });

  test('of a name that nobody could send is not waited for: its step fails', async () => {
    const { engine } = await played(
      `steps:
  wait: { kind: signal, with: { name: "to {{ input.who }}" } }
edges: [{ from: wait, to: end, on: expired }]
`,
      { input: { who: 'Ada' } },
    );
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'failed',
      failure: { cause: { code: 'WITH_INVALID', path: 'wait' } },
    });
  });
});

describe('a signal for a wait that a graph does not need any more', () => {
  const steps = (other: string): string => `steps:
  a: { kind: signal, with: { name: go } }
  b: { ${other} }
  one: { kind: join, join: { count: 1, losers: cancel } }
  rest: { kind: sleep, with: { for: 10s } }
  later: { kind: signal, with: { name: go, timeout: 1h }, save: { got: output } }
edges: [a -> one, { from: a, to: end, on: expired }, b -> one, { from: b, to: end, on: failed }, one -> rest, rest -> later,
  { from: later, to: end, on: "*" }]
`;

  test('goes to whoever asks next, where it comes before the wait is closed', async () => {
    let isSent = false;
    const { store } = await openBetween(fakePlatform(), {
      before: async (batches, inner) => {
        if (isSent || !batches.some(({ events }) => events.some(({ type }) => type === 'wait.cancelled')))
          return;
        isSent = true;
        const events = [{ type: 'signal.received', data: { name: 'go' }, payload: '1' }] as const;
        const run = { tenant: 'default', runId: 'run' };
        await inner.commit([{ run, fence: EXTERNAL, wakes: 'arrival', events }]);
      },
    });
    const { engine, platform } = await played(steps('kind: sleep, with: { for: 10s }'), { store });
    await platform.advance(60_000);
    expect(isSent).toBe(true);
    expect(await engine.handle('run').result()).toEqual({ got: 1 });
  });

  test('goes to whoever asks next, where the graph hears of both at once, and in another process', async () => {
    const store = newDatabase();
    const graph = graphOf(
      steps('kind: approval, with: { message: Go? }').replace('on: failed', 'on: [rejected, expired]'),
    );
    const first = await openMortal([graph], { store });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.engine.pause('run');
    await first.engine.approve('run', 'b', ada);
    await first.engine.signal('run', 'go', 1);
    await first.engine.resume('run');
    await first.platform.advance(1_000);
    await first.kill();
    const { engine, platform } = await openEngine([graph], { store, seed: 2, laterMs: 5_000 });
    await platform.advance(60_000);
    expect(await engine.handle('run').result()).toEqual({ got: 1 });
  });
});

describe('an approval of a graph', () => {
  const gate = (more = ''): string => `steps:
  gate: { kind: approval, with: { message: "Ship?", args: { to: all }, approvers: [ada, bob]${more} } }
  yes: { kind: function, with: { function: note, input: "{{ steps.gate.output }}" }, save: { yes: output } }
  no: { kind: function, with: { function: note, input: "{{ steps.gate.outcome }}" }, save: { no: output } }
edges: [{ from: gate, to: yes }, { from: gate, to: no, on: [rejected, expired] }]
`;

  test('is not given because its run was paused, resumed or taken over, and says who gave it', async () => {
    const store = newDatabase();
    const graph = graphOf(gate());
    const first = await openMortal([graph], { store, functions });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.engine.pause('run', ada);
    await first.engine.resume('run', ada);
    await first.platform.advance(1_000);
    await first.kill();
    const { engine, platform } = await openEngine([graph], { store, functions, seed: 2, laterMs: 5_000 });
    await platform.advance(60_000);
    expect(await engine.waits()).toMatchObject([{ path: 'gate', message: 'Ship?' }]);
    expect(await codeOf(() => engine.approve('run', 'gate', { by: 'eve' }))).toBe('NOT_AN_APPROVER');
    await engine.approve('run', undefined, { ...ada, comment: 'fine' });
    await platform.advance(1_000);
    expect(await engine.handle('run').result()).toMatchObject({
      yes: { decision: 'approved', by: 'ada', comment: 'fine' },
    });
    expect(await codeOf(() => engine.approve('run', 'gate', ada))).toBe('RUN_TERMINAL');
  });

  test.each([
    ['', { no: 'expired' }],
    [', onTimeout: reject', { no: 'rejected' }],
    [', onTimeout: approve', { yes: { decision: 'approved', by: null } }],
  ])('ends at its deadline%s, in whatever process', async (more, output) => {
    const store = newDatabase();
    const graph = graphOf(gate(`, deadline: 1h${more}`));
    const first = await openMortal([graph], { store, functions });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.kill();
    const { engine, platform } = await openEngine([graph], {
      store,
      functions,
      seed: 2,
      laterMs: 2 * HOUR_MS,
    });
    await platform.advance(10_000);
    expect(await engine.handle('run').result()).toMatchObject(output);
  });

  test('must be named where several are open, and is decided once', async () => {
    const { engine, platform } = await played(`steps:
  a: { kind: approval, with: { message: A? } }
  b: { kind: approval, with: { message: B? } }
  c: { kind: signal, with: { name: never } }
edges: [{ from: a, to: end, on: "*" }, { from: b, to: end, on: "*" }, { from: c, to: end, on: "*" }]
`);
    expect(await codeOf(() => engine.approve('run', undefined, ada))).toBe('GATE_AMBIGUOUS');
    await engine.approve('run', 'b', ada);
    expect(await codeOf(() => engine.reject('run', 'b', ada))).toBe('GATE_CLOSED');
    await platform.advance(1_000);
    expect((await engine.waits()).map(({ path }) => path)).toEqual(['c', 'a']);
  });

  test('that lost its join is closed, and takes no decision any more', async () => {
    const { engine, platform } = await played(`steps:
  a: { kind: approval, with: { message: A? } }
  b: { kind: approval, with: { message: B? } }
  one: { kind: join, join: { count: 1, losers: cancel } }
  hold: { kind: signal, with: { name: go } }
edges: [{ from: a, to: one }, { from: a, to: end, on: [rejected, expired] }, { from: b, to: one },
  { from: b, to: end, on: [rejected, expired] }, one -> hold, { from: hold, to: end, on: "*" }]
`);
    await engine.approve('run', 'b', ada);
    await platform.advance(1_000);
    expect(await storyOf(engine, 'run')).toContain('wait.cancelled a');
    expect(await codeOf(() => engine.approve('run', 'a', ada))).toBe('GATE_CLOSED');
  });

  test('that is rejected and has no edge for that fails the run, without a cause', async () => {
    const { engine, platform } = await played(`steps:
  gate: { kind: approval, with: { message: Ship? } }
edges: [{ from: gate, to: end, on: [approved, expired] }]
`);
    await engine.reject('run', 'gate', ada);
    await platform.advance(1_000);
    const { failure } = await engine.runs.get('run');
    expect(failure).toMatchObject({ code: 'OUTCOME_UNHANDLED', path: 'gate' });
    expect(failure?.message).toContain('rejected');
  });
});

describe('an input of a graph', () => {
  const form = `steps:
  form: { kind: input, with: { message: How many?, schema: { type: object, required: [n], properties: { n: { type: integer } } }, deadline: 1h }, save: { n: output.n } }
  late: { kind: join }
edges: [{ from: form, to: end }, { from: form, to: late, on: expired }]
`;

  test('takes an answer that fits and refuses any other at the door', async () => {
    const { engine, platform } = await played(form);
    for (const bad of ['four', { n: 'four' }, {}])
      expect(await codeOf(() => engine.answer('run', 'form', bad, ada))).toBe('ANSWER_INVALID');
    expect(await codeOf(() => engine.approve('run', 'form', ada))).toBe('GATE_CLOSED');
    await engine.answer('run', 'form', { n: 4 }, ada);
    await platform.advance(1_000);
    expect(await engine.handle('run').result()).toEqual({ n: 4 });
  });

  test('expires at its deadline, and takes no answer after it', async () => {
    const { engine, platform } = await played(form);
    await platform.advance(2 * HOUR_MS);
    expect(await engine.runs.get('run')).toMatchObject({ status: 'completed', output: {} });
    expect(await codeOf(() => engine.answer('run', 'form', { n: 4 }, ada))).toBe('RUN_TERMINAL');
  });
});

describe('an escalation of a graph', () => {
  const steps = (message: string): string => `steps:
  up: { kind: escalate, with: { to: "human:lead", message: ${message}, deadline: 1h } }
  note: { kind: function, with: { function: note, input: "{{ steps.up.outcome }}" }, save: { up: output } }
  hold: { kind: signal, with: { name: go } }
edges: [{ from: up, to: note, on: "*" }, note -> hold, { from: hold, to: end, on: "*" }]
`;

  test.each([
    ['resolved', 'approve'],
    ['declined', 'reject'],
    ['expired', undefined],
  ] as const)('ends as %s where the one it asks says %s', async (outcome, verb) => {
    const { engine, platform } = await played(steps('Help'), { functions });
    expect(await codeOf(() => engine.approve('run', 'up', ada))).toBe('NOT_AN_APPROVER');
    if (verb) await engine[verb]('run', 'up', { by: 'lead' });
    await platform.advance(2 * HOUR_MS);
    await engine.signal('run', 'go');
    await platform.advance(1_000);
    expect(await engine.handle('run').result()).toEqual({ up: outcome });
  });

  test('that fails before it asks anybody goes on from its log like any other step', async () => {
    const store = newDatabase();
    const graph = graphOf(steps('"{{ input.missing }}"'));
    const first = await openMortal([graph], { store, functions });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.kill();
    const { engine, platform } = await openEngine([graph], { store, functions, seed: 2, laterMs: 5_000 });
    await engine.signal('run', 'go');
    await platform.advance(5_000);
    expect(await engine.handle('run').result()).toEqual({ up: 'failed' });
  });
});
