/** Workers in other languages execute steps: each claim is a holder of its own, and its fence is that of every task. */
import { defineKind, parseGraph, type TaskOffer, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { newDatabase, type OpenedEngine, openEngine } from './support/opened-engine.ts';
import { codeOf, eventsOfType, storyOf } from './support/run-log.ts';

const graph = (more = '') =>
  parseGraph(`
pawl: 1
workflow: flow
version: "1"
steps:
  score: { kind: function, with: { function: score, input: { text: hello } }, queue: python${more} }
output: steps.score.output
`);

interface Door {
  readonly driver: OpenedEngine;
  readonly door: OpenedEngine;
}

/** The driver serves another queue; the door is an engine of its own that drives nothing. */
async function openDoor(more = '', driving: object = {}): Promise<Door> {
  const store = newDatabase();
  const driver = await openEngine([graph(more)], { store, worker: { queues: ['general'] }, ...driving });
  const door = await openEngine([], { store, worker: false, seed: 2 });
  await driver.engine.start('flow', null, { id: 'run' });
  await pass(100, { driver, door });
  return { driver, door };
}

async function pass(ms: number, { driver, door }: Door): Promise<void> {
  for (let spent = 0; spent < ms; spent += 50)
    for (const { platform } of [driver, door]) await platform.advance(50);
}

/** The answer of a call, once time has gone on for it. */
async function answered<T>(call: Promise<T>, one: Door, ms = 300): Promise<T> {
  const settled = call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await pass(ms, one);
  const end = await Promise.race([settled, Promise.resolve(undefined)]);
  if (!end) throw new Error('it has not answered');
  if ('error' in end) throw end.error;
  return end.value;
}

const mine = { worker: 'py-1', kinds: ['function:score'], queues: ['python'] };

async function claim(one: Door, options: object = {}): Promise<TaskOffer> {
  const offer = await answered(one.door.engine.tasks.claim({ ...mine, ...options }), one);
  if (!offer) throw new Error('there is no task');
  return offer;
}

describe('a worker outside', () => {
  test('gets an attempt with everything that it needs, and its outcome moves the run', async () => {
    const one = await openDoor();
    const offer = await claim(one);
    expect(offer).toMatchObject({
      runId: 'run',
      path: 'score',
      kind: 'function',
      target: 'score',
      input: { function: 'score', input: { text: 'hello' } },
      attempt: 1,
      idempotencyKey: 'run:score',
    });
    expect(await storyOf(one.driver.engine, 'run')).toContain('step.started score');
    const usage = { inputTokens: 3, outputTokens: 1 };
    await answered(one.door.engine.tasks.complete(offer.token, { score: 7 }, { usage }), one);
    const run = await one.driver.engine.runs.get('run');
    expect(run.output).toEqual({ score: 7 });
    expect(run.usage).toMatchObject(usage);
  });

  test('may end a step whose path is long', async () => {
    const deep = (ctx: WorkflowContext, levels: number): Promise<unknown> =>
      levels === 0
        ? ctx.operation('score', 'function', { function: 'score' }, { queue: 'python' })
        : ctx.map('a'.repeat(60), [0], (_item, c) => deep(c, levels - 1));
    const store = newDatabase();
    const flow = workflow({ name: 'flow' }, (ctx) => deep(ctx, 50));
    const driver = await openEngine([flow], { store, worker: { queues: ['general'] } });
    const one = { driver, door: await openEngine([], { store, worker: false, seed: 2 }) };
    const run = await driver.engine.start('flow', null, { id: 'run' });
    await pass(200, one);
    const { path, token } = await claim(one);
    await answered(one.door.engine.tasks.complete(token, 7), one);
    expect([path.length > 3_000, JSON.stringify(await run.result())?.includes('7')]).toEqual([true, true]);
  });

  test('gets nothing that it does not have, and nothing of another queue', async () => {
    const one = await openDoor();
    const { tasks } = one.door.engine;
    expect(await answered(tasks.claim({ ...mine, kinds: ['function:other'] }), one)).toBeUndefined();
    expect(await answered(tasks.claim({ ...mine, queues: ['gpu'] }), one)).toBeUndefined();
    expect(await answered(tasks.claim({ worker: 'py-1', kinds: mine.kinds }), one)).toBeDefined();
  });

  test('waits for an attempt that comes later', async () => {
    const store = newDatabase();
    const door = await openEngine([], { store, worker: false, seed: 2 });
    const driver = await openEngine([graph()], { store, worker: { queues: [] } });
    const one = { driver, door };
    const waiting = door.engine.tasks.claim({ ...mine, wait: '15s' });
    await pass(5_000, one);
    await driver.engine.start('flow', null, { id: 'run' });
    expect((await answered(waiting, one, 1_500))?.path).toBe('score');
  });

  test('that waits in vain is told so, and one whose caller has gone waits no longer', async () => {
    const one = await openDoor();
    const { tasks } = one.door.engine;
    const none = { ...mine, kinds: ['function:other'], wait: '5s' };
    expect(await answered(tasks.claim(none), one, 5_500)).toBeUndefined();
    const abort = new AbortController();
    const waiting = tasks.claim({ ...none, signal: abort.signal });
    abort.abort();
    expect(await answered(waiting, one)).toBeUndefined();
  });

  test('fails an attempt: the policy of the step decides whether there is another one', async () => {
    const one = await openDoor(', retry: { attempts: 2, initial: 1s, jitter: 0 }');
    const first = await claim(one);
    await answered(one.door.engine.tasks.fail(first.token, { message: 'no memory', data: { free: 1 } }), one);
    const [retried] = await eventsOfType(one.driver.engine, 'run', 'step.retried');
    expect(JSON.stringify(retried)).toContain('no memory');
    await pass(1_500, one);
    const second = await claim(one);
    expect([second.attempt, second.idempotencyKey]).toEqual([2, 'run:score']);
    await answered(
      one.door.engine.tasks.fail(second.token, { message: 'still none', class: 'terminal' }),
      one,
    );
    expect((await one.driver.engine.runs.get('run')).status).toBe('failed');
  });

  test('may say the same end twice, and somebody else may not', async () => {
    const one = await openDoor();
    const { tasks } = one.door.engine;
    const { token } = await claim(one);
    await answered(tasks.complete(token, 1), one);
    await answered(tasks.complete(token, 1), one);
    expect(await eventsOfType(one.driver.engine, 'run', 'step.completed')).toHaveLength(1);
    const other = Buffer.from(token, 'base64url')
      .toString()
      .replace(/"holder":"[^"]+"/, '"holder":"me"');
    const forged = Buffer.from(other).toString('base64url');
    expect(await codeOf(() => answered(tasks.complete(forged, 2), one))).toBe('TASK_LOST');
  });

  test('brings what the store cannot hold: the step fails with the reason', async () => {
    const one = await openDoor(', retry: none', { limits: { payloadBytes: 1_000 } });
    const { token } = await claim(one);
    await answered(one.door.engine.tasks.complete(token, { n: Number.NaN }), one);
    const { steps } = await one.driver.engine.runs.get('run');
    expect(steps[0]?.failure?.code).toBe('STEP_VALUE_INVALID');
  });

  test('ends with a label that its kind has', async () => {
    const one = await openDoor(', retry: none');
    const { token } = await claim(one);
    await answered(one.door.engine.tasks.complete(token, 1, { outcome: 'great' }), one);
    const { steps } = await one.driver.engine.runs.get('run');
    expect(steps[0]?.failure?.code).toBe('OUTCOME_UNDECLARED');
  });
});

describe('an attempt outside', () => {
  test('is told within a second that its run was cancelled, and what it brings then is refused', async () => {
    const one = await openDoor();
    const { tasks } = one.door.engine;
    const { token } = await claim(one);
    expect(await answered(tasks.heartbeat(token), one)).toEqual({ isCancelled: false });
    const waiting = tasks.heartbeat(token, { wait: '20s' });
    await one.driver.engine.cancel('run', { by: 'ada' });
    expect(await answered(waiting, one, 1_000)).toEqual({ isCancelled: true });
    expect(await codeOf(() => answered(tasks.complete(token, 1), one))).toBe('TASK_LOST');
    expect((await one.driver.engine.runs.get('run')).status).toBe('cancelled');
  });

  test('lasts as long as its heartbeats come, and is lost 30 s after the last one', async () => {
    const one = await openDoor();
    const { tasks } = one.door.engine;
    const { token } = await claim(one);
    for (let beats = 0; beats < 6; beats++) {
      await pass(10_000, one);
      expect(await answered(tasks.heartbeat(token), one)).toEqual({ isCancelled: false });
    }
    await pass(45_000, one);
    expect(await eventsOfType(one.driver.engine, 'run', 'step.lost')).toHaveLength(1);
    expect(await codeOf(() => answered(tasks.complete(token, 1), one))).toBe('TASK_LOST');
    const again = await claim(one);
    expect([again.attempt, again.idempotencyKey]).toEqual([2, 'run:score']);
    await answered(tasks.complete(again.token, 2), one);
    expect((await one.driver.engine.runs.get('run')).output).toBe(2);
  });

  test('that runs out of its time is told so at its next heartbeat', async () => {
    const one = await openDoor(', timeout: 5s, retry: none');
    const { tasks } = one.door.engine;
    const offer = await claim(one);
    expect(offer.timeoutMs).toBe(5_000);
    const waiting = tasks.heartbeat(offer.token, { wait: '15s' });
    expect(await answered(waiting, one, 6_500)).toEqual({ isCancelled: true });
    const { steps } = await one.driver.engine.runs.get('run');
    expect(steps[0]?.failure?.code).toBe('STEP_TIMEOUT');
  });

  test('outlives its door: another engine of the store takes its word', async () => {
    const one = await openDoor();
    const { token } = await claim(one);
    const closing = one.door.engine.close();
    await pass(500, one);
    await closing;
    await answered(one.driver.engine.tasks.complete(token, 'late'), one);
    expect((await one.driver.engine.runs.get('run')).output).toBe('late');
  });
});

describe('a worker outside that is late, or hasty', () => {
  test('brings its outcome behind the timeout: it is told so, and the policy decides', async () => {
    const one = await openDoor(', timeout: 3s, retry: { attempts: 2, initial: 1s, jitter: 0 }');
    const { tasks } = one.door.engine;
    const { token } = await claim(one);
    await pass(4_000, one);
    expect(await codeOf(() => answered(tasks.complete(token, 'late'), one))).toBe('TASK_LOST');
    const [retried] = await eventsOfType(one.driver.engine, 'run', 'step.retried');
    expect(JSON.stringify(retried)).toContain('STEP_TIMEOUT');
  });

  test('is told at a heartbeat that its time is over: what it brings then is refused, not taken for a resend', async () => {
    const one = await openDoor(', timeout: 3s, atMostOnce: true');
    const { tasks } = one.door.engine;
    const { token } = await claim(one);
    await pass(4_000, one);
    expect(await answered(tasks.heartbeat(token), one)).toEqual({ isCancelled: true });
    expect(await codeOf(() => answered(tasks.complete(token, 'late'), one))).toBe('TASK_LOST');
    expect((await one.driver.engine.runs.get('run')).status).toBe('parked');
  });

  test('asks for a wait that is no whole number, or has no end: it is rounded, and the log can be read', async () => {
    const one = await openDoor(', retry: { attempts: 3, initial: 1s, jitter: 0 }');
    const { tasks } = one.door.engine;
    const failing = async (retryAfterMs: number): Promise<void> => {
      const { token } = await claim(one);
      const failure = { message: 'slow down', class: 'rate_limited', retryAfterMs } as const;
      await answered(tasks.fail(token, failure), one);
    };
    await failing(2_500.7);
    expect((await one.driver.engine.runs.get('run')).status).not.toBe('failed');
    await pass(3_000, one);
    await failing(1e300);
    const { reasons } = await one.driver.engine.why('run');
    expect(reasons[0]?.text).toContain('is tried again');
  });

  test('goes before it is answered: nothing has begun for it, or what had begun is lost at once', async () => {
    const one = await openDoor(', atMostOnce: true');
    const { tasks } = one.door.engine;
    const gone = AbortSignal.abort();
    expect(await answered(tasks.claim({ ...mine, signal: gone }), one)).toBeUndefined();
    expect(await eventsOfType(one.driver.engine, 'run', 'step.started')).toEqual([]);
    let looks = 0;
    const going = {
      get aborted() {
        return looks++ > 0;
      },
    } as AbortSignal; // it goes while its task is begun
    expect(await answered(tasks.claim({ ...mine, signal: going }), one)).toBeUndefined();
    await pass(500, one);
    expect(await storyOf(one.driver.engine, 'run')).toContain('step.lost score');
    const again = await claim(one);
    expect((await one.driver.engine.runs.get('run')).status).not.toBe('parked');
    expect(again.attempt).toBe(2);
  });

  test('that asks again and again keeps its row', async () => {
    const one = await openDoor();
    const ids = new Set<string>();
    for (let asked = 0; asked < 8; asked++) {
      await answered(one.door.engine.tasks.claim({ ...mine, kinds: ['function:other'] }), one, 1_000);
      for (const { id, hostname } of await one.driver.engine.workers()) if (hostname === 'py-1') ids.add(id);
    }
    expect(ids.size).toBe(1);
  });

  test('is listed while it asks, and no longer a while after', async () => {
    const one = await openDoor();
    await answered(one.door.engine.tasks.claim({ ...mine, kinds: ['function:other'] }), one);
    const names = async () => (await one.driver.engine.workers()).map(({ hostname }) => hostname);
    expect(await names()).toContain('py-1');
    await pass(6_000, one);
    expect(await names()).not.toContain('py-1');
  });
});

describe('a door', () => {
  test('leaves no row of a worker behind when it closes', async () => {
    const one = await openDoor();
    const { tasks } = one.door.engine;
    await answered(tasks.claim({ ...mine, kinds: ['function:other'] }), one);
    const names = async () => (await one.driver.engine.workers()).map(({ hostname }) => hostname);
    expect(await names()).toContain('py-1');
    const closing = one.door.engine.close();
    await pass(500, one);
    await closing;
    expect(await names()).not.toContain('py-1');
  });

  test('that was killed leaves rows that are cleared away when they have been silent for long', async () => {
    const one = await openDoor();
    await answered(one.door.engine.tasks.claim({ ...mine, kinds: ['function:other'] }), one);
    await pass(100_000, { driver: one.driver, door: one.driver });
    expect((await one.driver.engine.workers()).map(({ hostname }) => hostname)).not.toContain('py-1');
  });

  test('closes while somebody waits: the caller hears that the engine is closed', async () => {
    const one = await openDoor();
    const waiting = one.door.engine.tasks.claim({ ...mine, kinds: ['function:other'], wait: '20s' });
    const code = codeOf(() => waiting);
    await pass(100, one);
    const closing = one.door.engine.close();
    await pass(1_500, one);
    await closing;
    expect(await code).toBe('ENGINE_CLOSED');
  });

  const bad: [string, string, (one: Door) => Promise<unknown>][] = [
    ['no options', 'OPTION_INVALID', ({ door }) => door.engine.tasks.claim(null as never)],
    ['no name', 'OPTION_INVALID', ({ door }) => door.engine.tasks.claim({ ...mine, worker: '' })],
    ['no kinds', 'OPTION_INVALID', ({ door }) => door.engine.tasks.claim({ worker: 'x' } as never)],
    [
      'kinds that are none',
      'OPTION_INVALID',
      ({ door }) => door.engine.tasks.claim({ ...mine, kinds: [1] as never }),
    ],
    [
      'a queue without a name',
      'OPTION_INVALID',
      ({ door }) => door.engine.tasks.claim({ ...mine, queues: [''] }),
    ],
    ['a long wait', 'OPTION_INVALID', ({ door }) => door.engine.tasks.claim({ ...mine, wait: '1m' })],
    [
      'another option',
      'OPTION_UNKNOWN',
      ({ door }) => door.engine.tasks.claim({ ...mine, limit: 2 } as never),
    ],
    ['no token', 'TASK_TOKEN_INVALID', ({ door }) => door.engine.tasks.heartbeat(undefined as never)],
    ['a token of noise', 'TASK_TOKEN_INVALID', ({ door }) => door.engine.tasks.complete('noise', 1)],
    ['a long token', 'TASK_TOKEN_INVALID', ({ door }) => door.engine.tasks.complete('x'.repeat(5_000), 1)],
    ['a failure without words', 'OPTION_INVALID', ({ door }) => door.engine.tasks.fail('x', {} as never)],
    [
      'a failure of a class that is said of it',
      'OPTION_INVALID',
      ({ door }) => door.engine.tasks.fail('x', { message: 'm', class: 'lost' as never }),
    ],
    [
      'a usage that is none',
      'OPTION_INVALID',
      ({ door }) => door.engine.tasks.complete('x', 1, { usage: { inputTokens: -1 } }),
    ],
  ];

  test.each(bad)('refuses %s: %s', async (_what, code, call) => {
    const one = await openDoor();
    expect(await codeOf(() => answered(call(one), one))).toBe(code);
    expect((await one.driver.engine.runs.get('run')).steps[0]?.status).toBe('pending');
  });
});

test('a kind that only a worker outside has ends with its own labels', async () => {
  const store = newDatabase();
  const one = workflow({ name: 'flow' }, (ctx) => ctx.operation('a', 'rank', { n: 1 }));
  const rank = defineKind({
    name: 'rank',
    queue: 'python',
    execute: () => Promise.reject(new Error('not here')),
  });
  const driver = await openEngine([one], { store, kinds: [rank], worker: { queues: ['general'] } });
  const door = await openEngine([], { store, worker: false, seed: 2 });
  const crew = { driver, door };
  await driver.engine.start('flow', null, { id: 'run' });
  await pass(200, crew);
  const offer = await claim(crew, { kinds: ['rank'] });
  expect([offer.kind, offer.target, offer.input]).toEqual(['rank', undefined, { n: 1 }]);
  await answered(door.engine.tasks.complete(offer.token, 'first', { outcome: 'ok' }), crew);
  expect((await driver.engine.runs.get('run')).output).toBe('first');
});
