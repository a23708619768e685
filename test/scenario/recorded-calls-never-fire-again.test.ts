/** Every call has one path in the log: what ended there, well or badly, is returned for ever and nothing of it fires again. */
import * as fc from 'fast-check';
import {
  defineKind,
  pawl,
  type StepFailed,
  TerminalError,
  type Workflow,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { describe, expect, test } from 'vitest';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { type Program, programs, programWorkflow } from './support/random-programs.ts';
import { eventsOf, storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

interface World {
  /** What fired, in order, in either process. */
  readonly fired: string[];
  /** An effect that notes itself. */
  readonly once: (name: string) => () => string;
}

function newWorld(): World {
  const fired: string[] = [];
  return {
    fired,
    once: (name) => () => {
      fired.push(name);
      return `${name} done`;
    },
  };
}

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

const note = (world: World) =>
  defineKind<{ readonly what: string }>({
    name: 'note',
    checkInput: true,
    execute: async ({ what }) => ({ output: world.once(what)() }),
  });

/** Runs until the run rests, kills the process, and lets another one finish with code that may be edited. */
async function restarted(world: World, before: Run, after: Run = before) {
  const store = newDatabase();
  const kinds = [note(world)];
  const child = workflow({ name: 'child' }, (ctx, name: string) => ctx.step('work', world.once(name)));
  const worker = { replayPatience: '100ms' } as const;
  const first = await openMortal([flow(before), child], { store, kinds, worker });
  await first.engine.start('flow', null, { id: 'run' });
  await first.platform.advance(500);
  await first.kill();
  const second = await openEngine([flow(after), child], { store, kinds, worker, seed: 2, laterMs: 500 });
  await second.platform.advance(15_000);
  return { view: await second.engine.runs.get('run'), ...second };
}

describe('I1: at a resume', () => {
  test('no operation, no parallel wave, no map item, no child and no command fires again', async () => {
    const world = newWorld();
    const { view } = await restarted(world, async (ctx) => {
      const results: unknown[] = [
        await ctx.operation('op', 'note', { what: 'operation' }),
        await ctx.parallel('wave', {
          a: (c) => c.step('work', world.once('wave a')),
          b: (c) => c.operation('op', 'note', { what: 'wave b' }),
        }),
        await ctx.map('each', ['x', 'y'], (item, c) => c.step('work', world.once(`item ${item}`))),
        await ctx.workflow('child', 'child step'),
        (await ctx.shell('cmd', ['echo', 'hello'])).stdout,
      ];
      await ctx.sleep('rest', '10s');
      results.push(await ctx.step('last', world.once('last')));
      return results;
    });
    expect(world.fired).toEqual(['operation', 'wave a', 'wave b', 'item x', 'item y', 'child step', 'last']);
    expect(view).toMatchObject({
      status: 'completed',
      output: [
        'operation done',
        { a: 'wave a done', b: 'wave b done' },
        ['item x done', 'item y done'],
        'child step done',
        'hello\n',
        'last done',
      ],
    });
  });

  test('the log grows by what is new alone', async () => {
    const world = newWorld();
    const { engine } = await restarted(world, async (ctx) => {
      for (let step = 0; step < 5; step++) await ctx.step('work', world.once(`${step}`));
      await ctx.sleep('rest', '10s');
    });
    const story = await storyOf(engine, 'run');
    expect(story.filter((line) => line.startsWith('step.completed'))).toHaveLength(5);
    expect(story.slice(-2)).toEqual(['wait.resolved rest', 'run.completed']);
  });
});

describe('I2: an edited function', () => {
  const rest: Run = (ctx) => ctx.sleep('rest', '10s');

  test.each<[string, (world: World) => { before: Run; after: Run; says: RegExp }]>([
    [
      'another kind at the same path',
      (world) => ({
        before: (ctx) => ctx.step('work', world.once('work')),
        after: (ctx) => ctx.operation('work', 'note', { what: 'other' }),
        says: /"work" is recorded as step, the code calls it as note/,
      }),
    ],
    [
      'another name',
      (world) => ({
        before: (ctx) => ctx.step('work', world.once('work')),
        after: (ctx) => ctx.step('labor', world.once('labor')),
        says: /"work".*step "labor"/,
      }),
    ],
    [
      'another child workflow',
      (world) => ({
        before: (ctx) => ctx.workflow('child', 'child', { name: 'help' }),
        after: (ctx) => ctx.workflow('flow', 'flow', { name: 'help' }),
        says: new RegExp(
          `"help" is recorded with workflow child, the code starts flow|${world.fired.length > 9}`,
        ),
      }),
    ],
    [
      'a step where a wait was',
      (world) => ({
        before: (ctx) => ctx.sleep('work', '1ms'),
        after: (ctx) => ctx.step('work', world.once('work')),
        says: /"work" is recorded as sleep, the code calls it as step/,
      }),
    ],
    [
      'another checked input of a step',
      (world) => ({
        before: (ctx) => ctx.step('work', world.once('work'), { input: { n: 1 }, check: true }),
        after: (ctx) => ctx.step('work', world.once('other'), { input: { n: 2 }, check: true }),
        says: /"work" is recorded with another input/,
      }),
    ],
    [
      'a step that the log holds and the code has no more',
      (world) => ({
        before: (ctx) => ctx.step('work', world.once('work')),
        after: async () => undefined,
        says: /"work", the code has not called it.*sleep "rest"/,
      }),
    ],
  ])('with %s is served no foreign outcome: the run parks before anything fires', async (_what, make) => {
    const world = newWorld();
    const { before, after, says } = make(world);
    const { view, engine, platform } = await restarted(
      world,
      async (ctx) => [await before(ctx), await rest(ctx)],
      async (ctx) => [await after(ctx), await rest(ctx), await ctx.step('end', world.once('end'))],
    );
    expect(view).toMatchObject({ status: 'parked', parkReason: 'diverged' });
    expect(view.parked?.message).toMatch(says);
    expect(world.fired.filter((name) => name !== 'work' && name !== 'child')).toEqual([]);
    const log = await eventsOf(engine, 'run');
    await platform.advance(60_000);
    expect(await eventsOf(engine, 'run')).toEqual(log);
  });

  test('with another input that is not checked goes on with what was recorded', async () => {
    const world = newWorld();
    const with_ =
      (n: number): Run =>
      async (ctx) => {
        const result = await ctx.step('work', world.once(`work ${n}`), { input: { n } });
        await rest(ctx);
        return result;
      };
    const { view } = await restarted(world, with_(1), with_(2));
    expect(view).toMatchObject({ status: 'completed', output: 'work 1 done' });
  });

  test('that calls another step before the recorded one fires neither', async () => {
    const world = newWorld();
    const { view } = await restarted(
      world,
      async (ctx) => {
        await ctx.step('charge', world.once('charge'));
        await rest(ctx);
      },
      async (ctx) => {
        await ctx.step('check', world.once('check'));
        await ctx.step('charge', world.once('charge again'));
        await rest(ctx);
      },
    );
    expect(view.parked?.reason).toBe('diverged');
    expect(world.fired).toEqual(['charge']);
  });

  test('may add steps behind what was recorded', async () => {
    const world = newWorld();
    const { view } = await restarted(
      world,
      async (ctx) => {
        await ctx.step('charge', world.once('charge'));
        await rest(ctx);
      },
      async (ctx) => {
        const paid = await ctx.step('charge', world.once('charge again'));
        await rest(ctx);
        return [paid, await ctx.step('mail', world.once('mail'))];
      },
    );
    expect(view).toMatchObject({ status: 'completed', output: ['charge done', 'mail done'] });
    expect(world.fired).toEqual(['charge', 'mail']);
  });

  test('that was mended goes on at `resume` from where the run stood', async () => {
    const world = newWorld();
    const store = newDatabase();
    const good: Run = async (ctx) => {
      await ctx.step('charge', world.once('charge'));
      await rest(ctx);
      return await ctx.step('mail', world.once('mail'));
    };
    const bad: Run = async (ctx) => {
      await ctx.step('charge-card', world.once('charge-card'));
      await rest(ctx);
    };
    const worker = { replayPatience: '100ms' } as const;
    const first = await openMortal([flow(good)], { store, worker });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(500);
    await first.kill();
    const second = await openMortal([flow(bad)], { store, worker, seed: 2, laterMs: 500 });
    await second.platform.advance(12_000);
    expect(await second.engine.handle('run').status()).toBe('parked');
    const why = await second.engine.why('run');
    expect(why.reasons[0]).toMatchObject({ command: 'pawl resume run' });
    await second.engine.resume('run');
    await second.platform.advance(1_000);
    expect(await second.engine.handle('run').status()).toBe('parked');
    await second.kill();
    const third = await openEngine([flow(good)], { store, worker, seed: 3, laterMs: 14_000 });
    await third.platform.advance(5_000);
    expect(await third.engine.handle('run').status()).toBe('parked');
    await third.engine.resume('run', { by: 'ada' });
    await third.platform.advance(1_000);
    expect((await third.engine.runs.get('run')).output).toBe('mail done');
    expect(world.fired).toEqual(['charge', 'mail']);
  });
});

describe('a run that leaves memory at every rest', () => {
  /** Paths that ended more than once, and what was said of trouble. */
  async function troubleOf(program: Program): Promise<unknown> {
    const { engine, platform } = await openEngine([programWorkflow], { worker: { evictAfter: 0 } });
    await engine.start('program', program, { id: 'run' });
    for (const act of [1, 2, 3]) {
      await platform.advance(1_500);
      await engine.signal('run', 'signal', act).catch(() => undefined);
      await engine.approve('run', undefined, { by: 'ada' }).catch(() => undefined);
    }
    await platform.advance(200_000);
    const story = await storyOf(engine, 'run');
    const ends = story.filter((line) => /^step\.(?:completed|failed|lost) /.test(line));
    const view = await engine.runs.get('run');
    return {
      status: view.status,
      twice: ends.filter((line, index) => ends.indexOf(line) !== index),
      lines: platform.lines.filter(({ level }) => level !== 'info'),
    };
  }

  test('is replayed at every wake-up, and ends all the same: no call diverges, none fires twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(programs, { minLength: 2, maxLength: 5 }), async (parts) => {
        const trouble = await troubleOf({ do: 'sequence', parts });
        expect(trouble).toEqual({ status: 'completed', twice: [], lines: [] });
      }),
      { numRuns: 60, seed: 11, endOnFailure: true },
    );
  });
});

