/** An attempt with a `heartbeat` that gives no sign of life for so long has timed out, wherever it is executed. */
import { defineKind, parseGraph, type StepContext, type StepTools, workflow } from 'pawl';
import type { FakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { newDatabase, type OpenedEngine, openEngine } from './support/opened-engine.ts';
import { eventsOfType } from './support/run-log.ts';

const hung = (): Promise<never> => new Promise(() => undefined);

/** Lasts 20 s, with a sign each 2 s. */
async function lively(platform: () => FakePlatform, sign: () => void): Promise<string> {
  for (let n = 0; n < 10; n++) {
    await new Promise<void>((resolve) => void platform().setTimer(2_000, resolve));
    sign();
  }
  return 'done';
}

function flow(run: (tools: StepTools) => unknown) {
  return workflow({ name: 'flow' }, (ctx) =>
    ctx.step('a', run, { heartbeat: '5s', retry: { attempts: 2, initial: '1s', jitter: 0 } }),
  );
}

async function begun(one: Parameters<typeof openEngine>[0][number], options = {}): Promise<OpenedEngine> {
  const opened = await openEngine([one], options);
  await opened.engine.start('flow', null, { id: 'run' });
  return opened;
}

describe('a function with a heartbeat', () => {
  test('that gives no sign has timed out, and is tried again', async () => {
    const { engine, platform } = await begun(flow(hung));
    await platform.advance(4_900);
    expect(await eventsOfType(engine, 'run', 'step.retried')).toEqual([]);
    await platform.advance(200);
    expect(await eventsOfType(engine, 'run', 'step.retried')).toHaveLength(1);
    await platform.advance(7_000);
    const { failure } = await engine.runs.get('run');
    expect([failure?.code, failure?.class]).toEqual(['STEP_HEARTBEAT', 'timeout']);
    expect(failure?.message).toContain('no sign of life for 5.0 s');
  });

  test.each<[string, (tools: StepTools) => void]>([
    ['heartbeat', ({ heartbeat }) => heartbeat()],
    ['progress', ({ progress }) => progress(1)],
  ])('lasts as long as it gives signs by %s', async (_how, sign) => {
    const { engine, platform }: OpenedEngine = await begun(
      flow((tools) =>
        lively(
          () => platform,
          () => sign(tools),
        ),
      ),
    );
    await platform.advance(21_000);
    expect((await engine.runs.get('run')).output).toBe('done');
  });

  test('that falls silent after its signs has timed out as well', async () => {
    const { engine, platform }: OpenedEngine = await begun(
      flow(async ({ heartbeat }) => {
        await new Promise<void>((resolve) => void platform.setTimer(3_000, resolve));
        heartbeat();
        await hung();
      }),
    );
    await platform.advance(7_900);
    expect(await eventsOfType(engine, 'run', 'step.retried')).toEqual([]);
    await platform.advance(200);
    expect(await eventsOfType(engine, 'run', 'step.retried')).toHaveLength(1);
  });

  test('that has ended is watched no longer', async () => {
    const { engine, platform } = await begun(flow(() => Promise.resolve(1)));
    await platform.advance(10_000);
    expect((await engine.runs.get('run')).output).toBe(1);
    expect(await eventsOfType(engine, 'run', 'step.retried')).toEqual([]);
  });
});

const graph = (kind: string) =>
  parseGraph(`
pawl: 1
workflow: flow
version: "1"
steps:
  a: { ${kind}, heartbeat: 5s, retry: none }
`);

describe('a step of a graph with a heartbeat', () => {
  test('has timed out where it gives no sign', async () => {
    const one = graph('kind: function, with: { function: work }');
    const { engine, platform } = await begun(one, { functions: { work: hung } });
    await platform.advance(11_500); // a kind that is hung is left behind 6 s after it was stopped
    const { failure, steps } = await engine.runs.get('run');
    expect(steps[0]?.failure?.code ?? failure?.code).toBe('STEP_HEARTBEAT');
  });

  test.each(['kind: approval, with: { message: go }', 'kind: sleep, with: { for: 1s }'])(
    'is refused where there is no attempt: %s',
    (kind) => {
      expect(() => graph(kind)).toThrow('has no attempts');
    },
  );
});

test('an attempt on another worker gives its signs there', async () => {
  const store = newDatabase();
  let calls = 0;
  const render = defineKind({
    name: 'render',
    queue: 'gpu',
    execute: async (_input: unknown, { heartbeat }: StepContext) =>
      ++calls === 1 ? hung() : { output: await lively(() => worker.platform, heartbeat) },
  });
  const one = workflow({ name: 'flow' }, (ctx) =>
    ctx.operation('a', 'render', null, { heartbeat: '5s', retry: { attempts: 2, initial: '1s', jitter: 0 } }),
  );
  const driver = await openEngine([one], { store, kinds: [render], worker: { queues: [] } });
  const worker: OpenedEngine = await openEngine([], {
    store,
    kinds: [render],
    seed: 2,
    worker: { queues: ['gpu'] },
  });
  await driver.engine.start('flow', null, { id: 'run' });
  for (let spent = 0; spent < 34_000; spent += 100)
    for (const { platform } of [driver, worker]) await platform.advance(100);
  const [retried] = await eventsOfType(driver.engine, 'run', 'step.retried');
  expect(JSON.stringify(retried)).toContain('STEP_HEARTBEAT');
  expect((await driver.engine.runs.get('run')).output).toBe('done');
});
