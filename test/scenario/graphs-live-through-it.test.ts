/** A run of a graph through pauses, cancels, deadlines, deaths, deploys and lost answers: it ends once, as it must. */
import type { FunctionTools, StoredEvent } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { pawlError } from '../../packages/pawl/src/errors/index.ts';
import { openBetween } from './support/between-store.ts';
import { abortOf, newGate } from './support/gate.ts';
import { graphOf, hang, played } from './support/graph-world.ts';
import { closeEngine, newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, eventsOf, storyOf } from './support/run-log.ts';

const HOUR_MS = 3_600_000;

/** A function that notes the path of its step. */
function noting() {
  const calls: string[] = [];
  const note = (input: unknown, { path }: FunctionTools): unknown => (calls.push(path), input);
  return { calls, note };
}

describe('a paused graph', () => {
  test('lets what executes finish, starts nothing that follows, and goes on in another process', async () => {
    const store = newDatabase();
    const graph = graphOf(`steps:
  slow: { kind: function, with: { function: slow } }
  next: { kind: function, with: { function: note } }
edges: [slow -> next]
`);
    const gate = newGate();
    const { calls, note } = noting();
    const functions = { note, slow: () => gate.opened };
    const first = await openMortal([graph], { store, functions });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.engine.pause('run');
    gate.open();
    await first.platform.advance(10_000);
    expect(await storyOf(first.engine, 'run')).toContain('step.completed slow');
    await first.kill();
    const { engine, platform } = await openEngine([graph], { store, functions, seed: 2, laterMs: 60_000 });
    await platform.advance(10_000);
    expect([calls, (await engine.runs.get('run')).status]).toEqual([[], 'paused']);
    await engine.resume('run');
    await platform.advance(1_000);
    expect([calls, (await engine.runs.get('run')).status]).toEqual([['next'], 'completed']);
  });

  test('holds its finalizers back too, and cleans up when it is resumed', async () => {
    const { calls, note } = noting();
    const { engine, platform } = await played(
      `steps:
  wait: { kind: signal, with: { name: go } }
  settle: { kind: sleep, with: { for: 30s }, finalize: always }
  close: { kind: function, with: { function: note }, finalize: always }
edges: [{ from: wait, to: end, on: "*" }]
`,
      { functions: { note } },
    );
    await engine.cancel('run');
    await platform.advance(1_000);
    await engine.pause('run');
    await platform.advance(60_000);
    expect([calls, (await engine.runs.get('run')).status]).toEqual([[], 'paused']);
    await engine.resume('run');
    await platform.advance(1_000);
    expect([calls, (await engine.runs.get('run')).status]).toEqual([['close'], 'cancelled']);
  });
});

