/** Approvals and inputs: only a recorded decision opens a gate, ordered against its deadline by the store's clock. */
import { type ApprovalRequest, pawl, StepFailed, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Batch, EXTERNAL } from '../../packages/pawl/src/store/index.ts';
import { openBetween } from './support/between-store.ts';
import { newDatabase, openEngine, openMortal, START } from './support/opened-engine.ts';
import { codeOf, eventsOf, storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

function asking(request: Partial<ApprovalRequest> = {}): Workflow<unknown, unknown> {
  return flow(async (ctx) => {
    try {
      return await ctx.approval('ship', { message: 'Ship it?', ...request });
    } catch (error) {
      return error instanceof StepFailed ? { class: error.class, code: error.code } : String(error);
    }
  });
}

async function waiting(one: Workflow<unknown, unknown>) {
  const opened = await openEngine([one]);
  const run = await opened.engine.start(one, null, { id: 'run' });
  await opened.platform.advance(1_000);
  return { ...opened, run };
}

/** A decision of another process, whose clock said that it was in time. */
function decisionOf(actor: string): Batch {
  return {
    run: { tenant: 'default', runId: 'run' },
    fence: EXTERNAL,
    dedupeId: 'decision',
    wakes: 'arrival',
    events: [
      { type: 'approval.decided', path: 'ship', actor, data: { decision: 'approved' } },
      { type: 'wait.resolved', path: 'ship', actor, data: { outcome: 'approved' } },
    ],
  };
}

const ada = { by: 'ada' };

describe('I3: an approval', () => {
  test('is not given because its run was paused and resumed, evicted, or taken over', async () => {
    const store = newDatabase();
    const one = asking();
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.engine.pause('run');
    await first.engine.resume('run');
    await first.platform.advance(40_000);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 41_000 });
    await second.platform.advance(10_000);
    await second.engine.signal('run', 'ship', { approved: true });
    await second.platform.advance(10_000);
    const handle = second.engine.handle('run');
    expect(await handle.status()).toBe('waiting');
    expect(await second.engine.waits({ kinds: ['approval'] })).toMatchObject([{ path: 'ship' }]);
    await second.engine.approve('run', 'ship', ada);
    await second.platform.advance(100);
    expect(await handle.result()).toMatchObject({ decision: 'approved', by: 'ada' });
  });

  test('says who approved, when and why', async () => {
    const { engine, platform, run } = await waiting(asking({ args: { version: 7 } }));
    expect((await engine.waits())[0]).toMatchObject({ path: 'ship', kind: 'approval', message: 'Ship it?' });
    expect((await engine.runs.get('run')).steps[0]).toMatchObject({
      status: 'waiting',
      message: 'Ship it?',
      input: { version: 7 },
    });
    await platform.advance(4_000);
    await engine.approve('run', undefined, { by: 'ada', comment: 'looks good' });
    await platform.settle();
    expect(await run.result()).toEqual({
      decision: 'approved',
      by: 'ada',
      at: '2026-01-01T00:00:05.000Z',
      comment: 'looks good',
    });
    expect((await storyOf(engine, 'run')).slice(-3)).toEqual([
      'approval.decided ship',
      'wait.resolved ship',
      'run.completed',
    ]);
  });

  test('that is rejected is thrown as denied, or returned where that is asked for', async () => {
    const thrown = await waiting(asking());
    await thrown.engine.reject('run', 'ship', ada);
    await thrown.platform.settle();
    expect(await thrown.run.result()).toEqual({ class: 'denied', code: 'APPROVAL_REJECTED' });
    const returned = await waiting(asking({ onRejected: 'return' }));
    await returned.engine.reject('run', 'ship', { by: 'ada', comment: 'no' });
    await returned.platform.settle();
    expect(await returned.run.result()).toMatchObject({ decision: 'rejected', by: 'ada', comment: 'no' });
  });

  test('that fails its run says by whom it was rejected', async () => {
    const { engine, platform, run } = await waiting(
      flow((ctx) => ctx.approval('ship', { message: 'Ship?' })),
    );
    await engine.reject('run', 'ship', { by: 'ada', comment: 'not on a Friday' });
    await platform.settle();
    await expect(run.result()).rejects.toThrow(/APPROVAL_REJECTED.*ada: not on a Friday/);
  });

  test('is decided once: the first decision counts, the second finds the gate closed', async () => {
    const { engine, platform, run } = await waiting(asking({ onRejected: 'return' }));
    const codes = await Promise.all([
      codeOf(() => engine.approve('run', 'ship', ada)),
      codeOf(() => engine.reject('run', 'ship', { by: 'bob' })),
    ]);
    await platform.settle();
    expect(codes.toSorted()).toEqual(['GATE_CLOSED', 'done']);
    expect(await run.result()).toMatchObject({ decision: codes[0] === 'done' ? 'approved' : 'rejected' });
  });

  test('needs a person, and one of its approvers where it names any', async () => {
    const { engine, platform, run } = await waiting(asking({ approvers: ['ada', 'bob'] }));
    const before = await eventsOf(engine, 'run');
    expect(await codeOf(() => engine.approve('run', 'ship', {}))).toBe('PERSON_MISSING');
    expect(await codeOf(() => engine.approve('run', 'ship', { by: 'eve' }))).toBe('NOT_AN_APPROVER');
    expect(await codeOf(() => engine.reject('run', 'ship', { by: 'eve' }))).toBe('NOT_AN_APPROVER');
    await expect(engine.approve('run', 'ship', { by: 'eve' })).rejects.toMatchObject({
      message: 'eve may not decide "ship" of run run.',
      todo: 'Let one of its approvers decide: ada, bob.',
    });
    expect(await eventsOf(engine, 'run')).toEqual(before);
    await engine.approve('run', 'ship', { by: 'bob' });
    await platform.settle();
    expect(await run.result()).toMatchObject({ decision: 'approved', by: 'bob' });
  });

  test('among several must be named', async () => {
    const { engine, platform, run } = await waiting(
      flow(async (ctx) => {
        const gates = ['a', 'b'].map((name) => ctx.approval(name, { message: `${name}?` }));
        return (await Promise.all(gates)).map(({ by }) => by);
      }),
    );
    expect(await codeOf(() => engine.approve('run', undefined, ada))).toBe('GATE_AMBIGUOUS');
    await expect(engine.approve('run', 'c', ada)).rejects.toMatchObject({
      code: 'GATE_CLOSED',
      message: 'Run run has no open approval "c"; it waits for approval "a", approval "b".',
    });
    await expect(engine.answer('run', undefined, 1, ada)).rejects.toMatchObject({
      code: 'GATE_CLOSED',
      message: 'Run run has no open input; it waits for approval "a", approval "b".',
    });
    await engine.approve('run', 'b', { by: 'bob' });
    await engine.approve('run', undefined, ada);
    await platform.settle();
    expect(await run.result()).toEqual(['ada', 'bob']);
  });
});

