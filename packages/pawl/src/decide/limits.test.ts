/** Promises of the edges of a graph's driver: what is too large, what does not fit, and what nobody said. */
import { describe, expect, test } from 'vitest';
import { validateText } from '../graph/index.ts';
import type { Command, Delivery } from '../run/index.ts';
import { GraphDriver, type GraphSetup } from './graph-driver.ts';

const KINDS = [
  { name: 'paid', labels: ['paid', 'rejected'] },
  { name: 'either', labels: ['left', 'right'] },
];

function driverOf(text: string, more: Partial<GraphSetup> = {}): GraphDriver {
  const { graph, problems } = validateText(`pawl: 1\nworkflow: w\nversion: "1"\n${text}`, { kinds: KINDS });
  if (!graph) throw new Error(JSON.stringify(problems));
  const setup = { graph, input: '{}', facts: {}, recorded: new Map(), onActivity: () => undefined };
  const driver = new GraphDriver({ ...setup, ...more });
  driver.start();
  driver.catchUp();
  return driver;
}

function end(driver: GraphDriver, more: Partial<Delivery> & { readonly path: string }): readonly Command[] {
  driver.deliver({ kind: 'x', outcome: 'ok', payload: '{}', endedAt: 0, ...more });
  return driver.takeCommands();
}

/** The failure of a step that fails by itself. */
async function failureOf([command]: readonly Command[]): Promise<unknown> {
  if (command?.type !== 'ScheduleStep') return undefined;
  const { run } = command.step;
  return await Promise.resolve()
    .then(() => run?.({} as never))
    .catch((error: { failure?: unknown }) => error.failure);
}

describe('what is larger than a payload may be', () => {
  test.each([
    ['the input of a child', 'kind: workflow, with: { workflow: c, input: "{{ state.big }}" }'],
    ['what people are shown', 'kind: approval, with: { message: m, args: "{{ state.big }}" }'],
  ])('fails the step that asks for it: %s', async (_what, step) => {
    const driver = driverOf(
      `state: { big: { type: string, default: "${'x'.repeat(500)}" } }\nsteps: { a: { ${step} } }\nedges: [{ from: a, to: end, on: "*" }]\n`,
      { payloadBytes: 400 },
    );
    expect(await failureOf(driver.takeCommands())).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', path: 'a' });
  });

  test('is asked for where it fits, and so is a wait that shows nothing', () => {
    const text = `steps: { a: { kind: workflow, with: { workflow: c, input: "${'x'.repeat(150)}" } }, s: { kind: signal } }\nedges: [{ from: s, to: end, on: "*" }]\n`;
    const asked = driverOf(text, { payloadBytes: 400 }).takeCommands();
    expect(asked.map(({ type }) => type)).toEqual(['StartChild', 'OpenWait']);
  });

  test('fails the run where it is the output', () => {
    const driver = driverOf(`steps: { a: { kind: join, save: { x: "'${'x'.repeat(500)}'" } } }\n`, {
      payloadBytes: 400,
    });
    driver.takeCommands();
    expect(end(driver, { path: 'a' })).toMatchObject([
      { type: 'Fail', failure: { code: 'PAYLOAD_TOO_LARGE', path: 'output' } },
    ]);
  });
});

describe('a time that a template gives', () => {
  test.each([
    [
      'kind: sleep, with: { for: "{{ input.n - 3 }}" }',
      'a: for: "-2 (less than nothing)" is not a duration.',
    ],
    ['kind: sleep, with: { for: "{{ input.n / 2 }}" }', 'a: for: "0.5" is not a duration.'],
    [
      'kind: sleep, with: { for: "{{ input.n }}000000d" }',
      'a: for: "1000000d (longer than 100 years)" is not',
    ],
    ['kind: sleep, with: { until: "{{ input.text }}" }', 'until must be a time'],
    ['kind: signal, with: { timeout: "{{ input.text }}" }', 'a: timeout: "r-1" is not a duration.'],
    [
      'kind: input, with: { deadline: "{{ input.n - 1 }}" }',
      'a: deadline: "0 (nothing ends in no time)" is not',
    ],
    [
      'kind: approval, with: { message: m, deadline: "{{ 0 }}s" }',
      'a: deadline: "0s (nothing ends in no time)" is not',
    ],
    [
      'kind: escalate, with: { to: "human:a", message: m, deadline: "{{ 0 }}" }',
      '"0 (nothing ends in no time)" is not',
    ],
  ])('and that is none fails its step: %s', async (step, problem) => {
    const driver = driverOf(`steps: { a: { ${step} } }\n`, { input: '{"n":1,"text":"r-1"}' });
    const message = expect.stringContaining(problem) as string;
    expect(await failureOf(driver.takeCommands())).toMatchObject({ code: 'WITH_INVALID', message });
  });
});

