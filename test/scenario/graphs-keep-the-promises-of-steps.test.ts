/** What a step of a function is promised, a step of a graph is promised too. */
import { defineKind, type FunctionTools, type Json, TerminalError } from 'pawl';
import { describe, expect, test } from 'vitest';
import { abortOf } from './support/gate.ts';
import { graphOf, hang, played } from './support/graph-world.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { eventsOfType, storyOf } from './support/run-log.ts';

const ada = { by: 'ada' };
const reset = (): Promise<never> => Promise.reject(new Error('connection reset'));

describe('an at-most-once step of a graph', () => {
  const steps = `steps:
  charge: { kind: function, with: { function: charge }, atMostOnce: true, timeout: 10s, save: { paid: output } }
  file: { kind: function, with: { function: file } }
edges: [charge -> file]
`;

  test.each<[string, () => unknown]>([
    ['throws', reset],
    ['times out', hang],
  ])('that %s is not tried again, and goes on with what a person says that it gave', async (_how, end) => {
    const fired: string[] = [];
    const functions = { charge: () => (fired.push('charge'), end()), file: () => fired.push('file') };
    const { engine, platform } = await played(steps, { functions });
    await platform.advance(60_000);
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'parked',
      parked: { reason: 'unknown_effect', path: 'charge' },
    });
    const [reason] = (await engine.why('run')).reasons;
    expect(reason).toMatchObject({ command: 'pawl retry run' });
    expect(reason?.text).toContain('pawl answer run charge VALUE');
    await engine.answer('run', 'charge', 'receipt', ada);
    await platform.advance(1_000);
    expect(await engine.runs.get('run')).toMatchObject({ status: 'completed', output: { paid: 'receipt' } });
    expect(fired).toEqual(['charge', 'file']);
  });

  test('whose process died in it fires again only where a person says that it did not happen, with the same key', async () => {
    const store = newDatabase();
    const graph = graphOf(steps);
    const fired: string[] = [];
    const charge =
      (end: () => unknown) =>
      (_input: null, { idempotencyKey }: FunctionTools) => (fired.push(idempotencyKey), end());
    const file = (): string => 'filed';
    const first = await openMortal([graph], { store, functions: { charge: charge(hang), file } });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.kill();
    const functions = { charge: charge(() => 'receipt'), file };
    const { engine, platform } = await openEngine([graph], { store, functions, seed: 2, laterMs: 1_000 });
    await platform.advance(5_000);
    expect(await engine.runs.get('run')).toMatchObject({ status: 'parked', parkReason: 'unknown_effect' });
    await engine.retry('run', ada);
    await platform.advance(1_000);
    expect(await engine.runs.get('run')).toMatchObject({ status: 'completed', output: { paid: 'receipt' } });
    expect(fired).toEqual(['run:charge', 'run:charge']);
  });

  const paying = `steps:
  pay: { kind: pay, atMostOnce: true }
  after: { kind: join }
edges: [{ from: pay, to: after, on: paid }, { from: pay, to: end, on: LABEL }]
output: '[steps.pay.outcome, steps.pay.output, steps.after.status]'
`;

  test.each<[readonly string[], string | undefined, readonly string[]]>([
    [['paid', 'declined'], undefined, ['paid', 'receipt', 'completed']],
    [['paid', 'free'], 'paid', ['paid', 'receipt', 'completed']],
    [['paid', 'free'], 'free', ['free', 'receipt', 'pending']],
    [['ok', 'paid', 'free'], undefined, ['ok', 'receipt', 'pending']],
    [['ok', 'paid', 'free'], 'paid', ['paid', 'receipt', 'completed']],
  ])(
    'of a kind with the labels %j that is answered as %s ends with that label',
    async (labels, outcome, end) => {
      const pay = defineKind<Json>({ name: 'pay', labels: [...labels], execute: reset });
      const { engine, platform } = await played(paying.replace('LABEL', labels[1] as string), {
        kinds: [pay],
      });
      await engine.answer('run', 'pay', 'receipt', { ...ada, ...(outcome === undefined ? {} : { outcome }) });
      await platform.advance(1_000);
      expect(await engine.runs.get('run')).toMatchObject({ status: 'completed', output: end });
    },
  );

  test.each<[string | undefined, RegExp]>([
    [undefined, /"pay" has several labels/],
    ['fre', /never ends as "fre"/],
    ['failed', /never ends as "failed"/],
    ['ok', /never ends as "ok"/],
  ])('of a kind with several labels is asked for one, and stays as it is: %s', async (outcome, problem) => {
    const pay = defineKind<Json>({ name: 'pay', labels: ['paid', 'free'], execute: reset });
    const { engine } = await played(paying.replace('LABEL', 'free'), { kinds: [pay] });
    const answer = engine.answer('run', 'pay', 'receipt', {
      ...ada,
      ...(outcome === undefined ? {} : { outcome }),
    });
    await expect(answer).rejects.toMatchObject({
      code: 'ANSWER_LABEL',
      message: expect.stringMatching(problem),
    });
    expect(await engine.runs.get('run')).toMatchObject({ status: 'parked', parkReason: 'unknown_effect' });
  });

  test('and no other question has a label', async () => {
    const { engine } = await played('steps: { size: { kind: input, with: {} } }\n');
    const answer = engine.answer('run', 'size', 'xl', { ...ada, outcome: 'paid' });
    await expect(answer).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  test('of a kind that only others know is taken at the word of whoever answers', async () => {
    const pay = defineKind<Json>({ name: 'pay', labels: ['paid', 'free'], execute: reset });
    const store = newDatabase();
    const { engine, platform } = await played(paying.replace('LABEL', 'free'), { kinds: [pay], store });
    const client = await openEngine([], { store, seed: 2 });
    await client.engine.answer('run', 'pay', 'receipt', { ...ada, outcome: 'free' });
    await platform.advance(1_000);
    expect(await engine.runs.get('run')).toMatchObject({ output: ['free', 'receipt', 'pending'] });
  });
});

