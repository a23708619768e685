/** A step that must never fire twice: where nobody knows whether it happened, `reconcile` or a person decides. */
import { type CallOptions, TerminalError, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, eventsOf, storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;
type Reconcile = NonNullable<CallOptions['reconcile']>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

interface Charge {
  readonly fired: string[];
  readonly end: (attempt: number) => unknown;
  readonly reconcile?: Reconcile;
}

function charging(charge: Charge): Workflow<unknown, unknown> {
  const { fired, end, reconcile } = charge;
  return flow((ctx) =>
    ctx.step(
      'charge',
      ({ attempt, idempotencyKey }) => {
        fired.push(`${attempt} ${idempotencyKey}`);
        return end(attempt);
      },
      { atMostOnce: true, timeout: '10s', ...(reconcile ? { reconcile } : {}) },
    ),
  );
}

function hang(): Promise<never> {
  return new Promise(() => undefined);
}

/** The first process dies while the step runs; the second has the code that is given. */
async function taken(fired: string[], reconcile?: Reconcile) {
  const store = newDatabase();
  const first = await openMortal([charging({ fired, end: hang })], { store });
  await first.engine.start('flow', null, { id: 'run' });
  await first.platform.advance(100);
  await first.kill();
  const second = await openEngine(
    [charging({ fired, end: (attempt) => `charged at ${attempt}`, ...(reconcile ? { reconcile } : {}) })],
    { store, seed: 2, laterMs: 100 },
  );
  await second.platform.advance(5_000);
  return { ...second, view: await second.engine.runs.get('run') };
}

describe('an at-most-once step', () => {
  test('is recorded as started before it fires', async () => {
    let story: readonly string[] = [];
    const one = flow((ctx) =>
      ctx.step(
        'charge',
        async () => {
          story = await storyOf(opened.engine, 'run');
        },
        { atMostOnce: true },
      ),
    );
    const opened = await openEngine([one]);
    await opened.engine.start(one, null, { id: 'run' });
    await opened.platform.advance(100);
    expect(story).toContain('step.started charge');
  });

  test('that succeeds is like any other', async () => {
    const fired: string[] = [];
    const { engine, platform } = await openEngine([charging({ fired, end: () => 'charged' })]);
    const run = await engine.start('flow', null, { id: 'run' });
    await platform.advance(100);
    expect(await run.result()).toBe('charged');
    expect(fired).toEqual(['1 run:charge']);
  });

  test.each<[string, () => unknown]>([
    ['throws in the middle', () => Promise.reject(new Error('connection reset'))],
    ['times out', hang],
  ])('that %s is not tried again: the run parks and says what can be done', async (_what, end) => {
    const fired: string[] = [];
    const { engine, platform } = await openEngine([charging({ fired, end })]);
    await engine.start('flow', null, { id: 'run' });
    await platform.advance(60_000);
    const view = await engine.runs.get('run');
    expect(view).toMatchObject({
      status: 'parked',
      parkReason: 'unknown_effect',
      parked: { path: 'charge' },
    });
    expect(fired).toHaveLength(1);
    const [reason] = (await engine.why('run')).reasons;
    expect(reason?.text).toContain('pawl answer run charge VALUE');
    expect(reason?.command).toBe('pawl retry run');
  });

  test('whose process died in it is not fired by the next one: the run parks', async () => {
    const fired: string[] = [];
    const { view } = await taken(fired);
    expect(view).toMatchObject({ status: 'parked', parkReason: 'unknown_effect' });
    expect(fired).toEqual(['1 run:charge']);
  });

  test('that failed for a reason that is certain fails', async () => {
    const fired: string[] = [];
    const one = charging({ fired, end: () => Promise.reject(new TerminalError('card declined')) });
    const { engine, platform } = await openEngine([one]);
    await engine.start('flow', null, { id: 'run' });
    await platform.advance(60_000);
    expect(await engine.runs.get('run')).toMatchObject({
      status: 'failed',
      failure: { message: 'card declined' },
    });
  });

  test('that had not started when its process died is fired by the next one', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const one = (end: () => unknown): Workflow<unknown, unknown> =>
      flow(async (ctx) => {
        await ctx.sleep('rest', '10s');
        return await ctx.step('charge', end, { atMostOnce: true });
      });
    const first = await openMortal([one(() => fired.push('first'))], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(9_000);
    await first.kill();
    const second = await openEngine([one(() => fired.push('second'))], { store, seed: 2, laterMs: 9_000 });
    await second.platform.advance(5_000);
    expect((await second.engine.runs.get('run')).status).toBe('completed');
    expect(fired).toEqual(['second']);
  });
});

describe('a person decides about an unknown effect', () => {
  test('by `answer`: it did happen, with this output', async () => {
    const fired: string[] = [];
    const { engine, platform } = await taken(fired);
    expect(await codeOf(() => engine.answer('run', 'charge', 'receipt 7', {}))).toBe('PERSON_MISSING');
    await engine.answer('run', 'charge', 'receipt 7', { by: 'ada' });
    await platform.advance(1_000);
    expect((await engine.runs.get('run')).output).toBe('receipt 7');
    expect(fired).toEqual(['1 run:charge']);
    const answered = (await eventsOf(engine, 'run')).find(({ type }) => type === 'step.completed');
    expect(answered).toMatchObject({ actor: 'ada', path: 'charge', data: { answered: true } });
  });

  test('by `retry`: it did not happen, and fires with the same key', async () => {
    const fired: string[] = [];
    const { engine, platform } = await taken(fired);
    await engine.retry('run', { by: 'ada' });
    await platform.advance(1_000);
    expect((await engine.runs.get('run')).output).toBe('charged at 2');
    expect(fired).toEqual(['1 run:charge', '2 run:charge']);
  });

  test('of each of several by itself: `retry` fires the one that was asked about, and no other', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const both = (end: (name: string) => unknown): Workflow<unknown, unknown> =>
      flow((ctx) => {
        const fire = (name: string) => () => {
          fired.push(name);
          return end(name);
        };
        return Promise.all(['a', 'b'].map((name) => ctx.step(name, fire(name), { atMostOnce: true })));
      });
    const first = await openMortal([both(hang)], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const { engine, platform } = await openEngine([both((name) => `${name} at last`)], {
      store,
      seed: 2,
      laterMs: 100,
    });
    await platform.advance(5_000);
    const asked = (await engine.runs.get('run')).parked?.path ?? '';
    await engine.retry('run', { by: 'ada' });
    await platform.advance(5_000);
    expect(fired).toEqual(['a', 'b', asked]);
    const { status, parked } = await engine.runs.get('run');
    expect({ status, path: parked?.path }).toEqual({ status: 'parked', path: asked === 'a' ? 'b' : 'a' });
    await engine.answer('run', undefined, 'it did happen', { by: 'ada' });
    await platform.advance(5_000);
    expect((await engine.runs.get('run')).output).toEqual(
      asked === 'a' ? ['a at last', 'it did happen'] : ['it did happen', 'b at last'],
    );
  });

  test('and not about those that merely used up their attempts', async () => {
    const fired: string[] = [];
    const failing = (name: string) => () => Promise.reject(new Error(`${name} ${fired.push(name)}`));
    const one = flow((ctx) =>
      Promise.all([
        ctx.step('probe', failing('probe'), { retry: { attempts: 1, onExhausted: 'park' } }),
        ctx.step('charge', failing('charge'), { atMostOnce: true }),
      ]),
    );
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(5_000);
    const charges = (): number => fired.filter((name) => name === 'charge').length;
    for (let round = 0; round < 3; round++) {
      const { parked } = await engine.runs.get('run');
      if (parked?.reason === 'unknown_effect') break;
      await engine.retry('run', { by: 'ada' });
      await platform.advance(5_000);
      expect(charges()).toBe(1);
    }
    expect((await engine.runs.get('run')).parked).toMatchObject({ reason: 'unknown_effect', path: 'charge' });
  });

  test('and the answer is not given twice', async () => {
    const { engine, platform } = await taken([]);
    await engine.answer('run', 'charge', 1, { by: 'ada' });
    await platform.advance(1_000);
    expect(await codeOf(() => engine.answer('run', 'charge', 2, { by: 'bob' }))).toBe('RUN_TERMINAL');
    expect((await engine.runs.get('run')).output).toBe(1);
  });
});

describe('reconcile', () => {
  test('that finds the effect gives its output, and the step does not fire again', async () => {
    const fired: string[] = [];
    const asked: unknown[] = [];
    const { view } = await taken(fired, ({ idempotencyKey, attempt }) => {
      asked.push({ idempotencyKey, attempt });
      return { happened: true, output: 'receipt 7' };
    });
    expect(view).toMatchObject({ status: 'completed', output: 'receipt 7' });
    expect(asked).toEqual([{ idempotencyKey: 'run:charge', attempt: 1 }]);
    expect(fired).toEqual(['1 run:charge']);
  });

  test('that finds nothing lets the step fire once more, with the same key', async () => {
    const fired: string[] = [];
    const { view } = await taken(fired, () => ({ happened: false }));
    expect(view).toMatchObject({ status: 'completed', output: 'charged at 2' });
    expect(fired).toEqual(['1 run:charge', '2 run:charge']);
  });

  test.each<[string, Reconcile]>([
    ['does not know', () => undefined],
    ['fails itself', () => Promise.reject(new Error('no connection'))],
  ])('that %s leaves the decision to a person', async (_what, reconcile) => {
    const fired: string[] = [];
    const { view } = await taken(fired, reconcile);
    expect(view).toMatchObject({ status: 'parked', parkReason: 'unknown_effect' });
    expect(fired).toEqual(['1 run:charge']);
  });

  test('that never answers is left behind, and a person decides', async () => {
    const fired: string[] = [];
    const { engine, platform } = await taken(fired, hang);
    await platform.advance(60_000);
    expect(await engine.runs.get('run')).toMatchObject({ status: 'parked', parkReason: 'unknown_effect' });
  });

  test('that found something which cannot be recorded leaves the decision to a person, and says why', async () => {
    const { platform, view } = await taken([], () => ({ happened: true, output: { at: new Date(0) } }));
    expect(view).toMatchObject({ status: 'parked', parkReason: 'unknown_effect' });
    expect(platform.lines.map(({ fields }) => String(fields['error'])).join()).toContain('$.at');
  });

  test('is not asked before its former holder is surely gone', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const asked: number[] = [];
    const stopped = await openEngine([charging({ fired, end: hang })], { store });
    await stopped.engine.start('flow', null, { id: 'run' });
    await stopped.platform.advance(1_000);
    const reconcile: Reconcile = ({ attempt }) => {
      asked.push(attempt);
      return { happened: true, output: 'receipt 7' };
    };
    const other = await openEngine([charging({ fired, end: hang, reconcile })], {
      store,
      seed: 2,
      laterMs: 1_000,
    });
    await other.platform.advance(50_000);
    expect(asked).toEqual([]);
    await other.platform.advance(30_000);
    expect(asked).toEqual([1]);
    expect((await other.engine.runs.get('run')).output).toBe('receipt 7');
    expect(fired).toEqual(['1 run:charge']);
  });

  test('is asked where the step failed in a way that leaves it unknown', async () => {
    const asked: number[] = [];
    const fired: string[] = [];
    const one = charging({
      fired,
      end: () => Promise.reject(new Error('connection reset')),
      reconcile: ({ attempt }) => {
        asked.push(attempt);
        return { happened: true, output: 'receipt 7' };
      },
    });
    const { engine, platform } = await openEngine([one]);
    await engine.start('flow', null, { id: 'run' });
    await platform.advance(30_000);
    expect(await engine.runs.get('run')).toMatchObject({ status: 'completed', output: 'receipt 7' });
    expect({ asked, fired }).toEqual({ asked: [1], fired: ['1 run:charge'] });
  });

  test.each<[string, CallOptions]>([
    ['a step that may fire twice anyhow', { reconcile: () => undefined }],
    ['a step that is called repeatable', { atMostOnce: true, repeatable: true }],
  ])('and its like are refused for %s', async (_what, options) => {
    const one = flow((ctx) => codeOf(() => ctx.step('a', () => 1, options)));
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null);
    await platform.settle();
    expect(await run.result()).toBe('OPTION_INVALID');
  });
});