describe('a cancelled graph', () => {
  test('aborts what executes, records nothing of it, closes its waits and starts nothing but finalizers', async () => {
    const { calls, note } = noting();
    const aborted: unknown[] = [];
    const work = (_input: null, { signal }: FunctionTools): Promise<unknown> =>
      abortOf(signal).then((reason) => aborted.push(reason));
    const { engine, platform } = await played(
      `steps:
  work: { kind: function, with: { function: work } }
  each: { kind: map, with: { items: [1, 2, 3], concurrency: 2, step: { kind: function, with: { function: work } } } }
  retried: { kind: function, with: { function: bad }, retry: { attempts: 9, initial: 1h } }
  gate: { kind: approval, with: { message: Go? } }
  next: { kind: function, with: { function: note } }
  clean: { kind: function, with: { function: note }, finalize: always }
edges: [work -> next, { from: gate, to: next, on: "*" }]
`,
      { functions: { note, work, bad: () => Promise.reject(new Error('no')) } },
    );
    await engine.cancel('run', { reason: 'enough' });
    await platform.advance(1_000);
    const { status, steps } = await engine.runs.get('run');
    expect([status, calls]).toEqual(['cancelled', ['clean']]);
    expect(aborted).toEqual(['enough', 'enough', 'enough']);
    expect(Object.fromEntries(steps.map((step) => [step.path, step.status]))).toEqual({
      work: 'cancelled',
      'each/item:0/step': 'cancelled',
      'each/item:1/step': 'cancelled',
      retried: 'cancelled',
      gate: 'cancelled',
      clean: 'completed',
    });
    for (const act of [
      () => engine.signal('run', 'go'),
      () => engine.approve('run', 'gate', { by: 'ada' }),
      () => engine.pause('run'),
      () => engine.resume('run'),
    ])
      expect(await codeOf(act)).toMatch(/^(?:RUN_TERMINAL|PAUSE_REFUSED|RUN_NOT_PAUSED)$/);
    await engine.cancel('run');
    expect((await storyOf(engine, 'run')).at(-1)).toBe('run.cancelled');
  });

  test('may have been parked for a step that is out of attempts, which is not begun again', async () => {
    const { calls, note } = noting();
    const { engine, platform } = await played(
      `onFailure: drain
steps:
  bad: { kind: function, with: { function: bad }, retry: none }
  held: { kind: function, with: { function: bad }, retry: none, onExhausted: park }
  clean: { kind: function, with: { function: note }, finalize: always }
`,
      { functions: { note, bad: () => Promise.reject(new Error('no')) } },
    );
    expect((await engine.runs.get('run')).parkReason).toBe('retries_exhausted');
    await engine.cancel('run');
    await platform.advance(1_000);
    expect((await engine.runs.get('run')).status).toBe('cancelled');
    expect(calls).toEqual(['clean']);
  });

  test('fires nothing again that its former process died in', async () => {
    const store = newDatabase();
    const graph = graphOf('steps: { work: { kind: function, with: { function: work } } }\n');
    const first = await openMortal([graph], { store, functions: { work: hang } });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.engine.pause('run');
    await first.kill();
    const { calls, note } = noting();
    const second = await openEngine([graph], { store, functions: { work: note }, seed: 2, laterMs: 5_000 });
    await second.engine.cancel('run');
    await second.platform.advance(60_000);
    expect([calls, (await second.engine.runs.get('run')).status]).toEqual([[], 'cancelled']);
  });

  test('may have been parked before', async () => {
    const { calls, note } = noting();
    const { engine, platform } = await played(
      `limits: { maxSteps: 2 }
steps:
  a: { kind: function, with: { function: note } }
  clean: { kind: function, with: { function: note }, finalize: always }
edges: [{ from: a, to: a, loop: { max: 9 } }, { from: a, to: end, on: exhausted }]
`,
      { functions: { note } },
    );
    expect((await engine.runs.get('run')).parkReason).toBe('step_limit');
    await engine.cancel('run');
    await platform.advance(1_000);
    expect((await engine.runs.get('run')).status).toBe('cancelled');
    expect(calls).toEqual(['a', 'a#2', 'clean']);
  });
});

