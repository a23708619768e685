/** A step is executed where its queue is served: by another worker where the one that drives the run does not serve it. */
import { defineKind, parseGraph, pawl, type StepContext, workflow, type WorkflowContext } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { pawlError } from '../../packages/pawl/src/errors/index.ts';
import {
  closeEngine,
  newDatabase,
  type OpenedEngine,
  openEngine,
  type OpenedOptions,
  openMortal,
  START,
} from './support/opened-engine.ts';
import { type Between, openBetween } from './support/between-store.ts';
import { abortOf, newGate } from './support/gate.ts';
import { codeOf, eventsOfType, storyOf } from './support/run-log.ts';
import { openStore } from './support/store-under-test.ts';

type Execute = (input: unknown, context: StepContext) => Promise<unknown>;

function renderKind(execute: Execute) {
  return defineKind({
    name: 'render',
    queue: 'gpu',
    retry: { attempts: 2, initial: '10s', jitter: 0 },
    execute: async (input: unknown, context: StepContext) => ({ output: await execute(input, context) }),
  });
}

const echo = renderKind(async (input, { workerId }) => ({ input, workerId: workerId.length > 0 }));

function flow(run: (ctx: WorkflowContext) => Promise<unknown>) {
  return workflow({ name: 'flow' }, run);
}

type Call = Parameters<WorkflowContext['operation']>[3];
const rendering = (options?: Call) => flow((ctx) => ctx.operation('x', 'render', { n: 1 }, options));

interface Crew {
  readonly driver: OpenedEngine;
  readonly worker: OpenedEngine;
  readonly store: string;
}

/** Time goes on for all of them, a little here, a little there. */
async function pass(ms: number, ...engines: readonly OpenedEngine[]): Promise<void> {
  const slice = 50;
  for (let spent = 0; spent < ms; spent += slice)
    for (const { platform } of engines) await platform.advance(slice);
}

const DRIVER = { worker: { queues: [] } } as const;
const WORKER = { worker: { queues: ['gpu'] }, seed: 2 } as const;

async function openCrew(
  one: unknown,
  { kinds = [echo], ...options }: Partial<OpenedOptions> = {},
): Promise<Crew> {
  const store = newDatabase();
  const driver = await openEngine([one], { ...DRIVER, store, kinds, ...options });
  const worker = await openEngine([], { ...WORKER, store, kinds });
  return { driver, worker, store };
}

/** The run, once its start has had the time that a step takes. */
async function begin({ driver, worker }: Crew): Promise<void> {
  await driver.engine.start('flow', null, { id: 'run' });
  await pass(1_000, driver, worker);
}

/** A run that rests needs no worker of its own. */
async function statusOf({ engine }: OpenedEngine): Promise<string> {
  const { status, hasNoWorker } = await engine.runs.get('run');
  return hasNoWorker ? `${status}, without a worker` : status;
}

const throwing = (): Promise<never> => Promise.reject(new Error('oh'));
const hung = (): Promise<never> => new Promise(() => undefined);