describe('I6: a failure that the function tolerated', () => {
  test('is recorded: after a gate and a restart it is thrown again, fires nothing and takes the same branch', async () => {
    const world = newWorld();
    let isUp = false;
    const { view } = await restarted(world, async (ctx) => {
      const branch = await ctx
        .step(
          'probe',
          () => {
            world.fired.push('probe');
            if (!isUp) throw new TerminalError('down', { code: 'DOWN', data: { host: 'a' } });
            return 'up';
          },
          { retry: 'none' },
        )
        .catch(({ code, message, data, class: failureClass }: StepFailed) => ({
          code,
          message,
          data,
          failureClass,
        }));
      isUp = true;
      await ctx.sleep('rest', '10s');
      await ctx.step('after', world.once('after'));
      return branch;
    });
    expect(view).toMatchObject({
      status: 'completed',
      output: { code: 'DOWN', message: 'down', data: { host: 'a' }, failureClass: 'terminal' },
    });
    expect(world.fired).toEqual(['probe', 'after']);
  });

  test('in a wave that tolerates failures is a value again after a restart', async () => {
    const world = newWorld();
    const { view } = await restarted(world, async (ctx) => {
      const { good, bad } = await ctx.parallel(
        'wave',
        {
          good: (c) => c.step('work', world.once('good')),
          bad: (c) =>
            c.step('work', () => Promise.reject(new TerminalError(`no ${world.fired.push('bad')}`))),
        },
        { failFast: false },
      );
      await ctx.sleep('rest', '10s');
      return [good.ok && good.value, !bad.ok && bad.failure.message];
    });
    expect(view).toMatchObject({ status: 'completed', output: ['good done', 'no 2'] });
    expect(world.fired).toEqual(['good', 'bad']);
  });

  test('is an outcome for expired waits, rejected approvals and failed children too', async () => {
    const world = newWorld();
    const { view } = await restarted(world, async (ctx) => {
      const code = (error: unknown): string => (error as StepFailed).code;
      const seen = [
        await ctx.approval('gate', { message: 'Go?', deadline: '10ms' }).catch(code),
        await ctx.input('form', undefined, { deadline: '10ms' }).catch(code),
        (await ctx.signal('go', undefined, { timeout: '10ms' })) ?? 'no signal',
        await ctx.workflow('no-such-workflow', null).catch(code),
      ];
      await ctx.sleep('rest', '10s');
      return seen;
    });
    expect(view.output).toEqual(['APPROVAL_EXPIRED', 'INPUT_EXPIRED', 'no signal', 'WORKFLOW_UNKNOWN']);
  });
});

describe('what a step returned', () => {
  test('is the decoded copy of what was recorded, live as on replay', async () => {
    const live: unknown[] = [];
    const made = { list: [1, { deep: true }], gone: undefined, text: 'ä' };
    const one = flow(async (ctx) => {
      const got = await ctx.step('make', () => made);
      live.push(got === made, Object.hasOwn(got, 'gone'), got);
      live.push(await ctx.step('nothing', () => undefined), await ctx.step('null', () => null));
    });
    const engine = await pawl.open({ store: 'sqlite::memory:', workflows: [one] });
    await (await engine.start(one, null)).result();
    await engine.close();
    expect(live).toEqual([false, false, { list: [1, { deep: true }], text: 'ä' }, undefined, null]);
  });
});
