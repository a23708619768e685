/** What a workflow function does wrong is found and named, and harms no other run. */
import { StepFailed, TerminalError, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { abortOf, newGate } from './support/gate.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

async function started(run: Run) {
  const one = flow(run);
  const opened = await openEngine([one]);
  const handle = await opened.engine.start(one, null, { id: 'run' });
  await opened.platform.settle();
  return { ...opened, run: handle };
}

/** A rejection with anything, as strangers' code makes them. */
function rejectWith(reason: unknown): Promise<never> {
  return Promise.resolve().then(() => Promise.reject(reason as Error));
}

async function failureOf(run: Run, advanceMs = 0) {
  const { engine, platform } = await started(run);
  await platform.advance(advanceMs);
  const { status, failure, failedSteps } = await engine.runs.get('run');
  return { status, failure, failedSteps };
}

describe('an exception outside of steps', () => {
  test('fails its run with what was thrown, and is not retried', async () => {
    let calls = 0;
    const end = await failureOf(async () => {
      calls++;
      throw new RangeError('index 7 is out of range');
    }, 60_000);
    expect(calls).toBe(1);
    expect(end).toMatchObject({
      status: 'failed',
      failure: {
        class: 'terminal',
        code: 'WORKFLOW_THREW',
        name: 'RangeError',
        message: 'index 7 is out of range',
      },
      failedSteps: [],
    });
  });

  test('keeps its own code, data and cause', async () => {
    const end = await failureOf(async () => {
      throw new TerminalError('no', { code: 'MINE', data: { n: 1 }, cause: new Error('because') });
    });
    expect(end.failure).toMatchObject({ code: 'MINE', data: { n: 1 }, cause: { message: 'because' } });
  });

  test.each([
    ['a text', 'just text'],
    ['nothing', undefined],
    ['an object', { reason: 'plain' }],
  ])('may be %s', async (_what, thrown: unknown) => {
    const end = await failureOf(() => rejectWith(thrown));
    expect(end.status).toBe('failed');
    expect(end.failure?.code).toBe('WORKFLOW_THREW');
  });

  test('aborts what its run had open', async () => {
    let aborted = false;
    const { engine, run } = await started(async (ctx) => {
      void ctx.signal('never');
      const slow = ctx.step('slow', ({ signal }) => {
        signal.addEventListener('abort', () => (aborted = true));
        return new Promise(() => undefined);
      });
      await Promise.race([slow, ctx.step('quick', () => 1)]);
      throw new Error('no');
    });
    expect(await run.status()).toBe('failed');
    expect(aborted).toBe(true);
    const { steps } = await engine.runs.get('run');
    expect(steps.map(({ path, status }) => `${path} ${status}`).toSorted()).toEqual([
      'never cancelled',
      'quick completed',
      'slow cancelled',
    ]);
  });

  test('before the first call fails the run alone, not its neighbors', async () => {
    const bad = workflow({ name: 'bad' }, () => {
      throw new Error('at once');
    });
    const good = workflow({ name: 'good' }, (ctx) => ctx.step('a', () => 'fine'));
    const { engine, platform } = await openEngine([bad, good]);
    const runs = await Promise.all([
      engine.start(bad, null),
      engine.start(good, null),
      engine.start(bad, null),
    ]);
    await platform.settle();
    expect(await Promise.all(runs.map((run) => run.status()))).toEqual(['failed', 'completed', 'failed']);
  });
});

describe('a forgotten await', () => {
  test('of a step that is still open fails the run and names the step', async () => {
    const end = await failureOf(async (ctx) => {
      void ctx.step('mail', () => new Promise(() => undefined));
      await ctx.step('work', () => 1);
      return 'done';
    });
    expect(end).toMatchObject({ status: 'failed', failure: { code: 'FORGOTTEN_AWAIT' } });
    expect(end.failure?.message).toContain('"mail"');
  });

  test('of a step that failed and was never looked at fails the run', async () => {
    const end = await failureOf(async (ctx) => {
      void ctx.step('mail', () => Promise.reject(new TerminalError('no')));
      await ctx.step('work', () => 1);
      await ctx.sleep('rest', '10s');
      return 'done';
    }, 20_000);
    expect(end).toMatchObject({
      status: 'failed',
      failure: { code: 'FORGOTTEN_AWAIT' },
      failedSteps: ['mail'],
    });
  });

  test.each<[string, Run]>([
    ['a child', (ctx) => void ctx.workflow('flow', null) as never],
    ['a parallel', (ctx) => void ctx.parallel('wave', { a: (c) => c.step('s', () => 1) }) as never],
    ['a map', (ctx) => void ctx.map('wave', [1], (_item, c) => c.step('s', () => 1)) as never],
    ['a race', (ctx) => void ctx.race('wave', { a: (c) => c.step('s', () => 1) }) as never],
    ['an operation', (ctx) => void ctx.operation('op', 'shell', { command: 'true' }) as never],
  ])('of %s is found too', async (_what, call) => {
    const { failure } = await failureOf(async (ctx) => {
      if (ctx.trigger.kind !== 'child') await call(ctx);
      return 'done';
    });
    expect(failure?.code).toBe('FORGOTTEN_AWAIT');
  });

  test('of a step that succeeded, and of a wait, is no mistake', async () => {
    const { status } = await failureOf(async (ctx) => {
      void ctx.step('work', () => 1);
      void ctx.signal('maybe');
      void ctx.sleep('rest', '1d');
      await ctx.step('more', () => 1);
      await ctx.step('last', () => 1);
      return 'done';
    });
    expect(status).toBe('completed');
  });

  test('is none where the promise is looked at later, or raced', async () => {
    const { status } = await failureOf(async (ctx) => {
      const early = ctx.step('early', () => Promise.reject(new TerminalError('no')));
      const slow = ctx.step('slow', () => new Promise(() => undefined));
      await ctx.step('work', () => 1);
      await early.catch(() => undefined);
      await Promise.race([slow, ctx.step('quick', () => 1)]);
      return 'done';
    });
    expect(status).toBe('completed');
  });
});

describe('a call of ctx inside a step', () => {
  test.each<[string, (ctx: WorkflowContext) => Promise<unknown>]>([
    ['step', (ctx) => ctx.step('inner', () => 1)],
    ['sleep', (ctx) => ctx.sleep('inner', '1s')],
    ['workflow', (ctx) => ctx.workflow('flow', null)],
    ['map', (ctx) => ctx.map('inner', [1], () => 1)],
    ['signal', (ctx) => ctx.signal('inner')],
  ])('%s is refused, fires nothing and says where', async (call, nested) => {
    const end = await failureOf((ctx) => ctx.step('outer', () => nested(ctx), { retry: 'none' }));
    expect(end.failure).toMatchObject({ code: 'NESTED_CALL', path: 'outer' });
    expect(end.failure?.message).toContain(`ctx.${call}(`);
  });

  test('is no matter of luck: it is not tried again', async () => {
    let attempts = 0;
    const end = await failureOf(
      (ctx) =>
        ctx.step('outer', () => {
          attempts++;
          return ctx.step('inner', () => 1);
        }),
      60_000,
    );
    expect({ attempts, code: end.failure?.code }).toEqual({ attempts: 1, code: 'NESTED_CALL' });
  });

  test('of another run is another matter: a step may start one through the engine', async () => {
    const other = workflow({ name: 'other' }, (ctx) => ctx.step('a', () => 'fine'));
    const one = flow((ctx) =>
      ctx.step('start', async () => {
        const run = await opened.engine.start(other, null);
        return await run.result();
      }),
    );
    const opened = await openEngine([one, other]);
    const run = await opened.engine.start(one, null);
    await opened.platform.settle();
    expect(await run.result()).toBe('fine');
  });
});

describe('two open steps of one name', () => {
  test('are refused: which is which could not be told on replay', async () => {
    const end = await failureOf((ctx) => Promise.all([ctx.step('same', () => 1), ctx.step('same', () => 2)]));
    expect(end.failure).toMatchObject({ code: 'STEP_NAME_OPEN' });
    expect(end.failure?.message).toContain('"same"');
  });

  test('are fine one after the other, and in scopes of their own', async () => {
    const { status } = await failureOf(async (ctx) => {
      await ctx.step('same', () => 1);
      await ctx.step('same', () => 2);
      await ctx.parallel('p', { a: (c) => c.step('same', () => 3), b: (c) => c.step('same', () => 4) });
    });
    expect(status).toBe('completed');
  });

  test('are fine for sleeps, which take the next occurrence', async () => {
    const { engine, platform, run } = await started((ctx) =>
      Promise.all([ctx.sleep('tick', '1s'), ctx.sleep('tick', '2s')]),
    );
    await platform.advance(3_000);
    expect(await run.status()).toBe('completed');
    expect((await engine.runs.get('run')).steps.map((step) => step.path)).toEqual(['tick', 'tick#2']);
  });
});

describe('a function that goes on after its return', () => {
  test('gets no answer any more, and nothing of it fires', async () => {
    const gate = newGate();
    const fired: string[] = [];
    const { engine, platform, run } = await started(async (ctx) => {
      void gate.opened.then(async () => {
        await ctx.step('late', () => fired.push('late'));
        fired.push('answered');
      });
      await ctx.step('work', () => 1);
      return 'done';
    });
    gate.open();
    await platform.advance(1_000);
    expect(await run.result()).toBe('done');
    expect(fired).toEqual([]);
    expect((await engine.runs.get('run')).steps.map((step) => step.path)).toEqual(['work']);
  });

  test('has what it left open aborted and closed in the commit of its end', async () => {
    const aborted: string[] = [];
    const { engine, run } = await started(async (ctx) => {
      void ctx.approval('ship', { message: 'Ship?' });
      const slow = ctx.step('slow', ({ signal }) => abortOf(signal).then((why) => aborted.push(String(why))));
      await Promise.race([slow, ctx.step('quick', () => 1)]);
      return 'done';
    });
    expect(await run.result()).toBe('done');
    expect(aborted).toHaveLength(1);
    const { steps } = await engine.runs.get('run');
    expect(steps.map(({ path, status }) => `${path} ${status}`).toSorted()).toEqual([
      'quick completed',
      'ship cancelled',
      'slow cancelled',
    ]);
    expect(await engine.waits()).toEqual([]);
  });
});

describe('an unhandled rejection', () => {
  test('inside a step is logged on that step', async () => {
    const gate = newGate();
    const { platform, run } = await started(async (ctx) => {
      await ctx.step('a', async () => {
        void Promise.reject(new Error('forgotten in a step'));
        await gate.opened;
      });
      return 'fine';
    });
    await platform.settle();
    gate.open();
    await platform.settle();
    expect(await run.result()).toBe('fine');
    const said = platform.lines.filter(({ message }) => message.includes('nobody handled'));
    expect(said).toHaveLength(1);
    expect(said[0]?.fields).toMatchObject({ runId: 'run', path: 'a' });
  });
});

describe('a function that awaits something that is not ctx', () => {
  test('goes on when that settles, and is named by `why` while it has not', async () => {
    const gate = newGate<string>();
    const { engine, platform, run } = await started(async (ctx) => {
      await ctx.step('a', () => 1);
      const outside = await gate.opened;
      return [outside, await ctx.step('b', () => 2)];
    });
    await platform.advance(120_000);
    expect(await run.status()).toBe('running');
    expect((await engine.why('run')).reasons[0]?.text).toContain('awaits something that is not ctx');
    gate.open('outside');
    await platform.settle();
    expect(await run.result()).toEqual(['outside', 2]);
  });

  test('may mix it with ctx calls, and none of them is lost', async () => {
    const gate = newGate<string>();
    const { engine, platform } = await started(async (ctx) => {
      const winner = await Promise.race([gate.opened, ctx.sleep('rest', '1h').then(() => 'slept')]);
      return [winner, await ctx.step('b', () => 2)];
    });
    await platform.advance(1_000);
    gate.open('outside');
    await platform.settle();
    expect((await engine.runs.get('run')).output).toEqual(['outside', 2]);
  });
});

describe('an output that cannot be recorded', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  test.each<[string, unknown, string]>([
    ['a function', { run: () => 1 }, '$.run: a function'],
    ['a cycle', cycle, '$.self: the value contains itself'],
    ['a BigInt', { list: [1n] }, '$.list[0]: a BigInt'],
    ['a date', { at: new Date(0) }, '$.at: a Date'],
    ['a map', new Map(), '$: a Map'],
    ['not a number', [Number.NaN], '$[0]: NaN'],
    ['infinity', { 'a b': Infinity }, '$["a b"]: Infinity'],
    ['a symbol', Symbol('s'), '$: a symbol'],
    ['half a character', ['\uD800'], '$[0]: the text holds a lone surrogate'],
  ])('of %s fails the step with its path, once', async (_what, value, says) => {
    let attempts = 0;
    const { engine, platform, run } = await started((ctx) =>
      ctx
        .step('a', () => {
          attempts++;
          return value;
        })
        .catch((error: unknown) => (error instanceof StepFailed ? [error.code, error.message] : 'other')),
    );
    await platform.advance(60_000);
    const [code, message] = (await run.result()) as string[];
    expect({ attempts, code }).toEqual({ attempts: 1, code: 'STEP_VALUE_INVALID' });
    expect(message).toContain(says);
    expect(await storyOf(engine, 'run')).toContain('step.failed a');
  });

  test('of the workflow itself fails the run with its path', async () => {
    const end = await failureOf(async () => ({ deep: { when: new Date(0) } }));
    expect(end.failure).toMatchObject({ code: 'OUTPUT_INVALID' });
    expect(end.failure?.message).toContain('$.deep.when');
  });
});

describe('a step that succeeded in spite of all this', () => {
  test('is returned after the restart of a run whose function throws behind a gate', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const one = flow(async (ctx) => {
      await ctx.step('a', () => fired.push('a'));
      await ctx.signal('go');
      throw new Error('no');
    });
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 100 });
    await second.engine.signal('run', 'go');
    await second.platform.advance(1_000);
    expect((await second.engine.runs.get('run')).failure?.code).toBe('WORKFLOW_THREW');
    expect(fired).toEqual(['a']);
  });
});
