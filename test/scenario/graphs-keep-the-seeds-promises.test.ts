/** What schedulers and workers of graphs before this one promised, and what they broke: on the real engine, one by one. */
import { type FunctionTools, isPawlError, type NamedFunction, parseGraph, type StoredEvent } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { openBetween } from './support/between-store.ts';
import { newDatabase, openEngine, type OpenedEngine, openMortal, START } from './support/opened-engine.ts';
import { codeOf, eventsOf, eventsOfType, storyOf } from './support/run-log.ts';

const HEAD = 'pawl: 1\nworkflow: w\nversion: "1"\n';
const graphOf = (text: string) => parseGraph(HEAD + text);

/** `a: { kind: function, with: { function: call, input: a } }` for each name. */
function calls(names: string, more = ''): string {
  return names
    .split(' ')
    .map((name) => `  ${name}: { kind: function, with: { function: call, input: ${name} }${more} }`)
    .join('\n');
}

/** Functions that a test ends by hand: each call hangs until `end` is called for it. */
class Stage {
  readonly began: string[] = [];
  readonly aborted: string[] = [];
  #inside = 0;
  #most = 0;
  readonly #open = new Map<string, PromiseWithResolvers<unknown>>();

  readonly functions: Readonly<Record<string, NamedFunction>> = {
    call: async (_name: string, { signal, path }: FunctionTools) => {
      this.began.push(path);
      this.#most = Math.max(this.#most, ++this.#inside);
      const open = Promise.withResolvers<unknown>();
      this.#open.set(path, open);
      signal.addEventListener('abort', () => {
        this.aborted.push(path);
        open.reject(signal.reason as Error);
      });
      try {
        return await open.promise;
      } finally {
        this.#inside--;
      }
    },
  };

  /** How many executed at once, at most. */
  get most(): number {
    return this.#most;
  }

