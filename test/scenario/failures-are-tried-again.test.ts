/** A failed attempt is tried again by the class of its failure, after a delay that survives the process. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  defineKind,
  RateLimitedError,
  StepFailed,
  TerminalError,
  type Workflow,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { describe, expect, test, vi } from 'vitest';
import { newGate } from './support/gate.ts';
import { newDatabase, type OpenedEngine, openEngine, openMortal } from './support/opened-engine.ts';
import { eventsOf, eventsOfType, storyOf } from './support/run-log.ts';

const LONG_MS = 3_600_000;

function flow(run: (ctx: WorkflowContext) => Promise<unknown>): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

/** Milliseconds between the end of an attempt and the next one's due time, for each attempt that was followed by another. */
async function delaysOf({ engine }: OpenedEngine, runId: string): Promise<readonly number[]> {
  const retried = await eventsOfType(engine, runId, 'step.retried');
  return retried.map(({ data }) => (data.dueAt ?? 0) - data.endedAt);
}

async function attemptsOf(error: Error, retry?: object): Promise<number> {
  let attempts = 0;
  const one = flow((ctx) =>
    ctx.step(
      'a',
      () => {
        attempts++;
        throw error;
      },
      retry === undefined ? {} : { retry },
    ),
  );
  const opened = await openEngine([one]);
  await opened.engine.start(one, null, { id: 'run' });
  await opened.platform.advance(LONG_MS);
  return attempts;
}

describe('J4: a failed attempt', () => {
  test('is followed by others of the same key until one succeeds', async () => {
    const seen: string[] = [];
    const one = flow((ctx) =>
      ctx.step('flaky', ({ attempt, idempotencyKey }) => {
        seen.push(`${attempt} ${idempotencyKey}`);
        if (attempt < 3) throw new Error('not yet');
        return attempt;
      }),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(60_000);
    expect(await run.result()).toBe(3);
    expect(seen).toEqual(['1 run:flaky', '2 run:flaky', '3 run:flaky']);
  });

  test('is followed by the next after 2, 4 and 8 seconds, give or take a fifth', async () => {
    const one = flow((ctx) => ctx.step('a', () => Promise.reject(new Error('no')), { retry: 'io' }));
    const opened = await openEngine([one]);
    await opened.engine.start(one, null, { id: 'run' });
    await opened.platform.advance(LONG_MS);
    const delays = await delaysOf(opened, 'run');
    expect(delays).toHaveLength(4);
    for (const [index, plainMs] of [2_000, 4_000, 8_000, 16_000].entries()) {
      expect(delays[index]).toBeGreaterThanOrEqual(plainMs * 0.8);
      expect(delays[index]).toBeLessThanOrEqual(plainMs * 1.2);
    }
  });

  test.each<[string, Error, number]>([
    ['an ordinary error', new Error('no'), 3],
    ['a limit of the other side', new RateLimitedError('slower'), 3],
    ['a terminal error', new TerminalError('never'), 1],
    ['an error whose message merely sounds temporary', new TerminalError('timeout, please retry'), 1],
  ])('of %s is tried %#: the class decides', async (_what, error, attempts) => {
    expect(await attemptsOf(error)).toBe(attempts);
  });

  test.each<[string, object, number]>([
    ['the classes that it names only', { on: ['timeout'] }, 1],
    ['as many attempts as it names', { attempts: 7, initial: '10ms' }, 7],
    ['no second attempt', 'none' as unknown as object, 1],
    ['five attempts under the name io', 'io' as unknown as object, 5],
    ['three attempts under the name model', 'model' as unknown as object, 3],
    ['one attempt under the other name no_retry', 'no_retry' as unknown as object, 1],
    ['five attempts under the other name io_default', 'io_default' as unknown as object, 5],
    ['three attempts under the other name llm_default', 'llm_default' as unknown as object, 3],
  ])('has by its policy %s', async (_what, retry, attempts) => {
    expect(await attemptsOf(new Error('no'), retry)).toBe(attempts);
  });

  test('may be tried again after a terminal failure where the policy names that class', async () => {
    expect(await attemptsOf(new TerminalError('no'), { on: ['terminal'], attempts: 4 })).toBe(4);
  });

  test('takes the policy of the workflow for what the step does not say itself', async () => {
    const attempts = { plain: 0, own: 0 };
    const one = workflow({ name: 'flow', retry: { attempts: 2, initial: '1s', jitter: 0 } }, async (ctx) => {
      const fail = (which: 'plain' | 'own') => () => {
        attempts[which]++;
        throw new Error('no');
      };
      await ctx.step('plain', fail('plain')).catch(() => undefined);
      await ctx.step('own', fail('own'), { retry: { attempts: 4 } }).catch(() => undefined);
    });
    const opened = await openEngine([one]);
    await opened.engine.start(one, null, { id: 'run' });
    await opened.platform.advance(LONG_MS);
    expect(attempts).toEqual({ plain: 2, own: 4 });
    expect(await delaysOf(opened, 'run')).toEqual([1_000, 1_000, 2_000, 4_000]);
  });

  test('of a custom kind is tried again by the policy of the kind', async () => {
    let attempts = 0;
    const kind = defineKind({
      name: 'flaky',
      retry: { attempts: 2, initial: '1ms' },
      execute: async () => {
        attempts++;
        throw new Error('no');
      },
    });
    const one = flow((ctx) => ctx.operation('a', 'flaky').catch(() => 'gave up'));
    const { engine, platform } = await openEngine([one], { kinds: [kind] });
    const run = await engine.start(one, null);
    await platform.advance(LONG_MS);
    expect({ attempts, result: await run.result() }).toEqual({ attempts: 2, result: 'gave up' });
  });

  test('is thrown to the caller as it was recorded, with its cause', async () => {
    class PaymentError extends Error {
      override name = 'PaymentError';
      readonly code = 'CARD_DECLINED';
    }
    const one = flow(async (ctx) => {
      const thrown = await ctx
        .step('pay', () => Promise.reject(new PaymentError('declined', { cause: new Error('no money') })), {
          retry: 'none',
        })
        .catch((error: unknown) => error);
      if (!(thrown instanceof StepFailed)) return 'not a StepFailed';
      const { failure, message, code, path, cause } = thrown;
      return { failure, message, code, path, cause: (cause as StepFailed).message };
    });
    const { engine } = await openEngine([one]);
    const run = await engine.start(one, null);
    const recorded = {
      class: 'retryable',
      code: 'CARD_DECLINED',
      message: 'declined',
      name: 'PaymentError',
      path: 'pay',
    };
    expect(await run.result()).toMatchObject({
      failure: recorded,
      message: 'declined',
      code: 'CARD_DECLINED',
      path: 'pay',
      cause: 'no money',
    });
  });

  test('that nobody catches fails the run with the whole cause', async () => {
    const one = flow((ctx) =>
      ctx.step('pay', () => Promise.reject(new TerminalError('declined', { cause: new Error('no money') }))),
    );
    const { engine } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    const error = await run.result().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'RUN_FAILED',
      cause: { message: 'declined', cause: { message: 'no money' } },
    });
    expect((await engine.runs.get('run')).failedSteps).toEqual(['pay']);
  });
});

