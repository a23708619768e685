/** Nothing runs for ever: attempts, steps and runs end at their limits, and work whose lease is lost is stopped. */
import { StepFailed, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { abortOf, newGate } from './support/gate.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { eventsOfType, storyOf } from './support/run-log.ts';

function flow(run: (ctx: WorkflowContext) => Promise<unknown>): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

function hang(): Promise<never> {
  return new Promise(() => undefined);
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.catch((reason: unknown) => reason);
  return error instanceof StepFailed ? { class: error.class, code: error.code } : 'no failure';
}

describe('an attempt', () => {
  test('J15: that hangs ends at its timeout, however long its worker beats', async () => {
    let reason: unknown;
    const one = flow((ctx) =>
      caught(
        ctx.step(
          'a',
          ({ signal }) => {
            void abortOf(signal).then((why) => (reason = why));
            return hang();
          },
          { timeout: '5m', retry: 'none' },
        ),
      ),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null);
    await platform.advance(299_000);
    expect({ reason, status: await run.status() }).toEqual({ reason: undefined, status: 'running' });
    await platform.advance(2_000);
    expect(await run.result()).toEqual({ class: 'timeout', code: 'STEP_TIMEOUT' });
    expect(reason).toBeInstanceOf(Error);
  });

  test('that timed out is tried again, each attempt with a time of its own', async () => {
    const one = flow((ctx) =>
      ctx.step('a', ({ attempt }) => (attempt < 3 ? hang() : attempt), {
        timeout: '10s',
        retry: { initial: '1s', factor: 1, jitter: 0 },
      }),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(60_000);
    expect(await run.result()).toBe(3);
    const retried = await eventsOfType(engine, 'run', 'step.retried');
    for (const { data } of retried) {
      expect(data.durationMs).toBeGreaterThanOrEqual(10_000);
      expect(data.durationMs).toBeLessThan(10_100);
    }
  });

  test('that comes to an end after its timeout changes nothing any more', async () => {
    const late = newGate<string>();
    const one = flow(async (ctx) => {
      const first = await caught(ctx.step('a', () => late.opened, { timeout: '1s', retry: 'none' }));
      await ctx.sleep('rest', '1m');
      return first;
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(5_000);
    late.open('too late');
    await platform.advance(60_000);
    expect(await run.result()).toEqual({ class: 'timeout', code: 'STEP_TIMEOUT' });
    expect(await storyOf(engine, 'run')).not.toContain('step.completed a');
  });

  test('that knows its signal may clean up before it is left behind', async () => {
    const cleaned: string[] = [];
    const one = flow((ctx) =>
      caught(
        ctx.step(
          'a',
          async ({ signal }) => {
            await abortOf(signal);
            cleaned.push('closed the file');
            throw signal.reason;
          },
          { timeout: '1s', retry: 'none' },
        ),
      ),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null);
    await platform.advance(1_000);
    expect(await run.result()).toEqual({ class: 'timeout', code: 'STEP_TIMEOUT' });
    expect(cleaned).toEqual(['closed the file']);
  });
});

describe('the deadline of a step', () => {
  test('bounds all its attempts and the delays between them', async () => {
    const attempts: number[] = [];
    const one = flow((ctx) =>
      caught(
        ctx.step(
          'a',
          ({ attempt }) => {
            attempts.push(attempt);
            return attempt === 1 ? Promise.reject(new Error('no')) : hang();
          },
          { deadline: '10s', retry: { attempts: 9, initial: '4s', factor: 1, jitter: 0 } },
        ),
      ),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null);
    await platform.advance(9_900);
    expect(await run.status()).toBe('running');
    await platform.advance(200);
    expect(await run.result()).toEqual({ class: 'timeout', code: 'STEP_DEADLINE' });
    expect(attempts).toEqual([1, 2]);
  });

  test('makes no attempt that could only begin behind it', async () => {
    const attempts: number[] = [];
    const one = flow((ctx) =>
      caught(
        ctx.step(
          'a',
          ({ attempt }) => {
            attempts.push(attempt);
            throw new Error('no');
          },
          { deadline: '10s', retry: { attempts: 9, initial: '20s', max: '20s', jitter: 0 } },
        ),
      ),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null);
    await platform.settle();
    expect(await run.result()).toMatchObject({ class: 'retryable' });
    expect(attempts).toEqual([1]);
  });

  test('counts from the first attempt, also in the next process', async () => {
    const store = newDatabase();
    const one = flow((ctx) =>
      caught(
        ctx.step('a', ({ attempt }) => (attempt <= 2 ? Promise.reject(new Error('no')) : hang()), {
          deadline: '30s',
          retry: { attempts: 9, initial: '10s', factor: 1, jitter: 0 },
        }),
      ),
    );
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(15_000);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 15_000 });
    await second.platform.advance(14_000);
    expect(await second.engine.handle('run').status()).toBe('running');
    await second.platform.advance(2_000);
    const { status, output } = await second.engine.runs.get('run');
    expect({ status, output }).toEqual({
      status: 'completed',
      output: { class: 'timeout', code: 'STEP_DEADLINE' },
    });
  });
});

describe('the deadline of a step that was parked', () => {
  test('counts anew from the retry: the time that it was held for is not its own', async () => {
    let isWell = false;
    const one = flow((ctx) =>
      ctx.step(
        'a',
        async () => {
          if (!isWell) throw new Error('no');
          await new Promise<void>((resolve) => void opened.platform.setTimer(5_000, resolve));
          return 'well';
        },
        { deadline: '10s', retry: { attempts: 1, onExhausted: 'park' } },
      ),
    );
    const opened = await openEngine([one]);
    const { engine, platform } = opened;
    await engine.start(one, null, { id: 'run' });
    await platform.advance(3_600_000);
    expect((await engine.runs.get('run')).parkReason).toBe('retries_exhausted');
    isWell = true;
    await engine.retry('run');
    await platform.advance(10_000);
    expect(await engine.handle('run').result()).toBe('well');
  });
});

describe('the deadline of a run', () => {
  const withDeadline = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
    workflow({ name: 'flow', deadline: '1h' }, run);

  test('aborts what runs and fails the run', async () => {
    const aborted: string[] = [];
    const one = withDeadline((ctx) =>
      ctx.step('a', ({ signal }) => {
        void abortOf(signal).then(() => aborted.push('a'));
        return hang();
      }),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(3_599_000);
    expect(await run.status()).toBe('running');
    await platform.advance(2_000);
    expect((await engine.runs.get('run')).failure).toMatchObject({ class: 'timeout', code: 'RUN_DEADLINE' });
    expect(aborted).toEqual(['a']);
    expect(await storyOf(engine, 'run')).toContain('step.cancelled a');
  });

  test('ends a run that only waits, in whatever process', async () => {
    const store = newDatabase();
    const one = withDeadline(async (ctx) => await ctx.signal('never'));
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(60_000);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 60_000 });
    await second.platform.advance(3_530_000);
    expect(await second.engine.handle('run').status()).toBe('waiting');
    await second.platform.advance(20_000);
    expect((await second.engine.runs.get('run')).failure?.code).toBe('RUN_DEADLINE');
    expect(await storyOf(second.engine, 'run')).toContain('wait.cancelled never');
  });

  test('cancels its children before the run ends', async () => {
    const child = workflow({ name: 'child' }, async (ctx) => await ctx.signal('never'));
    const one = withDeadline((ctx) => ctx.workflow(child, null));
    const { engine, platform } = await openEngine([one, child]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(3_700_000);
    const [childRun] = await engine.runs.list({ parentRunId: 'run' });
    expect([childRun?.status, (await engine.runs.get('run')).failure?.code]).toEqual([
      'cancelled',
      'RUN_DEADLINE',
    ]);
  });
});

describe('a wall clock that jumps', () => {
  test('frees nothing: a holder that beats keeps its runs, whatever the clocks say', async () => {
    const store = newDatabase();
    const log: string[] = [];
    const working = (where: string) =>
      flow((ctx) =>
        ctx.step('a', () => {
          log.push(where);
          return hang();
        }),
      );
    const holder = await openEngine([working('holder')], { store });
    const other = await openEngine([working('other')], { store, seed: 2 });
    await holder.engine.start('flow', null, { id: 'run' });
    const bothGoOn = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 2) {
        await holder.platform.advance(2_000);
        await other.platform.advance(2_000);
      }
    };
    await bothGoOn(10);
    other.platform.jump(86_400_000);
    holder.platform.jump(-86_400_000);
    await bothGoOn(60);
    expect(log).toEqual(['holder']);
    expect(await storyOf(holder.engine, 'run')).toEqual(['run.created', 'run.started', 'step.started a']);
  });
});

describe('work whose lease is lost', () => {
  test('J15: is aborted as soon as its process finds out, and nothing of it is recorded', async () => {
    const store = newDatabase();
    const log: string[] = [];
    const working = (where: string) =>
      flow((ctx) =>
        ctx.step('a', ({ signal, attempt }) => {
          log.push(`${where} starts`);
          if (attempt > 1) return `done ${where}`;
          return abortOf(signal).then(() => {
            log.push(`${where} is aborted`);
            return `late ${where}`;
          });
        }),
      );
    const stopped = await openEngine([working('stopped')], { store });
    await stopped.engine.start('flow', null, { id: 'run' });
    await stopped.platform.advance(5_000);
    const other = await openEngine([working('other')], { store, seed: 2, laterMs: 5_000 });
    await other.platform.advance(45_000);
    expect(log).toContain('other starts');
    await stopped.platform.advance(10_000);
    expect(log.toSorted()).toEqual(['other starts', 'stopped is aborted', 'stopped starts']);
    expect(await other.engine.handle('run').result()).toBe('done other');
    expect(await storyOf(other.engine, 'run')).toEqual([
      'run.created',
      'run.started',
      'step.started a',
      'step.lost a',
      'step.completed a',
      'run.completed',
    ]);
  });
});
