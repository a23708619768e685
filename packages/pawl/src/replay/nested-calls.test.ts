/** Promises of nested calls: a step is recorded as one unit, so ctx cannot be used inside of it. */
import { describe, expect, test } from 'vitest';
import { handDriven, type HandDriven } from '../testing/index.ts';
import { currentAmbient, runAs } from './ambient.ts';
import type { WorkflowContext } from './context.ts';

/** Runs a use of ctx as a worker runs the function of the step "outer", and tells how it was refused. */
async function usedInside(
  use: (ctx: WorkflowContext) => unknown,
  runId = 'run-1',
): Promise<{ run: HandDriven; error: unknown }> {
  let context: WorkflowContext | undefined;
  const run = await handDriven(async (ctx) => {
    context = ctx;
    await ctx.step('outer', () => 1);
  }).start();
  let error: unknown;
  await runAs({ runId, stepPath: 'outer', onUnhandled: () => undefined }, async () => {
    try {
      await use(context as WorkflowContext);
    } catch (thrown) {
      error = thrown;
    }
  });
  await run.take();
  return { run, error };
}

const calls: readonly [what: string, name: string, use: (ctx: WorkflowContext) => unknown][] = [
  ['step', 'a', (ctx) => ctx.step('a', () => 1)],
  ['shell', 'a', (ctx) => ctx.shell('a', 'ls')],
  ['http', 'a', (ctx) => ctx.http('a', { url: 'http://a' })],
  ['operation', 'a', (ctx) => ctx.operation('a', 'mail')],
  ['workflow', 'fix', (ctx) => ctx.workflow('fix', 1)],
  ['approval', 'a', (ctx) => ctx.approval('a', { message: 'ok?' })],
  ['input', 'a', (ctx) => ctx.input('a')],
  ['signal', 'a', (ctx) => ctx.signal('a')],
  ['sleep', 'a', (ctx) => ctx.sleep('a', '1s')],
  ['map', 'a', (ctx) => ctx.map('a', [1], () => 1)],
  ['parallel', 'a', (ctx) => ctx.parallel('a', { x: () => 1 })],
  ['race', 'a', (ctx) => ctx.race('a', { x: () => 1 })],
  ['continueAsNew', '', (ctx) => ctx.continueAsNew(1)],
];

const values: readonly [what: string, use: (ctx: WorkflowContext) => unknown][] = [
  ['random', (ctx) => ctx.random()],
  ['uuid', (ctx) => ctx.uuid()],
  ['patched', (ctx) => ctx.patched('new')],
  ['set', (ctx) => ctx.set({ n: 1 })],
];

describe('inside the function of a step', () => {
  test.each(calls)('ctx.%s is refused', async (call, name, use) => {
    const { run, error } = await usedInside(use);
    expect(error).toMatchObject({
      code: 'NESTED_CALL',
      message: `ctx.${call}("${name}") was called inside the step "outer".`,
    });
    expect(run.commands.map((command) => command.type)).toEqual(['ScheduleStep']);
  });

  test.each(values)(
    'ctx.%s is refused: the step does not run again, and the next one would differ',
    async (_what, use) => {
      const { run, error } = await usedInside(use);
      expect(error).toMatchObject({ code: 'NESTED_CALL' });
      expect(run.commands.map((command) => command.type)).toEqual(['ScheduleStep']);
    },
  );

  test('reading facts and the time, and logging, is allowed', async () => {
    const { run, error } = await usedInside((ctx) => {
      ctx.log.info('still here', { at: ctx.now().toISOString(), run: ctx.runId });
    });
    expect(error).toBeUndefined();
    expect(run.platform.lines).toMatchObject([{ message: 'still here' }]);
  });

  test('a call of another run is none of ours', async () => {
    const { run, error } = await usedInside((ctx) => void ctx.sleep('a', '1s'), 'run-2');
    expect(error).toBeUndefined();
    expect(run.driver.openCalls).toContainEqual({ path: 'a', kind: 'sleep' });
  });
});

describe('code knows which run it belongs to', () => {
  test('in the function, behind its awaits, and nowhere else', async () => {
    const seen: unknown[] = [];
    const note = (): number => seen.push(currentAmbient()?.runId);
    const run = await handDriven(
      async (ctx) => {
        note();
        await ctx.step('a', () => 1);
        note();
        await ctx.parallel('p', { x: async () => note() });
      },
      { runId: 'mine' },
    ).start();
    await run.end('a', 'ok');
    note();
    expect(seen).toEqual(['mine', 'mine', 'mine', undefined]);
  });

  test('so that a rejection that nobody handled can be told to it', async () => {
    const run = await handDriven(async () => currentAmbient()?.onUnhandled('lost')).start();
    expect(run.unhandled).toEqual(['lost']);
  });
});