describe('H15: an approval and its deadline', () => {
  test('that was given in time is recorded as given, however late its run hears of it', async () => {
    const store = newDatabase();
    const worker = await openEngine([asking({ deadline: '10s' })], { store });
    await worker.engine.start('flow', null, { id: 'run' });
    await worker.platform.advance(100);
    const client = await openEngine([], { store, seed: 2, laterMs: 9_900 });
    await client.engine.approve('run', 'ship', ada);
    await worker.platform.advance(60_000);
    expect((await worker.engine.runs.get('run')).output).toMatchObject({ decision: 'approved' });
    expect(await storyOf(worker.engine, 'run')).not.toContain('wait.expired ship');
  });

  test('that was recorded right before its expiry counts, although its run has not seen it', async () => {
    const platform = fakePlatform({ startMs: START });
    let isOvertaken = false;
    const { store } = await openBetween(platform, {
      before: async (batches, inner) => {
        const expires = batches.some(({ conclusion }) =>
          conclusion?.events.some((event) => event.type === 'wait.expired'),
        );
        if (!expires || isOvertaken) return;
        isOvertaken = true;
        await inner.commit([decisionOf('ada')]);
      },
    });
    const engine = await pawl.open({ store, workflows: [asking({ deadline: '10s' })], platform });
    await engine.start('flow', null, { id: 'run' });
    await platform.advance(20_000);
    expect((await engine.runs.get('run')).output).toMatchObject({ decision: 'approved', by: 'ada' });
    expect(await storyOf(engine, 'run')).not.toContain('wait.expired ship');
    expect(isOvertaken).toBe(true);
  });

  test('that was given too late is refused, although nobody has written the expiry yet', async () => {
    const store = newDatabase();
    const worker = await openEngine([asking({ deadline: '10s' })], { store });
    await worker.engine.start('flow', null, { id: 'run' });
    await worker.platform.advance(100);
    const client = await openEngine([], { store, seed: 2, laterMs: 10_100 });
    const before = await eventsOf(client.engine, 'run');
    expect(await codeOf(() => client.engine.approve('run', 'ship', ada))).toBe('DECISION_LATE');
    expect(await eventsOf(client.engine, 'run')).toEqual(before);
    await worker.platform.advance(60_000);
    expect(await worker.engine.handle('run').result()).toEqual({ class: 'denied', code: 'APPROVAL_EXPIRED' });
    expect(await codeOf(() => client.engine.approve('run', 'ship', ada))).toBe('RUN_TERMINAL');
  });

  test.each([
    ['expire', { decision: 'expired', at: '2026-01-01T00:00:10.000Z' }],
    ['approve', { decision: 'approved', at: '2026-01-01T00:00:10.000Z' }],
    ['reject', { decision: 'rejected', at: '2026-01-01T00:00:10.000Z' }],
  ] as const)('that nobody gave means what onTimeout says: %s', async (onTimeout, expected) => {
    const { platform, run } = await waiting(asking({ deadline: '10s', onTimeout, onRejected: 'return' }));
    await platform.advance(60_000);
    expect(await run.result()).toEqual(expected);
  });

  test('that passed while no process was there is recorded with its own time', async () => {
    const store = newDatabase();
    const one = asking({ deadline: '10s', onRejected: 'return' });
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 3_600_000 });
    await second.platform.advance(1_000);
    expect(await second.engine.handle('run').result()).toEqual({
      decision: 'expired',
      at: '2026-01-01T00:00:10.000Z',
    });
  });

  test('is late as soon as a process has written the expiry, and says so', async () => {
    const { engine, platform } = await waiting(
      flow(async (ctx) => {
        await ctx.approval('ship', { message: 'Ship?', deadline: '10s', onRejected: 'return' });
        return await ctx.approval('again', { message: 'Ship now?' });
      }),
    );
    await platform.advance(10_000);
    expect(await codeOf(() => engine.approve('run', 'ship', ada))).toBe('DECISION_LATE');
    expect((await engine.waits()).map((wait) => wait.path)).toEqual(['again']);
  });
});