describe('the deadline of a graph', () => {
  const finalizers = (more: string): string => `deadline: 10s
steps:
  work: { kind: function, with: { function: work } }
  call: { kind: workflow, with: { workflow: kid } }
  party: { kind: function, with: { function: party }, finalize: success }
  alarm: { kind: function, with: { function: note }, finalize: failure }
  clean: { ${more}, finalize: always }
`;
  const kid = graphOf(
    `steps: { wait: { kind: signal, with: { name: go } } }
edges: [{ from: wait, to: end, on: "*" }]
`,
    { name: 'kid' },
  );

  test('aborts what executes, cancels children, cleans up, and waits for itself no more', async () => {
    const { calls, note } = noting();
    let claims = 0;
    const { store } = await openBetween(fakePlatform(), {
      onCall: (name) => void (claims += +(name === 'claim')),
    });
    const functions = {
      note,
      party: note,
      work: (_input: null, { signal }: FunctionTools) => abortOf(signal),
    };
    const text = finalizers('kind: sleep, with: { for: 20s }');
    const { engine, platform } = await played(text, { store, functions, also: [kid] });
    await platform.advance(15_000);
    const before = claims;
    await platform.advance(10_000);
    expect(claims - before).toBeLessThan(10);
    await platform.advance(10_000);
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'failed',
      failure: { code: 'RUN_DEADLINE' },
    });
    expect(await storyOf(engine, 'run')).toEqual(
      expect.arrayContaining(['step.cancelled work', 'child.ended call']),
    );
    expect(calls).toEqual(['alarm']);
  });

  test('that passes while its finalizers run makes a failure of its success, which finalizers hear of', async () => {
    const { calls, note } = noting();
    const slow = async (): Promise<void> =>
      await new Promise((resolve) => void opened.platform.setTimer(30_000, resolve));
    const opened = await openEngine(
      [
        graphOf(`deadline: 10s
steps:
  work: { kind: function, with: { function: note } }
  party: { kind: function, with: { function: slow }, finalize: success }
  cheer: { kind: function, with: { function: note }, finalize: success }
  alarm: { kind: function, with: { function: note }, finalize: failure }
  clean: { kind: function, with: { function: note }, finalize: always }
`),
      ],
      { functions: { note, slow } },
    );
    await opened.engine.start('w', {}, { id: 'run' });
    await opened.platform.advance(60_000);
    expect(await opened.engine.runs.get('run')).toMatchObject({
      status: 'failed',
      failure: { code: 'RUN_DEADLINE' },
    });
    expect(calls).toEqual(['work', 'alarm', 'clean']);
  });
});

describe('the failure of a graph', () => {
  const steps = (onFailure: string): string => `onFailure: ${onFailure}
steps:
  nap: { kind: sleep, with: { for: 10s } }
  after: { kind: function, with: { function: note } }
  flaky: { kind: function, with: { function: flaky }, retry: { attempts: 2, initial: 5s, jitter: 0 } }
  bad: { kind: function, with: { function: bad }, retry: none }
  broken: { kind: function, with: { function: bad }, retry: none, finalize: failure }
  clean: { kind: function, with: { function: note }, finalize: always }
edges: [nap -> after]
`;
  const flaky = (_input: null, { attempt }: FunctionTools): number => {
    if (attempt === 1) throw new Error('again');
    return attempt;
  };
  const bad = (): Promise<never> => Promise.reject(new Error('bad'));

  test.each([
    ['cancel', ['step.cancelled flaky', 'wait.cancelled nap']],
    ['drain', ['step.completed flaky', 'wait.resolved nap']],
  ])('lets its siblings %s, cleans up, and is not hidden by a finalizer that fails', async (how, story) => {
    const { calls, note } = noting();
    const { engine, platform } = await played(steps(how), { functions: { note, flaky, bad } });
    await platform.advance(60_000);
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'failed',
      failure: { code: 'OUTCOME_UNHANDLED', path: 'bad' },
      failedSteps: ['bad', 'broken'],
    });
    expect(await storyOf(engine, 'run')).toEqual(expect.arrayContaining(story));
    expect(calls).toEqual(['clean']);
  });

  test('may be that of a finalizer alone', async () => {
    const { engine } = await played(
      `steps:
  work: { kind: join }
  clean: { kind: function, with: { function: bad }, retry: none, finalize: always }
`,
      { functions: { bad } },
    );
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'failed',
      failure: { code: 'FINALIZE_FAILED', path: 'clean', cause: { message: 'bad' } },
    });
  });
});

describe('the start of a graph', () => {
  const text = `input: { type: object, required: [n], properties: { n: { type: integer }, by: { type: integer, default: 2 } } }
steps: { a: { kind: function, with: { function: note, input: "{{ input.n * input.by }}" }, save: { n: output } } }
`;

  test('is idempotent by its key, refuses what does not fit, and fills in defaults', async () => {
    const { calls, note } = noting();
    const graph = graphOf(text);
    const { engine, platform } = await openEngine([graph], { functions: { note } });
    expect(await codeOf(() => engine.start(graph, { n: 'x' }))).toBe('INPUT_INVALID');
    const runs = [];
    for (let time = 0; time < 3; time++)
      runs.push(await engine.start(graph, { n: 2 }, { idempotencyKey: 'key' }));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(await codeOf(() => engine.start(graph, { n: 3 }, { idempotencyKey: 'key' }))).toBe(
      'IDEMPOTENCY_CONFLICT',
    );
    await platform.advance(1_000);
    expect(await runs[0]?.result()).toEqual({ n: 4 });
    expect(calls).toEqual(['a']);
  });
});

