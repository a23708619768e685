/** Secrets are references: their values reach the effect and nothing else, neither the log nor a row nor a line. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AnyKind,
  defineKind,
  secret,
  type StepFailed,
  type Workflow,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { describe, expect, test } from 'vitest';
import {
  closeEngine,
  newDatabase,
  type OpenedEngine,
  openEngine,
  pathOfDatabase,
} from './support/opened-engine.ts';
import { eventsOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

const VALUE = 'tok-9f8e"7d6c\\b';
const secrets = (name: string): string | undefined => (name === 'API_TOKEN' ? VALUE : undefined);

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

/** Every form in which the value could be found in a text. */
const FORMS = [VALUE, JSON.stringify(VALUE).slice(1, -1), encodeURIComponent(VALUE), VALUE.slice(4)];

function expectNoSecret(text: string): void {
  for (const form of FORMS) expect(text.includes(form), `${form} is in ${text.slice(0, 400)}`).toBe(false);
}

async function recordOf({ engine, platform }: OpenedEngine): Promise<string> {
  const events = await eventsOf(engine, 'run');
  const view = await engine.runs.get('run');
  return JSON.stringify([events, view, await engine.why('run'), await engine.runs.list(), platform.lines]);
}

async function ran(run: Run, kinds: readonly AnyKind[] = []) {
  const store = newDatabase();
  const opened = await openEngine([flow(run)], { store, secrets, kinds });
  await opened.engine.start('flow', null, { id: 'run' });
  await opened.engine
    .handle('run')
    .result()
    .catch(() => undefined);
  const record = await recordOf(opened);
  expectNoSecret(record);
  const view = await opened.engine.runs.get('run');
  await closeEngine(opened);
  expectNoSecret(readFileSync(pathOfDatabase(store), 'latin1'));
  return { view, record };
}

describe('I12: a secret', () => {
  test('reaches the environment of a command, and its output is masked', async () => {
    const { view } = await ran((ctx) =>
      ctx.shell(
        'print',
        ['sh', '-c', 'printf "%s" "$TOKEN"; printf "%s" "$TOKEN" >&2; printf "%s" "${#TOKEN}"'],
        {
          env: { TOKEN: secret('API_TOKEN'), PLAIN: 'shown' },
        },
      ),
    );
    expect(view.output).toMatchObject({ stdout: `[secret]${VALUE.length}`, stderr: '[secret]' });
    expect(view.steps[0]?.input).toMatchObject({ env: { TOKEN: { $secret: 'API_TOKEN' }, PLAIN: 'shown' } });
  });

  test('under a telling name is masked in the input even where it was given in the clear', async () => {
    const { view, record } = await ran((ctx) =>
      ctx.shell('print', ['true'], { env: { DB_PASSWORD: 'hunter2-in-the-clear', USER_NAME: 'ada' } }),
    );
    expect(view.steps[0]?.input).toMatchObject({ env: { DB_PASSWORD: '[secret]', USER_NAME: 'ada' } });
    expect(record).not.toContain('hunter2');
  });

  test('reaches a request, and neither headers nor an echoing answer give it away', async () => {
    const heard: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      heard.push(request.headers.authorization);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ echo: request.headers.authorization, token: VALUE }));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { view } = await ran((ctx) =>
      ctx.http('call', {
        url: `http://127.0.0.1:${port}/?q=1`,
        headers: { authorization: secret('API_TOKEN'), 'x-plain': 'shown' },
        allowPrivate: true,
      }),
    );
    await new Promise((resolve) => server.close(resolve));
    expect(heard).toEqual([VALUE]);
    expect(view.output).toMatchObject({ status: 200, body: { echo: '[secret]', token: '[secret]' } });
    expect(view.steps[0]?.input).toMatchObject({
      headers: { authorization: { $secret: 'API_TOKEN' }, 'x-plain': 'shown' },
    });
  });

  test('is masked in what a kind returns, reports, logs and throws', async () => {
    const leaky = defineKind<{ readonly end: string }>({
      name: 'leaky',
      retry: 'none',
      execute: async ({ end }, context) => {
        const token = context.secret('API_TOKEN');
        context.log('warn', `calling with ${token}`, { token, nested: { list: [token] } });
        context.progress({ at: [`step with ${token}`] });
        if (end === 'throw') throw new Error(`401 for ${token}`, { cause: new Error(`because of ${token}`) });
        return { output: { token, nested: [{ [`key ${token}`]: `Bearer ${token}` }] } };
      },
    });
    const { view } = await ran(
      async (ctx) => {
        const output = await ctx.operation('ok', 'leaky', { end: 'return' });
        const message = await ctx
          .operation('bad', 'leaky', { end: 'throw' })
          .catch((error: StepFailed) => [error.message, (error.cause as StepFailed).message]);
        return { output, message };
      },
      [leaky],
    );
    expect(view.output).toEqual({
      output: { token: '[secret]', nested: [{ 'key [secret]': 'Bearer [secret]' }] },
      message: ['401 for [secret]', 'because of [secret]'],
    });
  });

  test('that the function got to know by itself is masked in its output, its failure and its own state', async () => {
    const reading = defineKind({
      name: 'reading',
      execute: async (_input, context) => ({ output: context.secret('API_TOKEN').length }),
    });
    const { view } = await ran(
      async (ctx) => {
        await ctx.operation('read', 'reading');
        ctx.set({ token: VALUE });
        ctx.log.warn(`the token is ${VALUE}`, { token: VALUE });
        return { token: VALUE };
      },
      [reading],
    );
    expect(view).toMatchObject({ output: { token: '[secret]' }, shown: { token: '[secret]' } });
    const { view: failed } = await ran(
      async (ctx) => {
        await ctx.operation('read', 'reading');
        throw new Error(`no access with ${VALUE}`);
      },
      [reading],
    );
    expect(failed.failure?.message).toBe('no access with [secret]');
  });

  test('that is not set fails the step for good, and names it', async () => {
    const { view } = await ran((ctx) => ctx.shell('print', ['true'], { env: { TOKEN: secret('NO_SUCH') } }));
    expect(view).toMatchObject({ status: 'failed', failure: { class: 'terminal', code: 'SECRET_MISSING' } });
    expect(view.failure?.message).toContain('"NO_SUCH"');
  });

  test('is not resolved for data that merely looks like a reference', async () => {
    const forged = { $secret: 'API_TOKEN' };
    const { view } = await ran((ctx) =>
      ctx
        .shell('print', ['sh', '-c', 'printf "%s" "$TOKEN"'], { env: { TOKEN: forged } })
        .catch((error: StepFailed) => error.code),
    );
    expect(view.output).toBe('STEP_INPUT_INVALID');
  });

  test('keeps the input of a step readable: what is no secret is recorded', async () => {
    const { view } = await ran((ctx) => ctx.step('work', () => 1, { input: { order: 7, note: 'plain' } }));
    expect(view.steps[0]?.input).toEqual({ order: 7, note: 'plain' });
  });
});
