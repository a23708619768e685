/** Finalizers have their time and no more: a run that fails, completes or is cancelled comes to its end, whatever they wait for. */
import { type AnyWorkflow, type FunctionTools, TerminalError, workflow } from 'pawl';
import { describe, expect, test } from 'vitest';
import { graphOf, hang, played } from './support/graph-world.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { eventsOf, storyOf } from './support/run-log.ts';

const MINUTE_MS = 60_000;

/** A function that notes the path of its step. */
function noting() {
  const calls: string[] = [];
  const note = (input: unknown, { path }: FunctionTools): unknown => (calls.push(path), input);
  return { calls, note };
}

const endless: AnyWorkflow = workflow({ name: 'endless' }, async (ctx) => {
  await ctx.signal('never');
});

/** A run that waits, what it does in the end, and something behind that. */
const ending = (finalizer: string): string => `steps:
  wait: { kind: signal, with: { name: go } }
  last: { ${finalizer}, finalize: always }
  clean: { kind: function, with: { function: note }, finalize: always }
edges: [{ from: wait, to: end, on: "*" }]
`;

const FINALIZERS = [
  ['an approval', 'kind: approval, with: { message: m }', 'wait.cancelled last'],
  [
    'an approval that its far deadline would give',
    'kind: approval, with: { message: m, deadline: 1d, onTimeout: approve }',
    'wait.cancelled last',
  ],
  ['a signal', 'kind: signal', 'wait.cancelled last'],
  ['an answer', 'kind: input, with: { message: m }', 'wait.cancelled last'],
  ['a person', 'kind: escalate, with: { to: "human:ops", message: m }', 'wait.cancelled last'],
  ['a long sleep', 'kind: sleep, with: { for: 1d }', 'wait.cancelled last'],
  ['a child', 'kind: workflow, with: { workflow: endless }', 'child.ended last'],
  [
    'items that wait',
    'kind: map, with: { items: [1, 2, 3], concurrency: 2, step: { kind: signal } }',
    'wait.cancelled last/item:1/step',
  ],
] as const;

describe.each(FINALIZERS)('a finalizer that waits for %s', (_what, finalizer, told) => {
  test('ends with its minute where the run is cancelled, and what follows it runs', async () => {
    const { calls, note } = noting();
    const { engine, platform } = await played(ending(finalizer), { functions: { note }, also: [endless] });
    await engine.cancel('run');
    await platform.advance(MINUTE_MS - 1_000);
    expect(calls).toEqual([]);
    await platform.advance(10_000);
    expect([(await engine.runs.get('run')).status, calls]).toEqual(['cancelled', ['clean']]);
    const story = await storyOf(engine, 'run');
    expect(story).toContain(told);
    expect(story).toContain('marker.recorded :deadline/last');
  });

  test('fails a run that had completed', async () => {
    const { calls, note } = noting();
    const { engine, platform } = await played(ending(finalizer), { functions: { note }, also: [endless] });
    await engine.signal('run', 'go');
    await platform.advance(MINUTE_MS + 10_000);
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'failed',
      failure: { code: 'FINALIZE_FAILED', path: 'last', cause: { code: 'STEP_DEADLINE', class: 'timeout' } },
      failedSteps: ['last'],
    });
    expect(calls).toEqual(['clean']);
  });

  test('ends in another process too, in which nobody was when its time was over', async () => {
    const store = newDatabase();
    const { calls, note } = noting();
    const workflows = [graphOf(ending(finalizer)), endless];
    const first = await openMortal(workflows, { store, functions: { note } });
    await first.engine.start('w', {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.engine.cancel('run');
    await first.platform.advance(10_000);
    await first.kill();
    const options = { store, functions: { note }, seed: 2, laterMs: 10 * MINUTE_MS };
    const second = await openEngine(workflows, options);
    await second.platform.advance(10_000);
    expect([(await second.engine.runs.get('run')).status, calls]).toEqual(['cancelled', ['clean']]);
  });
});