describe('a step whose queue its driver does not serve', () => {
  test('is executed by a worker that has no workflow at all', async () => {
    const crew = await openCrew(rendering());
    await begin(crew);
    const { engine } = crew.driver;
    expect((await engine.runs.get('run')).output).toEqual({ input: { n: 1 }, workerId: true });
    expect(await storyOf(engine, 'run')).toEqual([
      'run.created',
      'run.started',
      'step.scheduled x',
      'run.waiting',
      'step.started x',
      'step.completed x',
      'run.completed',
    ]);
    const [started] = await eventsOfType(engine, 'run', 'step.started');
    expect(started?.data).toMatchObject({ queue: 'gpu', kind: 'render', workerId: crew.worker.engine.id });
  });

  test('waits for a worker that comes later, and its run rests meanwhile', async () => {
    const store = newDatabase();
    const driver = await openEngine([rendering()], { ...DRIVER, store, kinds: [echo] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(60_000, driver);
    expect(await statusOf(driver)).toBe('waiting');
    const worker = await openEngine([], { ...WORKER, store, kinds: [echo], laterMs: 60_000 });
    await pass(500, worker, driver);
    expect(await statusOf(driver)).toBe('completed');
  });

  test('is executed by a kind that only its worker has', async () => {
    const store = newDatabase();
    const driver = await openEngine([rendering({ queue: 'gpu' })], { ...DRIVER, store });
    const worker = await openEngine([], { ...WORKER, store, kinds: [echo] });
    await begin({ driver, worker, store });
    expect(await statusOf(driver)).toBe('completed');
  });

  test('fails before anybody gets it where its input does not fit', async () => {
    const one = flow((ctx) => ctx.shell('x', '', { queue: 'gpu' }));
    const crew = await openCrew(one);
    await begin(crew);
    expect((await crew.driver.engine.runs.get('run')).failure?.code).toBe('STEP_INPUT_INVALID');
    expect(await storyOf(crew.driver.engine, 'run')).not.toContain('step.scheduled x');
  });

  test('never leaves the value of a secret on the disk', async () => {
    const leaking = defineKind({
      name: 'leaking',
      execute: async (_input, { secret }) => ({ output: Buffer.from(secret('KEY')).toString('hex') }),
    });
    const one = flow(async (ctx) => {
      const hidden = await ctx.operation<string>('y', 'leaking');
      return ctx.operation('x', 'render', { key: Buffer.from(hidden, 'hex').toString() });
    });
    const kinds = [echo, leaking];
    const worker = { queues: ['general'] };
    const { driver, worker: other } = await openCrew(one, { kinds, worker, secrets: () => 'hushhush' });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver, other);
    const { failure } = await driver.engine.runs.get('run');
    expect(failure?.code).toBe('TASK_HOLDS_SECRET');
    expect(JSON.stringify(failure)).not.toContain('hush');
  });

  test('waits for nobody where it is a function in the code of the workflow, or takes no time', async () => {
    const one = flow(async (ctx) => [
      await ctx.step('a', () => 1),
      await ctx.operation('b', 'condition', { branch: 'yes' }),
    ]);
    const driver = await openEngine([one], DRIVER);
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(500, driver);
    expect(await statusOf(driver)).toBe('completed');
  });

  test('is offered to every worker, the one that drives the run included, where it is dispatched', async () => {
    const alone = await openEngine([rendering({ dispatch: true })], { kinds: [echo] });
    await alone.engine.start('flow', null, { id: 'run' });
    await pass(500, alone);
    expect(await statusOf(alone)).toBe('completed');
    expect(await storyOf(alone.engine, 'run')).toContain('step.scheduled x');
    const here = await openEngine([rendering()], { kinds: [echo] });
    await here.engine.start('flow', null, { id: 'run' });
    await pass(500, here);
    expect(await storyOf(here.engine, 'run')).not.toContain('step.scheduled x');
  });
});

describe('attempts of a step that is dispatched', () => {
  test('follow its policy: the driver schedules the next one when it is due', async () => {
    const kind = renderKind(async (_input, { attempt }) => {
      if (attempt === 1) throw new Error('not yet');
      return attempt;
    });
    const crew = await openCrew(rendering(), { kinds: [kind] });
    await begin(crew);
    const { driver, worker } = crew;
    await pass(8_000, driver, worker);
    expect(await storyOf(driver.engine, 'run')).not.toContain('run.completed');
    await pass(3_000, driver, worker);
    expect((await driver.engine.runs.get('run')).output).toBe(2);
    const scheduled = await eventsOfType(driver.engine, 'run', 'step.scheduled');
    expect(scheduled.map(({ data }) => data.attempt ?? 1)).toEqual([1, 2]);
    expect(await storyOf(driver.engine, 'run')).not.toContain('step.lost x');
  });

  test('are limited in time where they are executed, and fail for good when they are used up', async () => {
    const crew = await openCrew(rendering({ timeout: '2s' }), { kinds: [renderKind(hung)] });
    await begin(crew);
    await pass(26_000, crew.driver, crew.worker);
    const { failure } = await crew.driver.engine.runs.get('run');
    expect(failure?.code).toBe('STEP_TIMEOUT');
    expect(await eventsOfType(crew.driver.engine, 'run', 'step.started')).toHaveLength(2);
  });

  test('J5 are all over at the deadline of the step, which counts from the moment it was scheduled', async () => {
    const store = newDatabase();
    const driver = await openEngine([rendering({ deadline: '5s' })], { ...DRIVER, store, kinds: [echo] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(4_900, driver);
    expect(await statusOf(driver)).toBe('waiting');
    await pass(300, driver);
    expect((await driver.engine.runs.get('run')).failure?.code).toBe('STEP_DEADLINE');
    const worker = await openEngine([], { ...WORKER, store, kinds: [echo], laterMs: 5_200 });
    await pass(500, worker, driver);
    expect(await eventsOfType(driver.engine, 'run', 'step.started')).toEqual([]);
  });

  test('record what they report and how they progress', async () => {
    const kind = renderKind(async (_input, { report, progress }) => {
      report({ inputTokens: 3, outputTokens: 4 });
      progress({ percent: 50 });
      return 1;
    });
    const crew = await openCrew(rendering(), { kinds: [kind] });
    await begin(crew);
    const run = await crew.driver.engine.runs.get('run');
    expect(run.usage).toMatchObject({ inputTokens: 3, outputTokens: 4 });
    expect(await storyOf(crew.driver.engine, 'run')).toContain('step.progressed x');
  });

  test('J7 get the slots that their worker has, and no more', async () => {
    let executing = 0;
    let most = 0;
    const kind = renderKind(async () => {
      most = Math.max(most, ++executing);
      await new Promise<void>((resolve) => void worker.platform.setTimer(1_000, resolve));
      return executing--;
    });
    const one = flow((ctx) =>
      ctx
        .map('all', [...Array(9).keys()], (_item, c) => c.operation('x', 'render'))
        .then((list) => list.length),
    );
    const store = newDatabase();
    const driver = await openEngine([one], { ...DRIVER, store, kinds: [kind] });
    const worker: OpenedEngine = await openEngine([], {
      store,
      kinds: [kind],
      seed: 2,
      worker: { queues: ['gpu'], slots: 2 },
    });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(6_500, driver, worker);
    expect([(await driver.engine.runs.get('run')).output, most]).toEqual([9, 2]);
  });
});

describe('a worker that dies in an attempt', () => {
  test('J12 loses it, uses up no attempt, and the next one carries the same idempotency key', async () => {
    const keys: string[] = [];
    const dying = renderKind((_input, { idempotencyKey }) => (keys.push(idempotencyKey), hung()));
    const living = renderKind(async (_input, { idempotencyKey, attempt }) => {
      keys.push(idempotencyKey);
      return attempt;
    });
    const store = newDatabase();
    const driver = await openEngine([rendering({ retry: 'none' })], { ...DRIVER, store, kinds: [echo] });
    const victim = await openMortal([], { ...WORKER, store, kinds: [dying] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver, victim);
    const heir = await openEngine([], { ...WORKER, seed: 3, store, kinds: [living], laterMs: 1_000 });
    await pass(2_000, driver, heir);
    expect(keys).toHaveLength(1);
    await victim.kill();
    await pass(2_000, driver, heir);
    expect((await driver.engine.runs.get('run')).output).toBe(2);
    expect(new Set(keys).size).toBe(1);
    expect((await storyOf(driver.engine, 'run')).filter((line) => line.endsWith(' x'))).toEqual([
      'step.scheduled x',
      'step.started x',
      'step.lost x',
      'step.scheduled x',
      'step.started x',
      'step.completed x',
    ]);
  });

  test('is noticed by the driver too, which serves no queue: the step then waits for a worker', async () => {
    const store = newDatabase();
    const driver = await openEngine([rendering()], { ...DRIVER, store, kinds: [echo] });
    const victim = await openMortal([], { ...WORKER, store, kinds: [renderKind(hung)] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver, victim);
    await victim.kill();
    await pass(7_000, driver);
    expect((await driver.engine.runs.get('run')).steps[0]).toMatchObject({ status: 'pending', attempt: 2 });
  });

  test('five times in a row: the run parks, and a person decides', async () => {
    const store = newDatabase();
    const driver = await openEngine([rendering()], { ...DRIVER, store, kinds: [echo] });
    await driver.engine.start('flow', null, { id: 'run' });
    for (let round = 0; round < 5; round += 1) {
      const laterMs = round * 8_000;
      const victim = await openMortal([], {
        ...WORKER,
        seed: 10 + round,
        store,
        kinds: [renderKind(hung)],
        laterMs,
      });
      await pass(1_000, driver, victim);
      await victim.kill();
      await pass(7_000, driver);
    }
    expect((await driver.engine.runs.get('run')).parked).toMatchObject({ reason: 'poisoned', path: 'x' });
    await driver.engine.resume('run');
    await pass(500, driver);
    expect(await statusOf(driver)).toBe('parked');
    await driver.engine.retry('run');
    const worker = await openEngine([], { ...WORKER, seed: 20, store, kinds: [echo], laterMs: 41_000 });
    await pass(1_000, driver, worker);
    expect(await statusOf(driver)).toBe('completed');
  });

  test('of an at-most-once step: nobody fires it again before a person says that it did not happen', async () => {
    const store = newDatabase();
    const once = rendering({ atMostOnce: true });
    const driver = await openEngine([once], { ...DRIVER, store, kinds: [echo] });
    const victim = await openMortal([], { ...WORKER, store, kinds: [renderKind(hung)] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver, victim);
    await victim.kill();
    const worker = await openEngine([], { ...WORKER, seed: 3, store, kinds: [echo], laterMs: 1_000 });
    await pass(7_000, driver, worker);
    expect((await driver.engine.runs.get('run')).parked?.reason).toBe('unknown_effect');
    await driver.engine.retry('run');
    await pass(1_000, driver, worker);
    expect(await statusOf(driver)).toBe('completed');
    expect(await eventsOfType(driver.engine, 'run', 'step.started')).toHaveLength(2);
  });

  test.each([
    [{ happened: true, output: 'found' }, 'found', 1],
    [{ happened: false }, { input: { n: 1 }, workerId: true }, 2],
  ] as const)('of an at-most-once step: reconcile answers %o', async (answer, output, starts) => {
    const store = newDatabase();
    const once = rendering({ atMostOnce: true, reconcile: () => answer });
    const driver = await openEngine([once], { ...DRIVER, store, kinds: [echo] });
    const victim = await openMortal([], { ...WORKER, store, kinds: [renderKind(hung)] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver, victim);
    await victim.kill();
    const worker = await openEngine([], { ...WORKER, seed: 3, store, kinds: [echo], laterMs: 1_000 });
    await pass(8_000, driver, worker);
    expect((await driver.engine.runs.get('run')).output).toEqual(output);
    expect(await eventsOfType(driver.engine, 'run', 'step.started')).toHaveLength(starts);
    const [end] = await eventsOfType(driver.engine, 'run', 'step.completed');
    expect(end?.data.answered).toBe(answer.happened || undefined);
  });

  test('of an at-most-once step, as far as its silence tells: nobody judges it before it is surely gone', async () => {
    const store = newDatabase();
    const once = rendering({ atMostOnce: true });
    const driver = await openEngine([once], { ...DRIVER, store, kinds: [echo] });
    const stopped = await openEngine([], { ...WORKER, store, kinds: [renderKind(hung)] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver, stopped);
    await pass(50_000, driver);
    expect(await statusOf(driver)).toBe('running');
    await pass(20_000, driver);
    expect((await driver.engine.runs.get('run')).parked?.reason).toBe('unknown_effect');
  });

  test('and is only silent keeps nobody from closing', async () => {
    const store = newDatabase();
    const once = rendering({ atMostOnce: true });
    const driver = await openEngine([once], { ...DRIVER, store, kinds: [echo] });
    const stopped = await openEngine([], { ...WORKER, store, kinds: [renderKind(hung)] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver, stopped);
    await pass(45_000, driver);
    const [row] = (await driver.engine.workers()).filter(({ id }) => id === driver.engine.id);
    const closing = driver.engine.close().then(() => 'closed');
    await pass(1_000, driver);
    expect([row?.tasks, await Promise.race([closing, Promise.resolve('not yet')])]).toEqual([1, 'closed']);
  });

  test('J13 is taken for dead when it is silent for too long, and what it brings later is refused', async () => {
    const gate = newGate<string>();
    const kind = renderKind(() => gate.opened);
    const store = newDatabase();
    const driver = await openEngine([rendering()], { ...DRIVER, store, kinds: [echo] });
    const stopped = await openEngine([], { ...WORKER, store, kinds: [kind] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver, stopped);
    const heir = await openEngine([], { ...WORKER, seed: 3, store, kinds: [echo], laterMs: 1_000 });
    await pass(28_000, driver, heir);
    expect(await storyOf(driver.engine, 'run')).not.toContain('step.lost x');
    await pass(12_000, driver, heir);
    expect(await statusOf(driver)).toBe('completed');
    gate.open('too late');
    await pass(1_000, stopped, driver);
    expect((await driver.engine.runs.get('run')).output).toEqual({ input: { n: 1 }, workerId: true });
    expect(await eventsOfType(driver.engine, 'run', 'step.completed')).toHaveLength(1);
  });
});

test('a claim whose answer was lost strands no task', async () => {
  const path = newDatabase();
  const driver = await openEngine([rendering()], { ...DRIVER, store: path, kinds: [echo] });
  await driver.engine.start('flow', null, { id: 'run' });
  await pass(200, driver);
  const platform = fakePlatform({ seed: 9, startMs: START + 200 });
  const inner = await openStore(platform, path);
  let lost = 0;
  const store = new Proxy(inner, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      if (property !== 'claimTasks') return value.bind(target) as unknown;
      return async (request: Parameters<typeof inner.claimTasks>[0]) => {
        const tasks = await inner.claimTasks(request);
        if (tasks.length > 0 && lost++ === 0)
          throw pawlError('STORE_UNKNOWN', { problem: 'the answer was lost' });
        return tasks;
      };
    },
  });
  const engine = await pawl.open({ store, platform, worker: { queues: ['gpu'] }, kinds: [echo] });
  const worker = { engine, platform };
  await pass(3_000, driver, worker);
  expect([lost, await statusOf(driver)]).toEqual([1, 'completed']);
  await closeEngine(worker);
});

describe('a driver that dies while a step is out', () => {
  test.each([
    ['before its worker has it', false],
    ['while its worker executes it', true],
  ])('is succeeded by one that waits for the task: %s', async (_when, isClaimed) => {
    const gate = newGate<string>();
    let fired = 0;
    const kind = renderKind(() => (fired++, gate.opened));
    const store = newDatabase();
    const first = await openMortal([rendering()], { ...DRIVER, seed: 5, store, kinds: [echo] });
    const worker = await openEngine([], { ...WORKER, store, kinds: [kind] });
    await first.engine.start('flow', null, { id: 'run' });
    await pass(isClaimed ? 1_000 : 100, first);
    if (isClaimed) await pass(1_000, worker);
    await first.kill();
    const second = await openEngine([rendering()], {
      ...DRIVER,
      seed: 6,
      store,
      kinds: [echo],
      laterMs: 2_000,
    });
    await pass(2_000, second, worker);
    gate.open('done once');
    await pass(2_000, second, worker);
    expect((await second.engine.runs.get('run')).output).toBe('done once');
    expect(fired).toBe(1);
    expect(await storyOf(second.engine, 'run')).not.toContain('step.lost x');
  });
});

test('an attempt that a driver executes by itself is no task, whatever the one before was', async () => {
  const store = newDatabase();
  const first = await openMortal([rendering()], { ...DRIVER, seed: 5, store, kinds: [echo] });
  const victim = await openMortal([], { ...WORKER, store, kinds: [renderKind(hung)] });
  await first.engine.start('flow', null, { id: 'run' });
  await pass(1_000, first, victim);
  await victim.kill();
  await pass(7_000, first);
  await first.kill();
  const second = await openMortal([rendering({ queue: 'cpu' })], {
    worker: { queues: ['cpu'] },
    seed: 6,
    store,
    kinds: [renderKind(hung)],
    laterMs: 8_000,
  });
  await pass(1_000, second);
  const worker = await openEngine([], {
    ...WORKER,
    seed: 7,
    store,
    kinds: [renderKind(throwing)],
    laterMs: 9_000,
  });
  await pass(14_000, second, worker);
  expect(await statusOf(worker)).toBe('running');
  await second.kill();
  const third = await openEngine([rendering()], { seed: 8, store, kinds: [echo], laterMs: 24_000 });
  await pass(9_000, third);
  expect(await statusOf(third)).toBe('completed');
});

describe('a step that is out and not wanted any more', () => {
  /** Its kind notes when it is aborted, in the time of its worker. */
  async function openAborted(one: unknown) {
    const aborted: number[] = [];
    const kind = renderKind(async (_input, { signal }) => {
      await abortOf(signal);
      aborted.push(worker.platform.clock.now());
      throw new Error('aborted');
    });
    const { driver, worker, store } = await openCrew(one, { kinds: [kind] });
    return { driver, worker, store, aborted };
  }

  test('is aborted within a second when its run is cancelled', async () => {
    const { aborted, ...crew } = await openAborted(rendering());
    await begin(crew);
    const { driver, worker } = crew;
    const cancelledAt = worker.platform.clock.now();
    await driver.engine.cancel('run');
    await pass(1_000, driver, worker);
    expect(await statusOf(driver)).toBe('cancelled');
    expect(aborted).toHaveLength(1);
    expect((aborted[0] ?? 0) - cancelledAt).toBeLessThanOrEqual(1_000);
    expect((await storyOf(driver.engine, 'run')).at(-1)).toBe('run.cancelled');
  });

  test('is aborted when it loses a race', async () => {
    const one = flow((ctx) =>
      ctx.race('r', {
        a: (c) => c.operation('x', 'render'),
        b: (c) => c.sleep('s', '2s').then(() => 'slept'),
      }),
    );
    const { aborted, ...crew } = await openAborted(one);
    await begin(crew);
    const { driver, worker } = crew;
    expect(aborted).toEqual([]);
    await pass(2_000, driver, worker);
    expect((await driver.engine.runs.get('run')).output).toEqual({ winner: 'b', value: 'slept' });
    expect(aborted).toHaveLength(1);
    expect(await eventsOfType(driver.engine, 'run', 'step.cancelled')).toHaveLength(1);
  });

  test('is aborted when its run fails, and records nothing behind the end', async () => {
    const one = flow(async (ctx) => {
      void ctx.operation('x', 'render');
      await ctx.sleep('s', '2s');
      throw new Error('it is over');
    });
    const { aborted, ...crew } = await openAborted(one);
    await begin(crew);
    await pass(2_000, crew.driver, crew.worker);
    expect(await statusOf(crew.driver)).toBe('failed');
    expect(aborted).toHaveLength(1);
  });

  test('is aborted at the deadline of the step, by its own worker or by the driver', async () => {
    const { aborted, ...crew } = await openAborted(rendering({ deadline: '3s' }));
    await begin(crew);
    await pass(3_500, crew.driver, crew.worker);
    expect((await crew.driver.engine.runs.get('run')).failure?.code).toBe('STEP_DEADLINE');
    expect(aborted).toHaveLength(1);
  });

  test('before its task was even written is never begun', async () => {
    const one = flow(async (ctx) => {
      const { winner } = await ctx.race('r', {
        a: (c) => c.operation('x', 'render'),
        b: async () => 'at once',
      });
      await ctx.sleep('s', '5s');
      return winner;
    });
    const { aborted, ...crew } = await openAborted(one);
    await begin(crew);
    await pass(6_000, crew.driver, crew.worker);
    expect((await crew.driver.engine.runs.get('run')).output).toBe('b');
    expect(await storyOf(crew.driver.engine, 'run')).not.toContain('step.started x');
    expect(aborted).toEqual([]);
  });

  test('does not fire where it is withdrawn between its claim and its start', async () => {
    let fired = 0;
    const kind = renderKind(async () => fired++);
    const path = newDatabase();
    const driver = await openEngine([rendering()], { ...DRIVER, store: path, kinds: [echo] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(200, driver);
    const platform = fakePlatform({ seed: 9, startMs: START + 200 });
    let begins = 0;
    const before = async (batches: readonly { readonly events: readonly { readonly type: string }[] }[]) => {
      if (!batches.some(({ events }) => events.some(({ type }) => type === 'step.started'))) return;
      if (begins++ > 0) return;
      await driver.engine.cancel('run');
      await pass(200, driver);
    };
    const { store } = await openBetween(platform, { before }, path);
    const engine = await pawl.open({ store, platform, worker: { queues: ['gpu'] }, kinds: [kind] });
    const worker = { engine, platform };
    await pass(2_000, worker, driver);
    expect([begins, fired, await statusOf(driver)]).toEqual([1, 0, 'cancelled']);
    await closeEngine(worker);
  });

  test('is withdrawn with a cancel that comes while its task is on its way to the disk', async () => {
    const path = newDatabase();
    const gate = newGate();
    const platform = fakePlatform({ seed: 9, startMs: START });
    let cancels = 0;
    const before: Between['before'] = async (batches, inner) => {
      const start = batches.find(({ events }) => events.some(({ type }) => type === 'step.started'));
      if (!start || cancels++ > 0) return;
      const event = { type: 'run.cancel_requested', data: {} } as const;
      await inner.commit([{ run: start.run, fence: 'external', events: [event], wakes: 'always' }]);
      gate.open();
      await platform.settle();
    };
    const { store } = await openBetween(platform, { before }, path);
    const one = flow(async (ctx) => {
      await ctx.step('a', () => gate.opened);
      return await ctx.operation('x', 'render');
    });
    const engine = await pawl.open({ ...DRIVER, store, platform, workflows: [one], kinds: [echo] });
    const driver = { engine, platform };
    await engine.start('flow', null, { id: 'run' });
    await pass(1_000, driver);
    const story = await storyOf(engine, 'run');
    expect([cancels, story.at(-1)]).toEqual([1, 'run.cancelled']);
    expect(story.filter((line) => line.endsWith(' x'))).toEqual(['step.scheduled x', 'step.cancelled x']);
    await closeEngine(driver);
  });

  test('that nobody has begun is never begun', async () => {
    const store = newDatabase();
    const driver = await openEngine([rendering()], { ...DRIVER, store, kinds: [echo] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(200, driver);
    await driver.engine.cancel('run');
    await pass(200, driver);
    expect(await statusOf(driver)).toBe('cancelled');
    const worker = await openEngine([], { ...WORKER, store, kinds: [echo], laterMs: 400 });
    await pass(500, worker);
    expect(await storyOf(driver.engine, 'run')).not.toContain('step.started x');
  });
});

describe('a pause', () => {
  test('lets an attempt that is out finish, and nobody begin another one', async () => {
    const gate = newGate<string>();
    const kind = renderKind(() => gate.opened);
    const one = flow(async (ctx) => [await ctx.operation('x', 'render'), await ctx.operation('y', 'render')]);
    const crew = await openCrew(one, { kinds: [kind] });
    await begin(crew);
    const { driver, worker } = crew;
    await driver.engine.pause('run');
    gate.open('done');
    await pass(1_000, driver, worker);
    expect(await storyOf(driver.engine, 'run')).toContain('step.completed x');
    expect(await storyOf(driver.engine, 'run')).not.toContain('step.scheduled y');
    await driver.engine.resume('run');
    await pass(1_000, driver, worker);
    expect((await driver.engine.runs.get('run')).output).toEqual(['done', 'done']);
  });

  test('holds back what no worker has begun', async () => {
    const store = newDatabase();
    const driver = await openEngine([rendering()], { ...DRIVER, store, kinds: [echo] });
    await driver.engine.start('flow', null, { id: 'run' });
    await pass(200, driver);
    await driver.engine.pause('run');
    const worker = await openEngine([], { ...WORKER, store, kinds: [echo], laterMs: 200 });
    await pass(1_000, driver, worker);
    expect(await storyOf(driver.engine, 'run')).not.toContain('step.started x');
    await driver.engine.resume('run');
    await pass(1_000, driver, worker);
    expect(await statusOf(driver)).toBe('completed');
  });
});

describe('a worker that closes', () => {
  test('lets its attempts finish, and gives back what it has not begun', async () => {
    const gate = newGate<string>();
    const kind = renderKind(() => gate.opened);
    const crew = await openCrew(rendering(), { kinds: [kind] });
    await begin(crew);
    const { driver, worker } = crew;
    const closing = worker.engine.close();
    await pass(1_000, driver, worker);
    gate.open('finished');
    await pass(500, driver, worker);
    await closing;
    expect((await driver.engine.runs.get('run')).output).toBe('finished');
  });

  test('aborts what does not end in time, which is lost and tried again elsewhere', async () => {
    const kind = renderKind((_input, { signal }) => abortOf(signal).then(() => 'aborted'));
    const crew = await openCrew(rendering(), { kinds: [kind] });
    await begin(crew);
    const { driver, worker, store } = crew;
    const closing = worker.engine.close({ timeout: '1s' });
    await pass(8_000, driver, worker);
    await closing;
    const heir = await openEngine([], { ...WORKER, seed: 3, store, kinds: [echo], laterMs: 9_000 });
    await pass(7_000, driver, heir);
    expect(await statusOf(driver)).toBe('completed');
    expect(await storyOf(driver.engine, 'run')).toContain('step.lost x');
  });
});

describe('queues', () => {
  test.each([
    ['OPTION_INVALID', { queues: 'gpu' }],
    ['NAME_INVALID', { queues: ['a b'] }],
  ])('of an engine are names: %s', async (code, worker) => {
    expect(await codeOf(() => openEngine([], { worker } as never))).toBe(code);
  });

  test('of a call are names, and a function has none', async () => {
    const bad = await openEngine([rendering({ queue: 'a b' })], { kinds: [echo] });
    await bad.engine.start('flow', null, { id: 'run' });
    await pass(200, bad);
    expect((await bad.engine.runs.get('run')).failure?.code).toBe('NAME_INVALID');
  });
});

describe('a step of a graph', () => {
  const document = `
pawl: 1
workflow: flow
version: "1"
steps:
  draw: { kind: function, with: { function: draw, input: { n: 2 } }, queue: gpu, retry: none }
  pick: { kind: condition, with: { branches: [{ name: big, when: "steps.draw.output > 1" }], default: small } }
  tell: { kind: function, with: { function: tell } }
edges:
  - draw -> pick
  - { from: pick, to: tell, on: big }
`;

  test('waits for a worker of its queue, whose functions the driver does not have', async () => {
    const store = newDatabase();
    const one = parseGraph(document);
    const driver = await openEngine([one], {
      store,
      functions: { tell: () => 'told' },
      worker: { queues: ['general'] },
    });
    const worker = await openEngine([], { ...WORKER, store, functions: { draw: () => 2 } });
    await begin({ driver, worker, store });
    expect((await driver.engine.runs.get('run')).failure).toBeUndefined();
    expect(await statusOf(driver)).toBe('completed');
    expect(await storyOf(driver.engine, 'run')).toContain('step.scheduled draw');
    expect(await eventsOfType(driver.engine, 'run', 'step.scheduled')).toHaveLength(1);
  });

  test('J9 is refused where the queue is served here and nobody has its function', async () => {
    const options = { functions: { tell: () => 'told' } };
    expect(await codeOf(() => openEngine([parseGraph(document)], options))).toBe('GRAPH_UNSERVED');
  });

  test.each([
    ['sleep', 'with: { for: 1s }'],
    ['workflow', 'with: { workflow: other }'],
  ])('of kind %s has no queue', async (kind, given) => {
    const bad = `
pawl: 1
workflow: flow
version: "1"
steps:
  a: { kind: ${kind}, ${given}, queue: gpu }
`;
    expect(() => parseGraph(bad)).toThrow(`a step of kind ${kind} is no work for a queue`);
  });
});

describe('people see a step that is dispatched', () => {
  test('wait for a worker of its queue, with the command that brings one, and run on one', async () => {
    const store = newDatabase();
    const gate = newGate<string>();
    const kind = renderKind(() => gate.opened);
    const driver = await openEngine([rendering()], { ...DRIVER, store, kinds: [echo] });
    const { engine } = driver;
    await engine.start('flow', null, { id: 'run' });
    await pass(200, driver);
    const [none] = (await engine.why('run')).reasons;
    expect(none?.text).toContain('no_queue_worker: no live worker serves queue "gpu"');
    expect(none?.command).toBe('pawl worker --queue gpu');
    expect((await engine.runs.get('run')).steps[0]).toMatchObject({ status: 'pending', queue: 'gpu' });
    const worker = await openMortal([], { ...WORKER, store, kinds: [kind], laterMs: 200 });
    await pass(500, driver, worker);
    const [some] = (await engine.why('run')).reasons;
    expect(some?.text).toContain(`on worker ${worker.engine.id} (attempt 1)`);
    const [step] = (await engine.runs.get('run')).steps;
    expect(step).toMatchObject({ status: 'running', workerId: worker.engine.id });
    expect(step?.isLost).toBeUndefined();
    const rows = await engine.workers();
    expect(rows.map(({ queues, tasks }) => [queues, tasks])).toEqual([
      [[], 0],
      [['gpu'], 1],
    ]);
    await worker.kill();
    expect((await engine.runs.get('run')).steps[0]?.isLost).toBe(true);
    expect((await engine.why('run')).reasons[0]?.text).toContain('was lost with worker');
  });
});