describe('a step of a graph that has used up its attempts', () => {
  test('parks its run where it says so, in whatever visit, and goes on at `retry`', async () => {
    const fired: string[] = [];
    let isBroken = true;
    const work = (_input: null, { path, attempt }: FunctionTools): string => {
      fired.push(`${path} ${attempt}`);
      if (isBroken && path === 'work#3') throw new Error('not today');
      return path;
    };
    const { engine, platform } = await played(
      `steps:
  work: { kind: function, with: { function: work }, retry: { attempts: 2, initial: 1s, jitter: 0 }, onExhausted: park }
  done: { kind: join }
edges: [{ from: work, to: work, loop: { max: 3 } }, { from: work, to: done, on: exhausted }]
`,
      { functions: { work } },
    );
    await platform.advance(10_000);
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'parked',
      parked: { reason: 'retries_exhausted', path: 'work#3' },
    });
    isBroken = false;
    await engine.retry('run', ada);
    await platform.advance(1_000);
    expect((await engine.runs.get('run')).status).toBe('completed');
    expect(fired).toEqual(['work 1', 'work#2 1', 'work#3 1', 'work#3 2', 'work#3 3']);
  });
});

describe('the places of a graph', () => {
  /** Three steps that fail, then one that counts how many of them execute at once. */
  const steps = (more: string): string => `limits: { maxConcurrentSteps: 2 }
steps:
  a: { kind: function, with: { function: work }, ${more} }
  b: { kind: function, with: { function: work }, ${more} }
  c: { kind: function, with: { function: work }, ${more} }
  d: { kind: function, with: { function: work }, ${more} }
`;
  const counting = (wait: () => Promise<void>) => {
    const seen = { now: 0, most: 0 };
    const work = async (): Promise<void> => {
      seen.most = Math.max(seen.most, ++seen.now);
      await wait();
      seen.now--;
    };
    return { seen, work };
  };

  test('are kept where attempts of several steps are due when a process takes the run over', async () => {
    const store = newDatabase();
    const graph = graphOf(steps('retry: { attempts: 2, initial: 10s, jitter: 0 }'));
    const first = await openMortal([graph], { store, functions: { work: reset } });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.kill();
    const { seen, work } = counting(
      () => new Promise((resolve) => void second.platform.setTimer(1_000, resolve)),
    );
    const second = await openEngine([graph], { store, functions: { work }, seed: 2, laterMs: 60_000 });
    await second.platform.advance(10_000);
    expect((await second.engine.runs.get('run')).status).toBe('completed');
    expect(seen.most).toBe(2);
  });

  test('are kept where an operator gives several steps new attempts', async () => {
    let isBroken = true;
    const { seen, work } = counting(
      () => new Promise((resolve) => void opened.platform.setTimer(1_000, resolve)),
    );
    const functions = { work: () => (isBroken ? reset() : work()) };
    const opened = await played(steps('retry: none, onExhausted: park'), { functions });
    isBroken = false;
    await opened.engine.retry('run', ada);
    await opened.platform.advance(10_000);
    expect((await opened.engine.runs.get('run')).status).toBe('completed');
    expect(seen.most).toBe(2);
  });
});

describe('the time of a step of a graph', () => {
  test('is limited for each attempt and for all of them together, and its edge says what follows', async () => {
    const fired: string[] = [];
    const slow = (_input: null, { signal }: FunctionTools): Promise<unknown> => (
      fired.push('slow'), abortOf(signal)
    );
    const { engine, platform } = await played(
      `steps:
  slow: { kind: function, with: { function: slow }, timeout: 10s, deadline: 25s, retry: { attempts: 9, initial: 1s, factor: 1, jitter: 0 } }
  late: { kind: function, with: { function: late, input: "{{ steps.slow.failure.code }}" }, save: { code: output } }
edges: [{ from: slow, to: late, on: failed }, { from: slow, to: end }]
`,
      { functions: { slow, late: (code: string) => code } },
    );
    await platform.advance(60_000);
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'completed',
      output: { code: 'STEP_DEADLINE' },
    });
    expect(fired).toHaveLength(3);
  });
});

