/** What Pawl does not know, or does not enforce, is an error at the door or a failed step; never an empty success. */
import { type AnyWorkflow, defineKind, pawl, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test, vi } from 'vitest';

const unknown = { surprise: 1 } as object;
const unenforced = { policy: {}, budget: { usd: 1 } } as object;

async function failureOf(body: (ctx: WorkflowContext) => Promise<unknown>): Promise<string | undefined> {
  const one = workflow({ name: 'flow' }, body);
  const engine = await pawl.open({ store: 'sqlite::memory:', workflows: [one] });
  const run = await engine.start(one, undefined);
  await vi.waitFor(async () => expect(await run.status()).toBe('failed'), { timeout: 5_000 });
  const { failure } = await engine.runs.get(run.id);
  await engine.close();
  return failure?.code;
}

async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'nothing was refused';
}

function openWith(options: object): Promise<unknown> {
  return pawl.open({ store: 'sqlite::memory:', ...options });
}

async function forgetful(ctx: WorkflowContext): Promise<string> {
  void ctx.step('a', () => 1);
  return 'done';
}

describe('a step of the run', () => {
  test('J9 of a kind that nobody registered fails', async () => {
    expect(await failureOf((ctx) => ctx.operation('mail', 'no-such-kind', {}))).toBe('KIND_UNKNOWN');
  });

  test('H1 with an option that nobody knows fails', async () => {
    expect(await failureOf((ctx) => ctx.step('a', () => 1, unknown))).toBe('OPTION_UNKNOWN');
  });

  test('with an option that is not enforced yet fails', async () => {
    expect(await failureOf((ctx) => ctx.step('a', () => 1, unenforced))).toBe('NOT_SUPPORTED_YET');
  });

  test('that nobody awaited fails the run', async () => {
    expect(await failureOf(forgetful)).toBe('FORGOTTEN_AWAIT');
  });

  test('of a child workflow that nobody knows fails', async () => {
    expect(await failureOf((ctx) => ctx.workflow('no-such-workflow', {}))).toBe('WORKFLOW_UNKNOWN');
  });
});

describe('a definition', () => {
  const kind = defineKind({ name: 'mail', execute: async () => ({ output: null }) });
  const flow = workflow({ name: 'flow' }, () => null) as AnyWorkflow;

  test.each([
    ['an unknown option of a workflow', 'OPTION_UNKNOWN', () => workflow({ name: 'a', ...unknown }, () => 1)],
    [
      'an option of a workflow that is not enforced yet',
      'NOT_SUPPORTED_YET',
      () => workflow({ name: 'a', ...unenforced }, () => 1),
    ],
    ['an unknown option of an engine', 'OPTION_UNKNOWN', () => openWith(unknown)],
    ['an option of an engine that is not enforced yet', 'NOT_SUPPORTED_YET', () => openWith(unenforced)],
    ['a kind that is registered twice', 'KIND_DUPLICATE', () => openWith({ kinds: [kind, kind] })],
    ['a kind by the name of a built-in one', 'KIND_DUPLICATE', () => openWith({ kinds: [shellAgain()] })],
    [
      'a workflow that is registered twice',
      'WORKFLOW_DUPLICATE',
      () => openWith({ workflows: [flow, { ...flow }] }),
    ],
    [
      'a duration that cannot be read',
      'DURATION_INVALID',
      () => workflow({ name: 'a', deadline: 'soon' }, () => 1),
    ],
  ])('with %s is refused with %s', async (_what, code, act) => {
    expect(await codeOf(act)).toBe(code);
  });

  test('that nobody knows cannot be started by name', async () => {
    const engine = await pawl.open({ store: 'sqlite::memory:' });
    expect(await codeOf(() => engine.start('no-such-workflow', {}))).toBe('WORKFLOW_UNKNOWN');
    await engine.close();
  });
});

function shellAgain() {
  return defineKind({ name: 'shell', execute: async () => ({ output: null }) });
}