  get open(): readonly string[] {
    return this.began.filter((path) => this.#open.has(path));
  }

  end(path: string, value: unknown = {}): void {
    this.#open.get(path)?.resolve(value);
    this.#open.delete(path);
  }

  fail(path: string, message: string): void {
    this.#open.get(path)?.reject(new Error(message));
    this.#open.delete(path);
  }
}

/** Functions that give at once: what they are asked for, and the steps in the order in which they ran. */
function recorder(answer: (input: never, tools: FunctionTools) => unknown = (input) => input) {
  const ran: string[] = [];
  const call = (input: never, tools: FunctionTools): unknown => {
    ran.push(tools.path);
    return answer(input, tools);
  };
  return { ran, functions: { call } };
}

async function started(
  text: string,
  functions: Readonly<Record<string, NamedFunction>>,
  input: unknown = {},
) {
  const graph = graphOf(text);
  const opened = await openEngine([graph], { functions });
  const run = await opened.engine.start(graph, input, { id: 'run-1' });
  await opened.platform.advance(1_000);
  return { ...opened, run };
}

const statusOf = async ({ engine }: Pick<OpenedEngine, 'engine'>): Promise<string> =>
  (await engine.runs.get('run-1')).status;

describe('the scheduler', () => {
  test('starts what nothing leads to, then what has all before it, and completes with the merged state', async () => {
    const stage = new Stage();
    const { engine, platform, run } = await started(
      `steps:\n${calls('a b', ', save: output')}\nedges: [a -> b]\n`,
      stage.functions,
    );
    expect(stage.began).toEqual(['a']);
    stage.end('a', { x: 1, z: 'a' });
    await platform.advance(100);
    expect([stage.began, await statusOf({ engine })]).toEqual([['a', 'b'], 'running']);
    stage.end('b', { y: 2, z: 'b' });
    await platform.advance(100);
    expect(await run.result()).toEqual({ x: 1, y: 2, z: 'b' });
  });

  test('has a failed step fail the run, which names all that failed, and starts nothing behind it', async () => {
    const stage = new Stage();
    const { engine, platform } = await started(
      `onFailure: drain\nsteps:\n${calls('c b a', ', retry: no_retry')}\n${calls('after')}\nedges: [a -> after, b -> after, c -> after]\n`,
      stage.functions,
    );
    stage.fail('c', 'third');
    stage.fail('b', 'second');
    await platform.advance(100);
    stage.end('a');
    await platform.advance(100);
    const [end] = await eventsOfType(engine, 'run-1', 'run.failed');
    expect(end?.data).toMatchObject({ failedSteps: ['b', 'c'] });
    expect(stage.began).toEqual(['c', 'b', 'a']);
  });

  test('folds what is new, and never reads the log of a run that it holds again', async () => {
    const reads = async (length: number): Promise<number> => {
      const names = Array.from({ length }, (_, index) => `s${index}`);
      const graph = graphOf(
        `steps:\n${calls(names.join(' '))}\nedges: [${names
          .slice(1)
          .map((name, index) => `s${index} -> ${name}`)
          .join(', ')}]\n`,
      );
      let count = 0;
      const platform = fakePlatform({ seed: 1, startMs: START });
      const { store } = await openBetween(platform, {
        onCall: (method) => void (count += Number(method.startsWith('readEvents'))),
      });
      const { ran, functions } = recorder();
      const opened = await openEngine([graph], { functions, store });
      await opened.engine.start(graph, {}, { id: 'run-1' });
      await opened.platform.advance(1_000);
      expect(ran).toHaveLength(length);
      return count;
    };
    expect(await reads(200)).toBe(await reads(2));
  });

  test('has sixteen steps of a run under way and no more, in the order in which they are written', async () => {
    const stage = new Stage();
    const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
    const { platform, run } = await started(`steps:\n${calls(names.join(' '))}\n`, stage.functions);
    expect(stage.began).toEqual(names.slice(0, 16));
    stage.end('s3');
    await platform.advance(100);
    expect(stage.began.slice(16)).toEqual(['s16']);
    while (stage.open.length > 0) {
      for (const path of stage.open) stage.end(path);
      await platform.advance(100);
    }
    expect([await run.status(), stage.most, stage.began]).toEqual(['completed', 16, names]);
  });

  test.each([
    ['no_retry', 1],
    ['io_default', 5],
    ['llm_default', 3],
    ['', 3],
  ])('tries a step with the policy "%s" %d times', async (name, attempts) => {
    const { ran, functions } = recorder(() => {
      throw new Error('again');
    });
    const { platform } = await started(`steps:\n${calls('a', name && `, retry: ${name}`)}\n`, functions);
    await platform.advance(600_000);
    expect(ran).toHaveLength(attempts);
  });

  test('waits 2, 4, 8 and 16 seconds between attempts, give or take a fifth', async () => {
    const { functions } = recorder(() => {
      throw new Error('again');
    });
    const { engine, platform } = await started(`steps:\n${calls('a', ', retry: io_default')}\n`, functions);
    await platform.advance(600_000);
    const retries = await eventsOfType(engine, 'run-1', 'step.retried');
    const delays = retries.map(({ data }) => (data.dueAt ?? 0) - data.endedAt);
    expect(delays).toHaveLength(4);
    for (const [index, delayMs] of delays.entries()) {
      const plainMs = 2_000 * 2 ** index;
      expect(Math.abs(delayMs - plainMs)).toBeLessThanOrEqual(plainMs / 5);
    }
  });

  test('counts a skipped step as done for what comes after it: nobody waits for a branch that was not chosen', async () => {
    const { ran, functions } = recorder();
    const { run } = await started(
      `steps:
  choose: { kind: condition, with: { branches: [{ name: left, when: input.left }], default: right } }
${calls('l r meet')}
edges: [{ from: choose, to: l, on: left }, { from: choose, to: r, on: right }, l -> meet, r -> meet]
`,
      functions,
      { left: true },
    );
    expect([await run.status(), ran]).toEqual(['completed', ['l', 'meet']]);
  });

  test('gives a step of a dead worker to another one: no attempt is lost by it, and no lease has to run out', async () => {
    const text = `steps:\n${calls('a b', ', retry: no_retry')}\nedges: [a -> b]\n`;
    const graph = graphOf(text);
    const store = newDatabase();
    const stage = new Stage();
    const first = await openMortal([graph], { store, functions: stage.functions });
    await first.engine.start(graph, {}, { id: 'run-1' });
    await first.platform.advance(100);
    stage.end('a');
    await first.platform.advance(100);
    await first.kill();
    const { ran, functions } = recorder();
    const second = await openEngine([graph], { store, functions, seed: 2, laterMs: 1_000 });
    await second.platform.advance(5_000);
    expect([stage.began, ran, await statusOf(second)]).toEqual([['a', 'b'], ['b'], 'completed']);
    expect(await storyOf(second.engine, 'run-1')).toContain('step.lost b');
  });

  test('takes the run of a worker that is silent for half a minute, and refuses what that one brings later', async () => {
    const graph = graphOf(`steps:\n${calls('a b', ', save: { by: output }')}\nedges: [a -> b]\n`);
    const store = newDatabase();
    const stage = new Stage();
    const silent = await openEngine([graph], { store, functions: stage.functions });
    await silent.engine.start(graph, {}, { id: 'run-1' });
    await silent.platform.advance(100);
    const { ran, functions } = recorder(() => 'the second');
    const second = await openEngine([graph], { store, functions, seed: 2 });
    await second.platform.advance(20_000);
    expect([ran, await statusOf(second)]).toEqual([[], 'running']);
    await second.platform.advance(20_000);
    expect([ran, await statusOf(second)]).toEqual([['a', 'b'], 'completed']);
    stage.end('a', 'the silent one');
    await silent.platform.advance(1_000);
    expect(await storyOf(second.engine, 'run-1')).toEqual([
      'run.created',
      'run.started',
      'step.started a',
      'step.lost a',
      'step.completed a',
      'step.completed b',
      'run.completed',
    ]);
    expect((await second.engine.runs.get('run-1')).output).toEqual({ by: 'the second' });
    expect(stage.began).toEqual(['a']);
  });
});

describe('the worker', () => {
  test('J21 gives the first step its whole configuration, as it gives every other', async () => {
    const seen: unknown[] = [];
    const configured = (input: unknown, { attempt, signal, ...tools }: FunctionTools): unknown => {
      seen.push([tools.path, attempt, input]);
      if (attempt === 1) throw new Error('once more');
      return attempt === 2 ? new Promise((_resolve, reject) => hang(signal, reject)) : 'done';
    };
    const hang = (signal: AbortSignal, reject: (reason: unknown) => void): void =>
      signal.addEventListener('abort', () => reject(signal.reason));
    const step =
      'kind: function, with: { function: call, input: { n: "{{ input.n + 1 }}", run: "{{ run.id }}" } }, title: Call, timeout: 1s, retry: { attempts: 3, initial: 1s, jitter: 0 }';
    const { engine, platform } = await started(
      `steps: { a: { ${step} }, b: { ${step} } }\nedges: [a -> b]\n`,
      { call: configured },
      { n: 1 },
    );
    await platform.advance(60_000);
    const input = { n: 2, run: 'run-1' };
    const tries = (path: string): unknown[] => [1, 2, 3].map((attempt) => [path, attempt, input]);
    expect(seen).toEqual([...tries('a'), ...tries('b')]);
    const { steps } = await engine.runs.get('run-1');
    for (const one of steps)
      expect(one).toMatchObject({ kind: 'function', label: 'Call', attempt: 3, status: 'completed' });
    const codes = (await eventsOfType(engine, 'run-1', 'step.retried')).map(({ payload }) => payload);
    expect(codes.map((payload) => /"class":"(\w+)"/.exec(payload ?? '')?.[1])).toEqual([
      'retryable',
      'timeout',
      'retryable',
      'timeout',
    ]);
  });

  test('J9 has no empty success: a graph is refused where nobody executes one of its steps', async () => {
    const kinds = [{ name: 'mail' }];
    const text = `${HEAD}steps: { a: { kind: mail } }\n`;
    expect(await codeOf(() => openEngine([parseGraph(text, { kinds })]))).toBe('GRAPH_UNSERVED');
    const unknown = graphOf('steps: { a: { kind: function, with: { function: nobody } } }\n');
    expect(await codeOf(() => openEngine([unknown]))).toBe('GRAPH_UNSERVED');
  });

  test('records who ran a step, for how long, what it gave and what it used, in the commit of its outcome', async () => {
    const { functions } = recorder((_input, { report, progress }) => {
      progress('half');
      progress('nearly');
      report({ inputTokens: 10, outputTokens: 2 });
      return { text: 'fine' };
    });
    const { engine } = await started(
      `steps:\n${calls('a b', ', save: { text: output.text }')}\nedges: [a -> b]\n`,
      functions,
    );
    const [end] = await eventsOfType(engine, 'run-1', 'step.completed');
    expect(end).toMatchObject({
      path: 'a',
      payload: '{"text":"fine"}',
      data: { usage: { inputTokens: 10, outputTokens: 2 }, durationMs: expect.any(Number) as number },
    });
    const progressed = await eventsOfType(engine, 'run-1', 'step.progressed');
    expect(progressed.map(({ path, payload }) => [path, payload])).toEqual([
      ['a', '"half"'],
      ['a', '"nearly"'],
      ['b', '"half"'],
      ['b', '"nearly"'],
    ]);
    const { usage, steps } = await engine.runs.get('run-1');
    expect(usage).toMatchObject({ inputTokens: 20, outputTokens: 4 });
    expect(steps.map(({ output }) => output)).toEqual([{ text: 'fine' }, { text: 'fine' }]);
  });
});

describe('J8 conditions', () => {
  const text = `steps:
  a: { kind: function, with: { function: call, input: { n: "{{ input.n }}" } }, save: { n: output.n } }
${calls('small large always')}
edges:
  - { from: a, to: small, when: state.n < 10 }
  - { from: a, to: large, when: state.n >= 10 }
  - a -> always
`;

  test.each([
    [3, ['a', 'small', 'always']],
    [30, ['a', 'large', 'always']],
  ])('decide which branches run: with %d only those whose edge is true', async (n, expected) => {
    const { ran, functions } = recorder();
    const { engine, run } = await started(text, functions, { n });
    expect([await run.status(), ran]).toEqual(['completed', expected]);
    const { steps } = await engine.runs.get('run-1');
    expect(steps.map(({ path }) => path).toSorted()).toEqual(expected.toSorted());
  });

  test('decide the same for the process that goes on, whatever has been saved since', async () => {
    const waiting = `state: { n: { type: number } }
steps:
  a: { kind: function, with: { function: call, input: 3 }, save: { n: output } }
  gate: { kind: signal, with: { name: go } }
  b: { kind: function, with: { function: call, input: 30 }, save: { n: output } }
${calls('small large')}
edges:
  - a -> b
  - { from: a, to: gate, when: state.n < 10 }
  - { from: a, to: large, when: state.n >= 10 }
  - { from: gate, to: small, on: received }
  - { from: gate, to: end, on: expired }
`;
    const graph = graphOf(waiting);
    const store = newDatabase();
    const first = recorder();
    const mortal = await openMortal([graph], { store, functions: first.functions });
    await mortal.engine.start(graph, {}, { id: 'run-1' });
    await mortal.platform.advance(1_000);
    await mortal.kill();
    const second = recorder();
    const next = await openEngine([graph], { store, functions: second.functions, seed: 2, laterMs: 5_000 });
    await next.engine.signal('run-1', 'go', null);
    await next.platform.advance(5_000);
    expect([first.ran, second.ran, await statusOf(next)]).toEqual([['a', 'b'], ['small'], 'completed']);
  });

  test.each([
    ['state.n <', 'EXPRESSION_INVALID'],
    ['"yes"', 'EXPRESSION_INVALID'],
    ['steps.nobody.output', 'EXPRESSION_INVALID'],
  ])('that cannot be are refused before anything runs: %s', (when, code) => {
    const broken = `steps:\n${calls('a b')}\nedges: [{ from: a, to: b, when: '${when}' }]\n`;
    expect(problemsOf(HEAD + broken)).toEqual([code]);
  });
});

function problemsOf(text: string): string[] {
  try {
    parseGraph(text);
  } catch (error) {
    if (isPawlError(error)) return (error.cause as { code: string }[]).map(({ code }) => code);
    throw error;
  }
  return [];
}

describe('J16 a graph that is stuck', () => {
  test('is parked as that, and never completed', async () => {
    const graph = graphOf(`steps:\n${calls('a b')}\nedges: [a -> b]\n`);
    const lost = { ...graph, graph: { ...graph.graph, start: [] } };
    const { functions, ran } = recorder();
    const { engine, platform } = await openEngine([lost], { functions });
    await engine.start(lost, {}, { id: 'run-1' });
    await platform.advance(1_000);
    expect([ran, await engine.runs.get('run-1')]).toMatchObject([
      [],
      { status: 'parked', parked: { reason: 'deadlocked' } },
    ]);
  });

  test('is refused where it can be seen before: a circle that nobody marked as a loop', () => {
    const circle = `steps:\n${calls('a b c')}\nedges: [a -> b, b -> c, c -> b]\n`;
    expect(problemsOf(HEAD + circle)).toEqual(['GRAPH_CYCLE']);
  });

  test('has failed where nothing was reached: every path ended badly', async () => {
    const { functions } = recorder(() => {
      throw new Error('no');
    });
    const { engine } = await started(
      `steps:\n${calls('a b', ', retry: none')}\nedges: [{ from: a, to: end, on: failed }, { from: b, to: end, on: failed }]\n`,
      functions,
    );
    expect(await engine.runs.get('run-1')).toMatchObject({
      status: 'failed',
      failure: { code: 'NOTHING_REACHED', cause: { message: 'no' } },
    });
  });
});

describe('J18 a terminal failure', () => {
  const steps = `steps:\n${calls('bad', ', retry: none')}\n${calls('slow next')}\nedges: [slow -> next]\n`;

  test('cancels what runs beside it before the run ends, and keeps its cause', async () => {
    const stage = new Stage();
    const { engine, platform, run } = await started(steps, stage.functions);
    stage.fail('bad', 'out of paper');
    await platform.advance(1_000);
    expect(stage.aborted).toEqual(['slow']);
    expect((await storyOf(engine, 'run-1')).slice(-3)).toEqual([
      'step.failed bad',
      'step.cancelled slow',
      'run.failed',
    ]);
    const error: unknown = await run.result().catch((thrown: unknown) => thrown);
    expect(chainOf(error)).toEqual(['RUN_FAILED', 'OUTCOME_UNHANDLED', 'STEP_THREW: out of paper']);
    stage.end('slow');
    await platform.advance(1_000);
    expect(stage.began).toEqual(['bad', 'slow']);
    expect((await storyOf(engine, 'run-1')).at(-1)).toBe('run.failed');
  });

  test('lets what runs beside it finish where the graph drains, its attempts too, and starts nothing new', async () => {
    const stage = new Stage();
    const { engine, platform } = await started(`onFailure: drain\n${steps}`, stage.functions);
    stage.fail('bad', 'out of paper');
    await platform.advance(100);
    stage.fail('slow', 'not yet');
    await platform.advance(5_000);
    expect([stage.began, await statusOf({ engine })]).toEqual([['bad', 'slow', 'slow'], 'running']);
    stage.end('slow');
    await platform.advance(1_000);
    expect(await engine.runs.get('run-1')).toMatchObject({
      status: 'failed',
      failure: { code: 'OUTCOME_UNHANDLED', path: 'bad', cause: { message: 'out of paper' } },
    });
    expect(stage.began).toEqual(['bad', 'slow', 'slow']);
  });

  test('starts nothing that was ready and had no place yet', async () => {
    const stage = new Stage();
    const { platform, run } = await started(
      `onFailure: drain\nlimits: { maxConcurrentSteps: 2 }\nsteps:\n${calls('bad', ', retry: none')}\n${calls('slow next')}\n`,
      stage.functions,
    );
    stage.fail('bad', 'out of paper');
    await platform.advance(100);
    stage.end('slow');
    await platform.advance(1_000);
    expect([await run.status(), stage.began]).toEqual(['failed', ['bad', 'slow']]);
  });

  test('of a child graph reaches the caller with every link of the chain', async () => {
    const inner = parseGraph(
      `pawl: 1\nworkflow: inner\nversion: "1"\nsteps:\n${calls('deep', ', retry: none')}\n`,
    );
    const outer = graphOf('steps: { child: { kind: workflow, with: { workflow: inner } } }\n');
    const { functions } = recorder(() => {
      throw new Error('out of paper');
    });
    const { engine, platform } = await openEngine([outer, inner], { functions });
    const run = await engine.start(outer, {});
    await platform.advance(1_000);
    const chain = chainOf(await run.result().catch((thrown: unknown) => thrown));
    expect([chain[0], chain.at(-1)]).toEqual(['RUN_FAILED', 'STEP_THREW: out of paper']);
    expect(chain).toContain('OUTCOME_UNHANDLED');
  });
});

/** Codes of an error and of all that caused it; of the last one its message, too. */
function chainOf(error: unknown): string[] {
  const { code, message, cause } = error as { code: string; message: string; cause?: unknown };
  return cause === undefined ? [`${code}: ${message}`] : [code, ...chainOf(cause)];
}

describe('J22 a version of a graph', () => {
  const steps = `steps:\n${calls('a b')}\nedges: [a -> b]\n`;

  test('is refused with another content, and its runs go on as they began', async () => {
    const graph = graphOf(steps);
    const store = newDatabase();
    const stage = new Stage();
    const first = await openMortal([graph], { store, functions: stage.functions });
    await first.engine.start(graph, {}, { id: 'run-1' });
    await first.platform.advance(100);
    await first.kill();
    const changed = graphOf(`steps:\n${calls('a b c')}\nedges: [a -> b, b -> c]\n`);
    const { ran, functions } = recorder();
    const options = { store, functions, laterMs: 1_000 };
    expect(await codeOf(() => openEngine([changed], { ...options, seed: 2 }))).toBe(
      'WORKFLOW_VERSION_CHANGED',
    );
    const second = await openEngine([graph], { ...options, seed: 3 });
    await second.platform.advance(5_000);
    expect([ran, await statusOf(second)]).toEqual([['a', 'b'], 'completed']);
  });

  test('is the same however it is written: as YAML, as JSON, with its fields in another order', async () => {
    const graph = graphOf(steps);
    const step = (input: string) => ({ with: { input, function: 'call' }, kind: 'function' });
    const written = parseGraph(
      JSON.stringify({
        version: '1',
        workflow: 'w',
        edges: [{ to: 'b', from: 'a' }],
        steps: { a: step('a'), b: step('b') },
        pawl: 1,
      }),
    );
    const store = newDatabase();
    const { functions } = recorder();
    await openEngine([graph], { store, functions });
    expect(await codeOf(() => openEngine([written], { store, functions, seed: 2 }))).toBe('done');
  });
});

describe('J23 a workflow without a name or a version', () => {
  test.each([
    ['workflow', 'pawl: 1\nversion: "1"\nsteps: { a: { kind: join } }\n'],
    ['version', 'pawl: 1\nworkflow: w\nsteps: { a: { kind: join } }\n'],
  ])('is an error, for nobody invents its %s', (field, text) => {
    expect(() => parseGraph(text)).toThrowError(
      expect.objectContaining({
        code: 'GRAPH_INVALID',
        message: expect.stringContaining(`${field}: must be given`) as string,
      }),
    );
  });

  test('is an error where one is started, and where a graph calls one', async () => {
    const { functions } = recorder();
    const outer = graphOf(`steps:
  named: { kind: workflow, with: { workflow: nobody } }
`);
    const { engine, platform } = await openEngine([outer], { functions });
    expect(await codeOf(() => engine.start('unknown', {}))).toBe('WORKFLOW_UNKNOWN');
    await engine.start(outer, {}, { id: 'run-1' });
    await platform.advance(1_000);
    expect(await engine.runs.get('run-1')).toMatchObject({
      status: 'failed',
      failure: { code: 'OUTCOME_UNHANDLED', path: 'named', cause: { code: 'WORKFLOW_UNKNOWN' } },
    });
  });
});

describe('H4 a join inside a loop', () => {
  test.each([
    ['all', '', ['l', 'm', 'r']],
    ['two', ', join: { count: 2 }', ['l', 'm']],
  ])(
    'of %s waits for them at each visit, and knows nothing of the visit before',
    async (_what, join, needed) => {
      const stage = new Stage();
      const { platform, run } = await started(
        `steps:
  a: { kind: join }
${calls('l m r')}
  meet: { kind: function, with: { function: call, input: meet }${join} }
  out: { kind: join }
edges:
  - a -> l
  - a -> m
  - a -> r
  - l -> meet
  - m -> meet
  - r -> meet
  - { from: meet, to: a, loop: { max: 3 } }
  - { from: meet, to: out, on: exhausted }
`,
        stage.functions,
      );
      for (const visit of ['', '#2', '#3']) {
        for (const name of needed) {
          expect(stage.began).not.toContain(`meet${visit}`);
          stage.end(`${name}${visit}`);
          await platform.advance(100);
        }
        expect(stage.began).toContain(`meet${visit}`);
        stage.end(`meet${visit}`, { done: true });
        await platform.advance(100);
      }
      stage.end('r#3');
      await platform.advance(100);
      expect([await run.status(), stage.began.filter((path) => path.startsWith('meet'))]).toEqual([
        'completed',
        ['meet', 'meet#2', 'meet#3'],
      ]);
    },
  );

  test('that can never be met fails at once, and does not spin', async () => {
    const { ran, functions } = recorder();
    const { engine } = await started(
      `steps:
  choose: { kind: condition, with: { branches: [{ name: left, when: "true" }], default: right } }
${calls('l r')}
  meet: { kind: join, join: { count: 2 } }
edges: [{ from: choose, to: l, on: left }, { from: choose, to: r, on: right }, l -> meet, r -> meet]
`,
      functions,
    );
    expect([ran, await engine.runs.get('run-1')]).toMatchObject([
      ['l'],
      { status: 'failed', failure: { path: 'meet', cause: { code: 'JOIN_UNMET' } } },
    ]);
  });
});

test('H5 branches run at the same time: each of these can end only once all have begun', async () => {
  let inside = 0;
  const all = Promise.withResolvers<undefined>();
  const meet = async (): Promise<string> => {
    if (++inside === 5) all.resolve(undefined);
    await all.promise;
    return 'met';
  };
  const names = 'b c d e f';
  const { run } = await started(
    `steps:\n${calls('a')}\n${calls(names).replaceAll('function: call', 'function: meet')}\nedges: [${names
      .split(' ')
      .map((name) => `a -> ${name}`)
      .join(', ')}]\n`,
    { ...recorder().functions, meet },
  );
  expect([await run.status(), inside]).toEqual(['completed', 5]);
});

describe('H17 an escalation', () => {
  const text = `steps:
  ask: { kind: escalate, with: { to: "human:ada", message: "Who pays?", deadline: 2h }, save: { by: output.by } }
${calls('paid declined late')}
edges:
  - { from: ask, to: paid, on: resolved }
  - { from: ask, to: declined, on: declined }
  - { from: ask, to: late, on: expired }
`;

  async function asked() {
    const { ran, functions } = recorder();
    const opened = await started(text, functions);
    await opened.platform.advance(3_600_000);
    expect([await statusOf(opened), ran]).toEqual(['waiting', []]);
    expect(await opened.engine.waits()).toMatchObject([
      { runId: 'run-1', path: 'ask', kind: 'approval', message: 'Who pays?' },
    ]);
    return { ...opened, ran };
  }

  test('waits for the one that it names, and for nobody else', async () => {
    const { engine, platform, run, ran } = await asked();
    expect(await codeOf(() => engine.approve('run-1', 'ask', { by: 'bob' }))).toBe('NOT_AN_APPROVER');
    await engine.approve('run-1', 'ask', { by: 'ada' });
    await platform.advance(1_000);
    expect([ran, await run.result()]).toEqual([['paid'], { by: 'ada' }]);
  });

  test('may be declined', async () => {
    const { engine, platform, ran } = await asked();
    await engine.reject('run-1', 'ask', { by: 'ada' });
    await platform.advance(1_000);
    expect(ran).toEqual(['declined']);
  });

  test('ends at its deadline, as that', async () => {
    const { platform, ran } = await asked();
    await platform.advance(3_600_000);
    expect(ran).toEqual(['late']);
  });
});

describe('a stage', () => {
  test('that throws takes the edge of its failure, and the next one sees why', async () => {
    const { ran, functions } = recorder((input: string, { path }) => {
      if (path === 'act') throw new Error(`cannot ${input}`);
      return input;
    });
    const { run } = await started(
      `steps:
${calls('act', ', retry: none')}
  repair: { kind: function, with: { function: call, input: "{{ steps.act.failure.message }}" }, save: { why: output } }
edges: [{ from: act, to: repair, on: failed }]
`,
      functions,
    );
    expect([ran, await run.result()]).toEqual([['act', 'repair'], { why: 'cannot act' }]);
  });

  test('goes on behind what was completed, in whichever process, and completes nothing twice', async () => {
    const graph = graphOf(`steps:\n${calls('a b c d')}\nedges: [a -> b, a -> c, b -> d, c -> d]\n`);
    const store = newDatabase();
    const stage = new Stage();
    const first = await openMortal([graph], { store, functions: stage.functions });
    await first.engine.start(graph, {}, { id: 'run-1' });
    for (const path of ['a', 'c']) {
      await first.platform.advance(100);
      stage.end(path);
    }
    await first.platform.advance(100);
    await first.kill();
    const { ran, functions } = recorder();
    const second = await openEngine([graph], { store, functions, seed: 2, laterMs: 1_000 });
    await second.platform.advance(5_000);
    expect([ran, await statusOf(second)]).toEqual([['b', 'd'], 'completed']);
    const ends = (await eventsOf(second.engine, 'run-1')).filter(isCompletion).map(({ path }) => path);
    expect(new Set(ends)).toEqual(new Set(['a', 'b', 'c', 'd']));
    expect(ends).toHaveLength(4);
  });

  test('is not run past the limit of steps, which is four times what the graph has where nobody says', async () => {
    const { ran, functions } = recorder();
    const text = (limits: string): string => `${limits}steps:\n${calls('a b')}
edges: [a -> b, { from: b, to: a, loop: { max: 100 } }, { from: b, to: end, on: "*" }]
`;
    const { engine, platform } = await started(text('limits: { maxSteps: 8 }\n'), functions);
    expect([ran.length, await engine.runs.get('run-1')]).toMatchObject([
      8,
      { status: 'parked', parked: { reason: 'step_limit' } },
    ]);
    await engine.resume('run-1', { maxSteps: 10 });
    await platform.advance(1_000);
    expect([ran.length, await statusOf({ engine })]).toEqual([10, 'parked']);
    expect(graphOf(text('')).graph.limits.maxSteps).toBe(4 * (100 + 100));
    expect(graphOf(`steps:\n${calls('a b c')}\n`).graph.limits.maxSteps).toBe(12);
  });
});

function isCompletion({ type }: StoredEvent): boolean {
  return type === 'step.completed';
}
