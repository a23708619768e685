/** Step kinds of the user's own work like the built-in ones: schema, labels, policy, tools; what is wrong is refused. */
import {
  type AnyKind,
  defineKind,
  type StepFailed,
  TerminalError,
  type Workflow,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, eventsOf, eventsOfType } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

async function ran(kind: AnyKind, run: Run) {
  const one = flow(run);
  const opened = await openEngine([one], { kinds: [kind] });
  await opened.engine.start(one, null, { id: 'run' });
  await opened.platform.settle();
  return { ...opened, view: await opened.engine.runs.get('run') };
}

describe('a kind', () => {
  test('gets its input as its schema parsed it, and the tools of a step', async () => {
    const seen: Record<string, unknown>[] = [];
    const mail = defineKind({
      name: 'mail',
      schema: z.object({ to: z.string(), copies: z.coerce.number().default(1) }),
      execute: async (
        input,
        { runId, path, attempt, idempotencyKey, signal, tenant, report, progress, log },
      ) => {
        seen.push({ input, runId, path, attempt, idempotencyKey, tenant, isAborted: signal.aborted });
        report({ inputTokens: 3 });
        progress({ sent: 1 });
        log('info', 'sent', { to: input.to });
        return { output: { sent: input.copies } };
      },
    });
    const { view, engine, platform } = await ran(mail, (ctx) =>
      ctx.operation('greet', 'mail', { to: 'ada', copies: '2' }),
    );
    expect(view).toMatchObject({ status: 'completed', output: { sent: 2 }, usage: { inputTokens: 3 } });
    expect(seen).toEqual([
      {
        input: { to: 'ada', copies: 2 },
        runId: 'run',
        path: 'greet',
        attempt: 1,
        idempotencyKey: 'run:greet',
        tenant: 'default',
        isAborted: false,
      },
    ]);
    expect((await eventsOfType(engine, 'run', 'step.progressed')).map(({ payload }) => payload)).toEqual([
      '{"sent":1}',
    ]);
    expect(platform.lines.find(({ message }) => message === 'sent')?.fields).toMatchObject({
      to: 'ada',
      runId: 'run',
      path: 'greet',
      attempt: 1,
    });
  });

  test('fails its step for an input that does not fit, without having fired', async () => {
    let fired = 0;
    const mail = defineKind({
      name: 'mail',
      schema: z.object({ to: z.string() }),
      execute: async () => ({ output: fired++ }),
    });
    const { view, engine, platform } = await ran(mail, (ctx) => ctx.operation('greet', 'mail', { to: 7 }));
    await platform.advance(60_000);
    expect(view).toMatchObject({
      status: 'failed',
      failure: { class: 'terminal', code: 'STEP_INPUT_INVALID' },
    });
    expect(view.failure?.message).toContain('$.to');
    expect(fired).toBe(0);
    expect((await eventsOf(engine, 'run')).filter(({ type }) => type === 'step.failed')).toHaveLength(1);
  });

  test('may end with a label of its own', async () => {
    const ask = defineKind({
      name: 'ask',
      labels: ['yes', 'no'],
      execute: async () => ({ outcome: 'no', output: 'not today' }),
    });
    const { view, engine } = await ran(ask, (ctx) => ctx.operation('ask', 'ask'));
    expect(view).toMatchObject({ status: 'completed', output: 'not today', steps: [{ outcome: 'no' }] });
    expect((await eventsOfType(engine, 'run', 'step.completed'))[0]?.data.outcome).toBe('no');
  });

  test.each([
    ['a label that it has not declared', ['yes', 'no'], 'maybe'],
    ['one where it has declared none', undefined, 'yes'],
    ['the one of failures', ['failed'], 'failed'],
    ['the one of what was cancelled', ['cancelled'], 'cancelled'],
    ['what is no label', ['yes'], 7],
  ])('H3: cannot end well with %s', async (_what, labels, outcome) => {
    const ask = defineKind({
      name: 'ask',
      ...(labels ? { labels } : {}),
      execute: async () => ({ outcome: outcome as string, output: 1 }),
    });
    const { view } = await ran(ask, (ctx) => ctx.operation('ask', 'ask'));
    expect(view).toMatchObject({
      status: 'failed',
      failure: {
        class: 'terminal',
        code: 'OUTCOME_UNDECLARED',
        message: expect.stringContaining(`"${outcome}"`),
      },
    });
  });

  test('says what of its input is recorded', async () => {
    const login = defineKind<{ readonly user: string; readonly pin: string }>({
      name: 'login',
      record: ({ user }) => ({ user, pin: '…' }),
      execute: async ({ pin }) => ({ output: pin.length }),
    });
    const { view } = await ran(login, (ctx) =>
      ctx.operation('in', 'login', { user: 'ada', pin: '12345678' }),
    );
    expect(view.steps[0]).toMatchObject({ kind: 'login', input: { user: 'ada', pin: '…' }, output: 8 });
  });

  test('has its own timeout and policy, which a call may override', async () => {
    const hanging = defineKind({
      name: 'hanging',
      timeout: '1s',
      retry: 'none',
      execute: () => new Promise(() => undefined),
    });
    const { platform, engine } = await ran(hanging, (ctx) =>
      ctx
        .parallel(
          'p',
          {
            own: (c) => c.operation('a', 'hanging'),
            longer: (c) => c.operation('a', 'hanging', null, { timeout: '5s' }),
          },
          { failFast: false },
        )
        .then(({ own, longer }) =>
          [own, longer].map((one) => !one.ok && (one.failure as StepFailed).message),
        ),
    );
    await platform.advance(60_000);
    expect((await engine.runs.get('run')).output).toEqual([
      'The attempt took longer than 1.0 s.',
      'The attempt took longer than 5.0 s.',
    ]);
  });

  test('is aborted like any step, and has six seconds to clean up', async () => {
    const log: string[] = [];
    const cleaning = defineKind({
      name: 'cleaning',
      execute: (_input, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            log.push('aborted');
            platform.setTimer(5_000, () => {
              log.push('cleaned');
              resolve({ output: null });
            });
          });
        }),
    });
    const { platform, engine } = await ran(cleaning, (ctx) =>
      ctx
        .operation('a', 'cleaning', null, { timeout: '1s', retry: 'none' })
        .catch(({ code }: StepFailed) => code),
    );
    await platform.advance(10_000);
    expect((await engine.runs.get('run')).output).toBe('STEP_TIMEOUT');
    expect(log).toEqual(['aborted', 'cleaned']);
  });

  test('that fails for good fails at once', async () => {
    const failing = defineKind({
      name: 'failing',
      execute: () => Promise.reject(new TerminalError('never', { code: 'MINE' })),
    });
    const { view } = await ran(failing, (ctx) => ctx.operation('a', 'failing'));
    expect(view).toMatchObject({ status: 'failed', failure: { code: 'MINE', path: 'a' } });
  });

  test('that checks its input parks a run whose code passes another one now', async () => {
    const store = newDatabase();
    const fired: unknown[] = [];
    const kinds = [
      defineKind({
        name: 'charge',
        checkInput: true,
        execute: async (input) => ({ output: fired.push(input) }),
      }),
    ];
    const charging = (amount: number): Workflow<unknown, unknown> =>
      flow(async (ctx) => {
        await ctx.operation('pay', 'charge', { amount });
        await ctx.sleep('rest', '10s');
      });
    const first = await openMortal([charging(5)], { store, kinds });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([charging(50)], { store, kinds, seed: 2, laterMs: 100 });
    await second.platform.advance(20_000);
    expect(await second.engine.runs.get('run')).toMatchObject({ status: 'parked', parkReason: 'diverged' });
    expect(fired).toEqual([{ amount: 5 }]);
  });
});