describe('what a step of a graph uses', () => {
  test('adds up over attempts, visits, items and failures', async () => {
    const spend = (_input: null, { report, attempt }: FunctionTools): string => {
      report({ inputTokens: 10, costUsd: '0.001' });
      if (attempt === 1) throw new Error('again');
      return 'spent';
    };
    const { engine, platform } = await played(
      `steps:
  each: { kind: map, with: { items: [1, 2], step: { kind: function, with: { function: spend }, retry: { attempts: 2, initial: 1s } } } }
  loop: { kind: function, with: { function: spend }, retry: { attempts: 2, initial: 1s } }
  done: { kind: join }
edges: [each -> loop, { from: loop, to: loop, loop: { max: 2 } }, { from: loop, to: done, on: exhausted }]
output: "[steps.each.usage.inputTokens, steps.loop.usage.inputTokens]"
`,
      { functions: { spend } },
    );
    await platform.advance(60_000);
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'completed',
      output: [40, 20],
      usage: { inputTokens: 80, costUsd: '0.008' },
    });
  });
});

describe('a payload over the limit', () => {
  const LIMIT = 4_096;
  const functions = {
    half: () => 'x'.repeat(3_000),
    whole: () => 'x'.repeat(6_000),
    size: (text: string) => text.length,
    note: (code: string) => code,
  };
  const limits = { payloadBytes: LIMIT };
  const twice = '"{{ steps.half.output + steps.half.output }}"';

  test.each([
    ['as the output of a step', 'kind: function, with: { function: whole }', 'STEP_PAYLOAD_TOO_LARGE'],
    [
      'as the input of a child',
      `kind: workflow, with: { workflow: w, input: ${twice} }`,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'as what is to be approved',
      `kind: approval, with: { message: Go?, args: ${twice} }`,
      'PAYLOAD_TOO_LARGE',
    ],
  ])('fails that step alone: %s', async (_what, step, code) => {
    const { engine, platform } = await played(
      `steps:
  half: { kind: function, with: { function: half } }
  large: { ${step}, save: { never: "1" } }
  note: { kind: function, with: { function: note, input: "{{ steps.large.failure.code }}" }, save: { code: output } }
edges: [half -> large, { from: large, to: note, on: failed }, { from: large, to: end, on: "*" }]
`,
      { functions, limits },
    );
    expect(await engine.runs.get('run')).toMatchObject({ status: 'completed', output: { code } });
    expect(platform.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('that a step gets is recorded by its digest', async () => {
    const { engine } = await played(
      `steps:
  half: { kind: function, with: { function: half } }
  size: { kind: function, with: { function: size, input: ${twice} }, save: { n: output } }
edges: [half -> size]
`,
      { functions, limits },
    );
    expect(await engine.runs.get('run')).toMatchObject({ status: 'completed', output: { n: 6_000 } });
    const [, ended] = await eventsOfType(engine, 'run', 'step.completed');
    expect(ended?.data.start?.input).toMatch(/^\{"digest":/);
  });

  test('as the output of the run fails it once, after which its finalizers clean up', async () => {
    const { engine, platform } = await played(
      `steps:
  half: { kind: function, with: { function: half }, save: { a: output } }
  other: { kind: function, with: { function: half }, save: { b: output } }
  alarm: { kind: function, with: { function: note, input: x }, finalize: failure }
edges: [half -> other]
`,
      { functions, limits },
    );
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'failed',
      failure: { code: 'PAYLOAD_TOO_LARGE', path: 'output' },
    });
    expect(await storyOf(engine, 'run')).toContain('step.completed alarm');
    expect(platform.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('that only the store notices fails the run with the words of the store, and leaves it nowhere', async () => {
    const { engine, platform } = await played(
      `steps:
  half: { kind: function, with: { function: half } }
  gate: { kind: approval, with: { message: ${twice} } }
edges: [half -> gate, { from: gate, to: end, on: "*" }]
`,
      { functions, limits },
    );
    await platform.advance(10_000);
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'failed',
      failure: { code: 'COMMIT_REFUSED' },
    });
  });
});

test('a step of a graph that breaks for good fails with its own failure as the cause, and is not tried again', async () => {
  const fired: string[] = [];
  const pay = (): never => {
    fired.push('pay');
    throw new TerminalError('declined', { code: 'CARD_DECLINED' });
  };
  const { engine } = await played('steps: { pay: { kind: function, with: { function: pay } } }\n', {
    functions: { pay },
  });
  expect(await engine.runs.get('run')).toMatchObject({
    status: 'failed',
    failure: { code: 'OUTCOME_UNHANDLED', cause: { code: 'CARD_DECLINED', message: 'declined' } },
    failedSteps: ['pay'],
  });
  expect(fired).toHaveLength(1);
});