describe('a finalizer', () => {
  test('says in the log why its wait was cancelled', async () => {
    const { note } = noting();
    const { engine, platform } = await played(ending('kind: signal'), { functions: { note } });
    await engine.cancel('run');
    await platform.advance(2 * MINUTE_MS);
    const cancelled = (await eventsOf(engine, 'run')).find(
      ({ type, path }) => type === 'wait.cancelled' && path === 'last',
    );
    expect(cancelled?.data).toMatchObject({ reason: 'the finalizer "last" took longer than 1 m' });
  });

  test.each([
    ['a wait', 'kind: signal, deadline: 10m', 'wait.cancelled last'],
    [
      'a map as a whole',
      'kind: map, deadline: 10m, with: { items: [1], step: { kind: signal } }',
      'wait.cancelled last/item:0/step',
    ],
  ])('takes the deadline that it gives itself: %s', async (_what, finalizer, told) => {
    const { note } = noting();
    const { engine, platform } = await played(ending(finalizer), { functions: { note } });
    await engine.cancel('run');
    await platform.advance(9 * MINUTE_MS);
    expect(await storyOf(engine, 'run')).not.toContain(told);
    await platform.advance(2 * MINUTE_MS);
    expect((await engine.runs.get('run')).status).toBe('cancelled');
    expect(await storyOf(engine, 'run')).toContain(told);
  });

  test('whose own time is shorter ends by that', async () => {
    const { note } = noting();
    const { engine, platform } = await played(ending('kind: signal, with: { timeout: 10s }'), {
      functions: { note },
    });
    await engine.cancel('run');
    await platform.advance(15_000);
    expect((await engine.runs.get('run')).status).toBe('cancelled');
    expect(await storyOf(engine, 'run')).toContain('wait.expired last');
  });

  test('keeps what reached it in its time, whoever looks later', async () => {
    const { note } = noting();
    const { engine, platform } = await played(ending('kind: sleep, with: { for: 30s }'), {
      functions: { note },
    });
    await engine.cancel('run');
    await platform.advance(1_000);
    await engine.pause('run');
    await platform.advance(5 * MINUTE_MS);
    await engine.resume('run');
    await platform.advance(1_000);
    const story = await storyOf(engine, 'run');
    expect(story).toContain('wait.resolved last');
    expect(story).not.toContain('marker.recorded :deadline/last');
  });

  test('lets go of a signal that comes too late: it is there for whoever asks next', async () => {
    const { note } = noting();
    const { engine, platform } = await played(
      `steps:
  wait: { kind: signal, with: { name: go } }
  last: { kind: signal, with: { name: word }, finalize: always }
  again: { kind: signal, with: { name: word }, finalize: always }
edges: [{ from: wait, to: end, on: "*" }]
`,
      { functions: { note } },
    );
    await engine.cancel('run');
    await platform.advance(MINUTE_MS + 5_000);
    await engine.signal('run', 'word', 1);
    await platform.advance(1_000);
    expect((await engine.runs.get('run')).status).toBe('cancelled');
    expect(await storyOf(engine, 'run')).toEqual(
      expect.arrayContaining(['wait.cancelled last', 'wait.opened again', 'signal.received']),
    );
  });
});

describe('a run that is cancelled', () => {
  const bad = (): Promise<never> => Promise.reject(new TerminalError('no'));
  const broken = (): Promise<never> => Promise.reject(new Error('who knows'));

  test.each([
    ['is out of attempts', 'retry: { attempts: 1, on: [terminal] }, onExhausted: park'],
    ['may or may not have happened', 'retry: none, atMostOnce: true'],
  ])('waits for nobody where a finalizer %s', async (_what, more) => {
    const { calls, note } = noting();
    const functions = { note, work: more.includes('atMostOnce') ? broken : bad };
    const text = ending(`kind: function, with: { function: work }, ${more}`);
    const { engine, platform } = await played(text, { functions });
    await engine.cancel('run', { reason: 'enough' });
    await platform.advance(10_000);
    const { status, steps } = await engine.runs.get('run');
    expect([status, calls]).toEqual(['cancelled', ['clean']]);
    expect(steps.find(({ path }) => path === 'last')?.status).toBe('cancelled');
    expect(await storyOf(engine, 'run')).toEqual(
      expect.arrayContaining(['step.retried last', 'marker.recorded :cancel/last', 'step.cancelled last']),
    );
  });

  test('ends where it was parked for a finalizer before', async () => {
    const { calls, note } = noting();
    const { engine, platform } = await played(
      ending('kind: function, with: { function: work }, retry: none, atMostOnce: true'),
      { functions: { note, work: broken } },
    );
    await engine.signal('run', 'go');
    await platform.advance(10_000);
    expect((await engine.runs.get('run')).parkReason).toBe('unknown_effect');
    await engine.cancel('run');
    await platform.advance(10_000);
    expect([(await engine.runs.get('run')).status, calls]).toEqual(['cancelled', ['clean']]);
  });

  test('gives up the item that is out of attempts, and cleans up for the others', async () => {
    const { calls, note } = noting();
    const each = (input: number, tools: FunctionTools): unknown => (input === 2 ? bad() : note(input, tools));
    const { engine, platform } = await played(
      ending(
        'kind: map, with: { items: [1, 2, 3, 4], concurrency: 1, minSuccess: 1, step: { kind: function, with: { function: each, input: "{{ item }}" }, retry: { attempts: 1, on: [terminal] }, onExhausted: park } }',
      ),
      { functions: { note, each } },
    );
    await engine.cancel('run');
    await platform.advance(10_000);
    expect((await engine.runs.get('run')).status).toBe('cancelled');
    expect(calls).toEqual(['last/item:0/step', 'last/item:2/step', 'last/item:3/step', 'clean']);
  });

  test('ends in another process, which hears of what was given up from the log', async () => {
    const store = newDatabase();
    const { calls, note } = noting();
    const workflows = [
      graphOf(
        `steps:
  wait: { kind: signal, with: { name: go } }
  last: { kind: function, with: { function: bad }, retry: { attempts: 1, on: [terminal] }, onExhausted: park, finalize: always }
  wordy: { kind: function, with: { function: note, input: "{{ steps.last.failure.code }}" }, finalize: always }
  stuck: { kind: function, with: { function: stuck }, finalize: always }
edges: [{ from: wait, to: end, on: "*" }]
`,
      ),
    ];
    const first = await openMortal(workflows, { store, functions: { note, bad, stuck: hang } });
    await first.engine.start('w', {}, { id: 'run' });
    await first.platform.advance(1_000);
    await first.engine.cancel('run');
    await first.platform.advance(1_000);
    await first.kill();
    const functions = { note, bad, stuck: note };
    const second = await openEngine(workflows, { store, functions, seed: 2, laterMs: 20_000 });
    await second.platform.advance(10_000);
    const { status, steps } = await second.engine.runs.get('run');
    expect([status, calls]).toEqual(['cancelled', ['wordy', 'stuck']]);
    expect(steps.find(({ path }) => path === 'wordy')?.output).toBe('STEP_CANCELLED');
  });
});