describe('what cleans up', () => {
  test('is held to its schema like any other step', () => {
    const text =
      'steps: { a: { kind: join }, z: { kind: join, finalize: always, outputSchema: { required: [x] } } }\n';
    for (const [payload, ending] of [
      ['{"x":1}', { type: 'Complete' }],
      ['{}', { type: 'Fail', failure: { code: 'FINALIZE_FAILED', cause: { code: 'OUTPUT_MISFIT' } } }],
    ] as const) {
      const driver = driverOf(text);
      driver.takeCommands();
      end(driver, { path: 'a' });
      expect(end(driver, { path: 'z', payload })).toMatchObject([ending]);
    }
  });
});

describe('a graph whose deadline has passed', () => {
  const failure = { class: 'timeout', code: 'RUN_DEADLINE', message: 'too late' } as const;
  const order = { reason: 'too late', failure };

  test('cancels what is open, cleans up and fails with that', () => {
    const driver = driverOf(
      'steps: { a: { kind: join }, undo: { kind: join, finalize: failure }, party: { kind: join, finalize: success } }\n',
    );
    driver.takeCommands();
    expect(driver.stop(order)).toBe(true);
    expect(driver.takeCommands()).toMatchObject([{ type: 'CancelCalls', paths: ['a'] }]);
    expect(end(driver, { path: 'a', outcome: 'cancelled' })).toMatchObject([{ step: { path: 'undo' } }]);
    expect(end(driver, { path: 'undo' })).toMatchObject([{ type: 'Fail', failure }]);
  });

  test('stays as it ended where it had ended before', () => {
    const driver = driverOf('steps: { a: { kind: join } }\n');
    driver.takeCommands();
    driver.deliver({ path: 'a', kind: 'join', outcome: 'ok', payload: '', endedAt: 0 });
    expect(driver.stop(order)).toBe(true);
    expect(driver.takeCommands()).toMatchObject([{ type: 'Complete' }]);
  });

  test('says why its output is none, however small that would be', () => {
    const driver = driverOf('steps: { a: { kind: join } }\noutput: steps.a.output.missing\n', {
      payloadBytes: 400,
    });
    driver.takeCommands();
    expect(end(driver, { path: 'a' })).toMatchObject([{ failure: { code: 'EXPRESSION_FAILED' } }]);
  });
});

describe('an answer for a step that may have happened', () => {
  test.each([
    ['paid', undefined],
    ['either', 'OUTCOME_UNDECLARED'],
  ])('of kind %s says no label: the only good one stands, of several none', (kind, code) => {
    const edges = kind === 'paid' ? 'paid' : 'left';
    const driver = driverOf(
      `steps: { a: { kind: ${kind} }, b: { kind: join } }\nedges: [{ from: a, to: b, on: ${edges} }, { from: a, to: end, on: failed }]\n`,
    );
    driver.takeCommands();
    const next = end(driver, { path: 'a', outcome: 'ok' });
    if (code === undefined) expect(next).toMatchObject([{ type: 'ScheduleStep', step: { path: 'b' } }]);
    else expect(next).toMatchObject([{ type: 'Fail', failure: { cause: { code } } }]);
  });
});

describe('a message that came before its step asked', () => {
  const text = (schema: string): string =>
    `steps: { s: { kind: signal, with: { name: go${schema} } } }\nedges: [{ from: s, to: end, on: [received, expired, failed] }]\n`;
  const received = (schema: string, payload: string): unknown => {
    const driver = driverOf(text(schema));
    driver.takeCommands();
    const [ended] = end(driver, { path: 's', outcome: 'received', payload });
    return ended?.type === 'Fail' ? ended.failure.cause?.code : ended?.type;
  };

  test.each([
    ['', '"x"', 'Complete'],
    [', schema: { type: number }', '5', 'Complete'],
    [', schema: { type: number }', '"x"', 'RECEIVED_INVALID'],
    [`, schema: { type: "{{ 'nonsense' }}" }`, '5', 'RECEIVED_INVALID'],
  ])('with%s and %s: %s', (schema, payload, expected) => {
    expect(received(schema, payload)).toBe(expected);
  });

  test('cannot be waited for under a name that nobody can send', async () => {
    const driver = driverOf(
      'steps: { s: { kind: signal, with: { name: "{{ \'a b\' }}" } } }\nedges: [{ from: s, to: end, on: "*" }]\n',
    );
    expect(await failureOf(driver.takeCommands())).toMatchObject({ code: 'WITH_INVALID' });
  });
});