describe('I4: a closed gate', () => {
  test('lets no catch, no finally and no timeout of the function run past it', async () => {
    const passed: string[] = [];
    const one = flow(async (ctx) => {
      try {
        await ctx.approval('ship', { message: 'Ship?' });
        passed.push('approved');
      } catch (error) {
        passed.push(`caught ${String(error)}`);
      } finally {
        passed.push('finally');
      }
      await ctx.step('ship', () => passed.push('shipped'));
    });
    const store = newDatabase();
    const first = await openEngine([one], { store, worker: { evictAfter: '1s' } });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(10_000);
    const closing = first.engine.close();
    await first.platform.advance(15_000);
    await closing;
    expect(passed).toEqual([]);
    const second = await openEngine([one], { store, seed: 2, laterMs: 25_000 });
    await second.platform.advance(10_000);
    expect(passed).toEqual([]);
    await second.engine.approve('run', 'ship', ada);
    await second.platform.settle();
    expect(passed).toEqual(['approved', 'finally', 'shipped']);
  });
});

describe('an input', () => {
  const schema = z.object({ name: z.string().min(1), seats: z.number().int().positive() });
  const form = (deadline?: string): Workflow<unknown, unknown> =>
    flow(async (ctx) => {
      try {
        return await ctx.input('guest', schema, { message: 'Who comes?', ...(deadline ? { deadline } : {}) });
      } catch (error) {
        return error instanceof StepFailed ? { class: error.class, code: error.code } : String(error);
      }
    });

  test('takes an answer that fits, and refuses any other at the door', async () => {
    const { engine, platform, run } = await waiting(form());
    expect((await engine.waits())[0]).toMatchObject({ path: 'guest', kind: 'input', message: 'Who comes?' });
    const before = await eventsOf(engine, 'run');
    for (const wrong of [undefined, null, 'Ada', {}, { name: '', seats: 1 }, { name: 'Ada', seats: 1.5 }])
      expect(await codeOf(() => engine.answer('run', 'guest', wrong, ada))).toBe('ANSWER_INVALID');
    expect(await eventsOf(engine, 'run')).toEqual(before);
    await engine.answer('run', 'guest', { name: 'Ada', seats: 2 }, ada);
    await platform.settle();
    expect(await run.result()).toEqual({ name: 'Ada', seats: 2 });
  });

  test('names the part of the answer that is wrong', async () => {
    const { engine } = await waiting(form());
    await expect(engine.answer('run', 'guest', { name: 'Ada', seats: 'two' }, ada)).rejects.toThrow(
      /\$\.seats/,
    );
  });

  test('expires at its deadline, and takes no answer after it', async () => {
    const { engine, platform, run } = await waiting(form('10s'));
    await platform.advance(60_000);
    expect(await run.result()).toEqual({ class: 'timeout', code: 'INPUT_EXPIRED' });
    expect(await codeOf(() => engine.answer('run', 'guest', { name: 'Ada', seats: 2 }, ada))).toBe(
      'RUN_TERMINAL',
    );
  });

  test('that is open cannot be approved, and an open approval cannot be answered', async () => {
    const first = await waiting(form());
    expect(await codeOf(() => first.engine.approve('run', 'guest', ada))).toBe('GATE_CLOSED');
    expect(await codeOf(() => first.engine.answer('run', 'guest', { name: 'A', seats: 1 }, {}))).toBe(
      'PERSON_MISSING',
    );
    const second = await waiting(asking());
    expect(await codeOf(() => second.engine.answer('run', 'ship', true, ada))).toBe('GATE_CLOSED');
  });

  test('may be answered with anything where it has no schema', async () => {
    const { engine, platform, run } = await waiting(flow((ctx) => ctx.input('free')));
    await engine.answer('run', undefined, ['any', { thing: null }], ada);
    await platform.settle();
    expect(await run.result()).toEqual(['any', { thing: null }]);
  });
});