describe('J9: a kind that nobody registered', () => {
  test('is a failed step that says which kinds there are, never an empty success', async () => {
    const mail = defineKind({ name: 'mail', execute: async () => ({ output: null }) });
    const { view } = await ran(mail, async (ctx) => {
      await ctx.operation('ask', 'human-approval', { message: 'Ship?' });
      return 'shipped';
    });
    expect(view).toMatchObject({ status: 'failed', failure: { class: 'terminal', code: 'KIND_UNKNOWN' } });
    expect(view).not.toHaveProperty('output');
    expect(view.failure?.message).toMatch(/"human-approval".*shell.*http.*mail/);
  });
});

describe('the definition of a kind', () => {
  const execute = async (): Promise<{ readonly output: null }> => ({ output: null });
  const mail = defineKind({ name: 'mail', execute });

  test.each<[string, string, readonly AnyKind[]]>([
    ['twice', 'KIND_DUPLICATE', [mail, defineKind({ name: 'mail', execute })]],
    ['by the name of a built-in kind', 'KIND_DUPLICATE', [defineKind({ name: 'shell', execute })]],
    ['by the name of a call of ctx', 'KIND_DUPLICATE', [defineKind({ name: 'approval', execute })]],
    ['by a name that is none', 'NAME_INVALID', [defineKind({ name: 'send mail', execute })]],
    ['without an execute function', 'KIND_INVALID', [{ name: 'mail' } as AnyKind]],
    [
      'with a policy that is none',
      'RETRY_INVALID',
      [defineKind({ name: 'mail', execute, retry: 'often' as never })],
    ],
    [
      'with a timeout that is none',
      'DURATION_INVALID',
      [defineKind({ name: 'mail', execute, timeout: 'soon' })],
    ],
  ])('%s is refused with %s', async (_what, code, kinds) => {
    expect(await codeOf(() => openEngine([flow(async () => 1)], { kinds }))).toBe(code);
  });
});