describe('an answer of the store that is lost', () => {
  const text = `steps:
  a: { kind: function, with: { function: note } }
  b: { kind: function, with: { function: note } }
  each: { kind: map, with: { items: [1, 2], step: { kind: function, with: { function: note } } } }
  nap: { kind: sleep, with: { for: 1s } }
  done: { kind: function, with: { function: note } }
  clean: { kind: function, with: { function: note }, finalize: always }
edges: [a -> each, b -> each, each -> nap, nap -> done]
`;
  const all = ['a', 'b', 'clean', 'done', 'each/item:0/step', 'each/item:1/step'];

  test.each([1, 2, 3, 4, 5, 6, 7])('to commit %d strands nothing, whether it landed or not', async (n) => {
    for (const hasLanded of [true, false]) {
      const { calls, note } = noting();
      let commits = 0;
      const lose = (when: boolean) => (): void => {
        if (when !== hasLanded || (hasLanded ? commits !== n : ++commits !== n)) return;
        throw pawlError('STORE_UNKNOWN', { problem: 'the test lost the answer' });
      };
      const { store } = await openBetween(fakePlatform(), {
        before: () => {
          if (hasLanded) commits++;
          lose(false)();
        },
        after: lose(true),
      });
      const graph = graphOf(text);
      const opened = await openEngine([graph], { store, functions: { note } });
      const starting = opened.engine.start(graph, {}, { id: 'run' });
      await opened.platform.advance(30_000);
      await starting;
      expect((await opened.engine.runs.get('run')).status).toBe('completed');
      expect(calls.toSorted()).toEqual(all);
      await closeEngine(opened);
    }
  });
});

describe('a graph whose process goes', () => {
  const text = `state: { seen: { type: array, merge: append } }
steps:
  work: { kind: function, with: { function: work }, save: { seen: output } }
  done: { kind: join }
edges: [{ from: work, to: work, loop: { max: 4 } }, { from: work, to: done, on: exhausted }]
output: state.seen
`;

  test('goes on in the visit that it was in, with what the earlier ones saved', async () => {
    const store = newDatabase();
    const graph = graphOf(text);
    const work =
      (where: string) =>
      (_input: null, { path }: FunctionTools): unknown =>
        where === 'first' && path === 'work#3' ? hang() : `${where} ${path}`;
    const first = await openMortal([graph], { store, functions: { work: work('first') } });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.kill();
    const functions = { work: work('second') };
    const { engine, platform } = await openEngine([graph], { store, functions, seed: 2, laterMs: 60_000 });
    await platform.advance(10_000);
    expect(await engine.handle('run').result()).toEqual([
      'first work',
      'first work#2',
      'second work#3',
      'second work#4',
    ]);
    expect(await storyOf(engine, 'run')).toContain('step.lost work#3');
  });

  test('in an orderly way lets its attempts finish, and a second engine goes on', async () => {
    const store = newDatabase();
    const graph = graphOf(text);
    const gate = newGate();
    const slow = (_input: null, { path }: FunctionTools): unknown =>
      path === 'work#2' ? gate.opened.then(() => path) : path;
    const first = await openEngine([graph], { store, functions: { work: slow } });
    await first.engine.start(graph, {}, { id: 'run' });
    await first.platform.advance(100);
    const closing = first.engine.close();
    await first.platform.advance(1_000);
    gate.open();
    await first.platform.settle();
    await closing;
    const functions = { work: (_input: null, { path }: FunctionTools) => `again ${path}` };
    const { engine, platform } = await openEngine([graph], { store, functions, seed: 2, laterMs: 2_000 });
    await platform.advance(1_000);
    expect(await engine.handle('run').result()).toEqual(['work', 'work#2', 'again work#3', 'again work#4']);
    expect(await storyOf(engine, 'run')).not.toContain('step.lost work#2');
  });

  test('five times in the same step is parked as poisoned, and goes on at `retry`', async () => {
    const store = newDatabase();
    const graph = graphOf(text);
    let fired = 0;
    for (let life = 0; life < 5; life++) {
      const functions = { work: () => (fired++, hang()) };
      const laterMs = life * 60_000;
      const one = await openMortal([graph], { store, functions, seed: life + 1, laterMs });
      if (life === 0) await one.engine.start(graph, {}, { id: 'run' });
      await one.platform.advance(5_000);
      await one.kill();
    }
    const functions = { work: () => 'fine' };
    const { engine, platform } = await openEngine([graph], { store, functions, seed: 9, laterMs: HOUR_MS });
    await platform.advance(5_000);
    expect(await engine.runs.get('run')).toMatchObject({ status: 'parked', parkReason: 'poisoned' });
    expect(fired).toBe(5);
    await engine.retry('run');
    await platform.advance(5_000);
    expect((await engine.runs.get('run')).status).toBe('completed');
  });
});