describe('a driver that is told of a log', () => {
  test('is ready for the ends of what is open, and needs no word of each call', () => {
    const driver = driverOf('steps: { a: { kind: join } }\n', { recorded: new Map([['a', 'join']]) });
    driver.expect();
    expect([driver.isReadyFor('a'), driver.isReadyFor('b')]).toEqual([true, false]);
  });

  test('knows a child by its record', () => {
    const text = 'steps: { c: { kind: workflow, with: { workflow: w2 } } }\n';
    expect(driverOf(text, { recorded: new Map([['c', 'workflow']]) }).difference).toBeUndefined();
    expect(driverOf(text, { recorded: new Map([['c', 'shell']]) }).difference).toContain('shell');
  });
});

describe('a finalizer', () => {
  const failure = { class: 'timeout', code: 'STEP_DEADLINE', message: 'too long', path: 'f' } as const;
  const given = { path: 'f', reason: 'too long', failure };
  const driverWith = (step: string): GraphDriver => {
    const text = `steps: { a: { kind: join }, f: { ${step}, finalize: always }, z: { kind: function, with: { function: x, input: "{{ steps.f.failure.code }}" }, finalize: always } }
`;
    const driver = driverOf(text);
    driver.takeCommands();
    return driver;
  };

  test.each([
    ['kind: signal', 60_000],
    ['kind: sleep, with: { for: 1d }, deadline: 5m', 300_000],
    ['kind: workflow, with: { workflow: c }', 60_000],
    ['kind: map, with: { items: [1], step: { kind: signal } }', 60_000],
    ['kind: shell, with: { command: x }', undefined],
  ])('of %s has to be given up by somebody else', (step, limitMs) => {
    const driver = driverWith(step);
    expect(driver.limited).toBeUndefined();
    end(driver, { path: 'a' });
    expect(driver.limited).toEqual(limitMs && { path: 'f', limitMs });
  });

  test('that is given up is closed, and the next one finds that it failed', () => {
    const driver = driverWith('kind: signal');
    end(driver, { path: 'a' });
    driver.giveUp(given);
    expect(driver.limited).toBeUndefined();
    expect(driver.takeCommands()).toMatchObject([{ type: 'CancelCalls', paths: ['f'], reason: 'too long' }]);
    expect(end(driver, { path: 'f', outcome: 'cancelled' })).toMatchObject([
      { step: { path: 'z', input: { input: 'STEP_DEADLINE' } } },
    ]);
    expect(end(driver, { path: 'z' })).toMatchObject([
      { type: 'Fail', failure: { code: 'FINALIZE_FAILED', cause: failure }, failedSteps: ['f'] },
    ]);
  });

  test('that is given up begins no item any more; of an item alone, the others go on', () => {
    const items =
      'with: { items: [1, 2, 3], concurrency: 2, minSuccess: 1, step: { kind: shell, with: { command: x } } }';
    const whole = driverWith(`kind: map, ${items}`);
    end(whole, { path: 'a' });
    whole.giveUp(given);
    const [cancels, ...more] = whole.takeCommands();
    expect([cancels, more]).toMatchObject([{ paths: ['f/item:0/step', 'f/item:1/step'] }, []]);
    const one = driverWith(`kind: map, ${items}`);
    end(one, { path: 'a' });
    one.giveUp({ ...given, path: 'f/item:0/step' });
    expect(one.takeCommands()).toMatchObject([
      { type: 'CancelCalls', paths: ['f/item:0/step'] },
      { type: 'ScheduleStep', step: { path: 'f/item:2/step' } },
    ]);
  });

  test('that nobody runs cannot have been given up', () => {
    const driver = driverWith('kind: signal');
    driver.giveUp(given);
    expect(driver.difference).toContain('"f" is recorded as given up');
  });
});