describe('the delay before the next attempt', () => {
  const failOnce = flow((ctx) =>
    ctx.step('a', ({ attempt }) => {
      if (attempt === 1) throw new Error('no');
      return attempt;
    }),
  );

  test('J5: is jittered: runs that failed together are not tried again together', async () => {
    const opened = await openEngine([failOnce]);
    for (let run = 0; run < 50; run++) await opened.engine.start(failOnce, null, { id: `run-${run}` });
    await opened.platform.advance(60_000);
    const delays = new Set<number>();
    for (let run = 0; run < 50; run++)
      for (const delay of await delaysOf(opened, `run-${run}`)) delays.add(delay);
    expect(delays.size).toBeGreaterThan(40);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1_600);
    expect(Math.max(...delays)).toBeLessThanOrEqual(2_400);
  });

  test('J5: is durable: another process tries again when it is over and not before', async () => {
    const store = newDatabase();
    const times: number[] = [];
    const delayed = (clock: () => number) =>
      flow(async (ctx) => {
        const fail = ctx.step(
          'a',
          ({ attempt }) => {
            times.push(clock());
            if (attempt === 1) throw new Error('no');
            return attempt;
          },
          { retry: { initial: '10m', max: '10m', jitter: 0 } },
        );
        const poked = ctx.signal('poke');
        return [await fail, await poked];
      });
    let now = (): number => 0;
    const first = await openMortal([delayed(() => now())], { store });
    now = () => first.platform.clock.now();
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(60_000);
    await first.kill();
    const second = await openEngine([delayed(() => now())], { store, seed: 2, laterMs: 60_000 });
    now = () => second.platform.clock.now();
    await second.engine.signal('run', 'poke', 'woken meanwhile');
    await second.platform.advance(480_000);
    expect(times).toHaveLength(1);
    await second.platform.advance(120_000);
    expect(times).toHaveLength(2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(600_000);
    expect((await second.engine.runs.get('run')).output).toEqual([2, 'woken meanwhile']);
  });

  test('J5: counts the attempts of former processes', async () => {
    const store = newDatabase();
    let attempts = 0;
    const one = flow((ctx) =>
      ctx.step(
        'a',
        () => {
          attempts++;
          throw new Error('no');
        },
        { retry: { attempts: 3, initial: '1m', max: '1m', jitter: 0 } },
      ),
    );
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(70_000);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 70_000 });
    await second.platform.advance(LONG_MS);
    expect(attempts).toBe(3);
    expect(await second.engine.handle('run').status()).toBe('failed');
  });

  test('is as long as the other side asks for, beyond every limit of the policy', async () => {
    const one = flow((ctx) =>
      ctx.step(
        'a',
        ({ attempt }) => {
          if (attempt === 1) throw new RateLimitedError('slower', { retryAfterMs: 90_000 });
          return attempt;
        },
        { retry: { max: '5s' } },
      ),
    );
    const opened = await openEngine([one]);
    const run = await opened.engine.start(one, null, { id: 'run' });
    await opened.platform.advance(89_000);
    expect(await run.status()).not.toBe('completed');
    await opened.platform.advance(2_000);
    expect(await run.result()).toBe(2);
    expect(await delaysOf(opened, 'run')).toEqual([90_000]);
  });

  test('holds no slot: others run meanwhile', async () => {
    const one = workflow({ name: 'flow' }, (ctx, isSlow: boolean) =>
      ctx.step('a', ({ attempt }) => {
        if (isSlow && attempt === 1) throw new RateLimitedError('slower', { retryAfterMs: 60_000 });
        return attempt;
      }),
    );
    const { engine, platform } = await openEngine([one], { worker: { slots: 1 } });
    const slow = await engine.start(one, true);
    await platform.settle();
    const quick = await engine.start(one, false);
    await platform.settle();
    expect([await slow.status(), await quick.status()]).toEqual(['waiting', 'completed']);
  });
});