describe('a deploy of another graph', () => {
  const text = (second: string): string => `steps:
  wait: { kind: signal, with: { name: go } }
  ${second}: { kind: join }
edges: [wait -> ${second}, { from: wait, to: end, on: expired }]
`;

  test('under a version that is known is refused, and changes nothing', async () => {
    const store = newDatabase();
    const first = await openEngine([graphOf(text('a'))], { store });
    await first.engine.start('w', {}, { id: 'run' });
    await first.platform.advance(1_000);
    await closeEngine(first);
    expect(await codeOf(() => openEngine([graphOf(text('b'))], { store, seed: 2 }))).toBe(
      'WORKFLOW_VERSION_CHANGED',
    );
    const { engine, platform } = await openEngine([graphOf(text('a'))], { store, seed: 3, laterMs: 60_000 });
    await engine.signal('run', 'go');
    await platform.advance(5_000);
    expect((await engine.runs.get('run')).status).toBe('completed');
  });

  test('under a new version leaves the runs of the old one waiting for it, and says so', async () => {
    const store = newDatabase();
    const old = graphOf(text('a'));
    const first = await openEngine([old], { store });
    await first.engine.start(old, {}, { id: 'run' });
    await first.platform.advance(1_000);
    await closeEngine(first);
    const next = graphOf(text('b'), { version: '2' });
    const second = await openEngine([next], { store, seed: 2, laterMs: 60_000 });
    await second.engine.signal('run', 'go');
    await second.platform.advance(10_000);
    const { reasons } = await second.engine.why('run');
    expect(reasons.at(-1)?.text).toContain('no_worker_version');
    await closeEngine(second);
    const { engine, platform } = await openEngine([old, next], { store, seed: 3, laterMs: 90_000 });
    await platform.advance(5_000);
    expect((await engine.runs.get('run')).status).toBe('completed');
  });
});

test('a log of a graph ends once: nothing stands behind its terminal event', async () => {
  const { note } = noting();
  const { engine, platform } = await played(
    `steps:
  a: { kind: function, with: { function: note } }
  slow: { kind: function, with: { function: hang } }
  one: { kind: join, join: { count: 1, losers: cancel } }
edges: [a -> one, slow -> one]
`,
    { functions: { note, hang } },
  );
  await platform.advance(60_000);
  const events: readonly StoredEvent[] = await eventsOf(engine, 'run');
  const ends = events.filter(({ type }) => /^run\.(?:completed|failed|cancelled)$/.test(type));
  expect(ends).toEqual([events.at(-1)]);
  expect(await storyOf(engine, 'run')).toContain('step.cancelled slow');
});