describe('an answer of the other side', () => {
  async function withServer(status: number, headers: Record<string, string>) {
    let requests = 0;
    const keys = new Set<unknown>();
    const server = createServer((request, response) => {
      requests++;
      keys.add(request.headers['idempotency-key']);
      response.writeHead(requests === 1 ? status : 200, headers);
      response.end('"fine"');
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const one = flow((ctx) => ctx.http('call', { url: `http://127.0.0.1:${port}/`, allowPrivate: true }));
    const opened = await openEngine([one]);
    await opened.engine.start(one, null, { id: 'run' });
    const hasEnded = async (): Promise<void> => {
      await opened.platform.advance(1_000);
      expect(['completed', 'failed']).toContain(await opened.engine.handle('run').status());
    };
    await vi.waitFor(hasEnded, { timeout: 20_000, interval: 10 });
    await new Promise((resolve) => server.close(resolve));
    const { status: end, failure } = await opened.engine.runs.get('run');
    return { requests, keys: [...keys], end, code: failure?.code, delays: await delaysOf(opened, 'run') };
  }

  test('that it is busy is honored: the next request comes after its Retry-After, with the same key', async () => {
    const { delays, ...rest } = await withServer(429, { 'retry-after': '30' });
    expect(rest).toEqual({ requests: 2, keys: ['run:call'], end: 'completed', code: undefined });
    expect(delays).toEqual([30_000]);
  });

  test('that it failed is tried again', async () => {
    expect(await withServer(503, {})).toMatchObject({ requests: 2, end: 'completed' });
  });

  test('that the request was wrong is not tried again', async () => {
    expect(await withServer(404, {})).toMatchObject({ requests: 1, end: 'failed', code: 'HTTP_STATUS' });
  });

  test('of a command that ends badly is not tried again either', async () => {
    const one = flow((ctx) => ctx.shell('check', ['sh', '-c', 'echo broken >&2; exit 3']));
    const { engine } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await run.result().catch(() => undefined);
    const { failure } = await engine.runs.get('run');
    expect(failure).toMatchObject({ class: 'terminal', code: 'SHELL_EXIT' });
    expect(failure?.message).toContain('broken');
    expect(await eventsOfType(engine, 'run', 'step.retried')).toEqual([]);
  });
});

describe('an attempt that a dead process left behind', () => {
  test('is lost, uses up no attempt and is made again at once', async () => {
    const store = newDatabase();
    const started = newGate();
    let fired = 0;
    const one = (end: () => unknown) =>
      flow((ctx) =>
        ctx.step(
          'a',
          ({ attempt }) => {
            fired++;
            started.open();
            return attempt === 1 ? end() : `attempt ${attempt}`;
          },
          { retry: 'none' },
        ),
      );
    const first = await openMortal([one(() => new Promise(() => undefined))], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await started.opened;
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([one(() => 'never')], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(2_000);
    expect(await second.engine.handle('run').result()).toBe('attempt 2');
    expect(fired).toBe(2);
    expect(await storyOf(second.engine, 'run')).toEqual([
      'run.created',
      'run.started',
      'step.started a',
      'step.lost a',
      'step.completed a',
      'run.completed',
    ]);
  });
});

describe('a policy that parks', () => {
  const parking = (isGood: () => boolean) =>
    flow((ctx) =>
      ctx.step(
        'charge',
        ({ attempt }) => {
          if (!isGood()) throw new Error(`no ${attempt}`);
          return attempt;
        },
        { retry: { attempts: 2, initial: '1s', onExhausted: 'park' } },
      ),
    );

  test('keeps the run for a person, says why, and goes on at `retry` with new attempts', async () => {
    let isGood = false;
    const { engine, platform } = await openEngine([parking(() => isGood)]);
    const run = await engine.start('flow', null, { id: 'run' });
    await platform.advance(LONG_MS);
    const view = await engine.runs.get('run');
    expect(view).toMatchObject({
      status: 'parked',
      parkReason: 'retries_exhausted',
      parked: { reason: 'retries_exhausted', path: 'charge' },
    });
    const why = await engine.why('run');
    expect(why.reasons[0]).toMatchObject({ command: 'pawl retry run' });
    await engine.retry('run', { by: 'ada' });
    await platform.advance(2_000);
    expect(await run.status()).toBe('parked');
    isGood = true;
    await engine.retry('run', { by: 'ada' });
    await platform.advance(2_000);
    expect(await run.result()).toBe(5);
  });

  test('stays parked through a restart, and goes on in the new process', async () => {
    const store = newDatabase();
    const first = await openMortal([parking(() => false)], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(10_000);
    await first.kill();
    const second = await openEngine([parking(() => true)], { store, seed: 2, laterMs: 10_000 });
    await second.platform.advance(60_000);
    expect(await second.engine.handle('run').status()).toBe('parked');
    await second.engine.retry('run');
    await second.platform.advance(1_000);
    expect(await second.engine.handle('run').result()).toBe(3);
    expect((await eventsOf(second.engine, 'run')).filter(({ type }) => type === 'run.resumed')).toHaveLength(
      1,
    );
  });

  test('waits for the siblings that run, keeps what they did, and `retry` moves all that are held', async () => {
    const gate = newGate<string>();
    let isUp = false;
    const one = flow((ctx) => {
      const retry = { attempts: 1, onExhausted: 'park' } as const;
      const probe = (): string => {
        if (!isUp) throw new Error('down');
        return 'up';
      };
      return Promise.all([
        ctx.step('a', probe, { retry }),
        ctx.step('b', probe, { retry }),
        ctx.step('slow', () => gate.opened),
      ]);
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(5_000);
    expect(await run.status()).toBe('running');
    gate.open('kept');
    await platform.settle();
    expect(await run.status()).toBe('parked');
    isUp = true;
    await engine.retry('run');
    await platform.advance(1_000);
    expect(await run.status()).toBe('completed');
    expect(await run.result()).toEqual(['up', 'up', 'kept']);
  });

  test('keeps what arrives meanwhile, and finds it when it goes on', async () => {
    let isUp = false;
    const one = flow((ctx) =>
      Promise.all([
        ctx.step('probe', () => (isUp ? 'up' : Promise.reject(new Error('down'))), {
          retry: { attempts: 1, onExhausted: 'park' },
        }),
        ctx.signal('go'),
        ctx.approval('ship', { message: 'Ship?' }).then(({ by }) => by),
      ]),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(100);
    await engine.signal('run', 'go', 'kept');
    await engine.approve('run', 'ship', { by: 'ada' });
    await platform.advance(10_000);
    expect(await run.status()).toBe('parked');
    isUp = true;
    await engine.retry('run');
    await platform.settle();
    expect(await run.result()).toEqual(['up', 'kept', 'ada']);
  });

  test('fails the step all the same where no further attempt was meant for that failure', async () => {
    const one = flow((ctx) =>
      ctx.step('a', () => Promise.reject(new TerminalError('never')), { retry: { onExhausted: 'park' } }),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null);
    await platform.advance(1_000);
    expect(await run.status()).toBe('failed');
  });
});
