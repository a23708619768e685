/** Two runs are compared by path and content: equal ones compare equal, and of others the first difference is told. */
import {
  parseGraph,
  type RunDiff,
  secret,
  TerminalError,
  type Workflow,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { describe, expect, test } from 'vitest';
import { closeEngine, newDatabase, openEngine, openMortal } from './support/opened-engine.ts';

type Run = (ctx: WorkflowContext, input: { readonly say?: string }) => Promise<unknown>;

function flow(run: Run): Workflow<{ readonly say?: string }, unknown> {
  return workflow({ name: 'flow' }, run);
}

interface TwoRuns {
  readonly a: Run;
  readonly b?: Run;
  readonly inputs?: readonly [unknown, unknown];
}

/** Runs the one function twice, or each of two once; the second one two hours later. */
async function diffOf({ a, b = a, inputs: [first, second] = [{}, {}] }: TwoRuns): Promise<RunDiff> {
  let run = a;
  const { engine, platform } = await openEngine([flow((ctx, input) => run(ctx, input))]);
  const one = await engine.start('flow', first);
  await platform.advance(7_200_000);
  run = b;
  const other = await engine.start('flow', second);
  await platform.advance(7_200_000);
  return await engine.runs.diff(one.id, other.id);
}

const LOOP = parseGraph(`pawl: 1
workflow: looped
version: "1"
state: { notes: { type: array, merge: append } }
steps:
  review: { kind: function, with: { function: review, input: "{{ state.notes }}" }, save: { notes: output.note } }
  gate: { kind: approval, with: { message: "Ship what {{ run.id }} made?" } }
  fix: { kind: function, with: { function: fix } }
  ship: { kind: function, with: { function: ship } }
edges:
  - review -> gate
  - { from: gate, to: ship, on: approved }
  - { from: gate, to: fix, on: [rejected, expired] }
  - { from: fix, to: review, loop: { max: 3 } }
  - { from: fix, to: end, on: exhausted }
`);

const FUNCTIONS = {
  review: (notes: unknown) => ({ note: `note ${(notes as unknown[]).length + 1}` }),
  fix: () => 'fixed',
  ship: () => 'shipped',
};

describe('H19: two runs that did the same', () => {
  test('compare equal where a graph loops: each visit with its own second one', async () => {
    const { engine, platform } = await openEngine([LOOP], { functions: FUNCTIONS });
    const ids: string[] = [];
    for (const pauseMs of [1_000, 50_000]) {
      const { id } = await engine.start(LOOP, {});
      await platform.advance(pauseMs);
      await engine.reject(id, 'gate', { by: 'ada' });
      await platform.advance(pauseMs);
      await engine.approve(id, 'gate#2', { by: 'ada' });
      await platform.advance(pauseMs);
      ids.push(id);
    }
    const [a = '', b = ''] = ids;
    const { nodes } = await engine.runs.graph(b);
    expect(nodes.map(({ path }) => path)).toEqual(['review', 'gate', 'fix', 'review#2', 'gate#2', 'ship']);
    expect(await engine.runs.diff(a, b)).toEqual({
      isEqual: true,
      a: { runId: a, workflow: 'looped', version: '1', status: 'completed' },
      b: { runId: b, workflow: 'looped', version: '1', status: 'completed' },
      differences: [],
      count: 0,
    });
  });

  test('compare equal although ids and times differ, and stand in what they gave', async () => {
    const child = workflow({ name: 'child' }, async (ctx) => {
      await ctx.step('break', () => {
        throw new TerminalError('always');
      });
    });
    const parent = workflow({ name: 'parent' }, async (ctx) => {
      for (let round = 0; round < 3; round++) await ctx.step('lint', ({ idempotencyKey }) => idempotencyKey);
      await ctx.sleep('nap', '1s');
      ctx.set({ of: ctx.runId });
      return await ctx.workflow(child, {}).catch((error: unknown) => String(error));
    });
    const { engine, platform } = await openEngine([parent, child]);
    const one = await engine.start(parent, {});
    await platform.advance(60_000);
    const other = await engine.start(parent, {}, { id: 'order-7', priority: 5 });
    await platform.advance(90_000);
    expect(await other.result()).toContain((await engine.runs.graph('order-7')).nodes.at(-1)?.childRunId);
    expect(await engine.runs.diff(one.id, 'order-7')).toMatchObject({ isEqual: true, count: 0 });
  });

  test('compare equal although one of them was killed, and tried a step again', async () => {
    const store = newDatabase();
    let isBroken = true;
    const run: Run = async (ctx) => {
      const flaky = (): string => {
        if (isBroken) throw new Error('not yet');
        return 'done';
      };
      return await ctx.step('flaky', flaky, { retry: { attempts: 9, initial: '1h' } });
    };
    const first = await openMortal([flow(run)], { store });
    await first.engine.start('flow', {}, { id: 'run-1' });
    await first.platform.advance(1_000);
    await first.kill();
    isBroken = false;
    const second = await openEngine([flow(run)], { store, seed: 2, laterMs: 60_000 });
    await second.engine.start('flow', {}, { id: 'run-2' });
    await second.platform.advance(7_200_000);
    expect((await second.engine.runs.get('run-1')).steps).toMatchObject([{ attempt: 2, output: 'done' }]);
    expect(await second.engine.runs.diff('run-1', 'run-2')).toMatchObject({ isEqual: true });
    await closeEngine(second);
  });

  test('compare equal although what ran side by side ended in another order', async () => {
    const sides = (first: number, second: number): Run => {
      return async (ctx) => {
        const side = async (name: string, ms: number): Promise<void> => {
          await ctx.sleep(`${name}-wait`, ms);
          await ctx.step(`${name}-done`, () => name);
        };
        await Promise.all([side('a', first), side('b', second)]);
        return await ctx.step('end', () => 'both');
      };
    };
    expect(await diffOf({ a: sides(1_000, 2_000), b: sides(2_000, 1_000) })).toMatchObject({ isEqual: true });
  });
});

describe('two runs that did not do the same', () => {
  test('differ in what a step gave: with its path, the place in the value, and both sides', async () => {
    const run: Run = async (ctx, { say = 'hello' }) => {
      await ctx.step('first', () => 'the same');
      const said = await ctx.step('say', () => ({ list: [{ text: 'a' }, { text: say }] }));
      return said.list.length;
    };
    const diff = await diffOf({ a: run, inputs: [{ say: 'hello' }, { say: 'bye' }] });
    expect(diff).toMatchObject({ isEqual: false, count: 2 });
    expect(diff.differences).toEqual([
      { field: 'input', at: '$.say', a: 'hello', b: 'bye' },
      { path: 'say', field: 'output', at: '$.list[1].text', a: 'hello', b: 'bye' },
    ]);
  });

  test('differ in the visits of a loop', async () => {
    const rounds = (count: number): Run => {
      return async (ctx) => {
        for (let round = 0; round < count; round++) await ctx.step('lint', () => round);
        await ctx.step('end', () => 'ok');
      };
    };
    expect((await diffOf({ a: rounds(2), b: rounds(3) })).differences).toEqual([
      { path: 'lint#3', field: 'step', b: { kind: 'step', outcome: 'ok' } },
    ]);
    expect((await diffOf({ a: rounds(2), b: rounds(1) })).differences).toEqual([
      { path: 'lint#2', field: 'step', a: { kind: 'step', outcome: 'ok' } },
    ]);
  });

  test('differ in how a step ended, and that is said once', async () => {
    const run = (isBroken: boolean): Run => {
      return async (ctx) => {
        await ctx.step('try', () => {
          if (isBroken) throw new TerminalError('broken');
          return { done: true };
        });
      };
    };
    expect((await diffOf({ a: run(false), b: run(true) })).differences).toEqual([
      { path: 'try', field: 'outcome', a: 'ok', b: 'failed' },
      { field: 'status', a: 'completed', b: 'failed' },
    ]);
  });

  test('differ in the kind of a step, and in the failure that it met', async () => {
    const throwing = (code: string): Run => {
      return async (ctx) => {
        await ctx.step('try', () => Promise.reject(new TerminalError('no', { code }))).catch(() => 0);
      };
    };
    expect((await diffOf({ a: throwing('A'), b: throwing('B') })).differences).toEqual([
      { path: 'try', field: 'failure', at: '$.code', a: 'A', b: 'B' },
    ]);
    const one: Run = async (ctx) => await ctx.step('x', () => undefined);
    const other: Run = async (ctx) => await ctx.sleep('x', 5);
    expect((await diffOf({ a: one, b: other })).differences[0]).toEqual({
      path: 'x',
      field: 'kind',
      a: 'step',
      b: 'sleep',
    });
  });

  test('differ in who decided, and what was asked', async () => {
    const ask = flow(async (ctx, { say = 'Well' }) => {
      const { decision } = await ctx.approval('ask', { message: `${say}?` });
      return decision;
    });
    const { engine, platform } = await openEngine([ask]);
    for (const [id, say, by] of [
      ['run-1', 'Well', 'ada'],
      ['run-2', 'Now', 'bob'],
    ] as const) {
      await engine.start(ask, { say }, { id });
      await platform.advance(1_000);
      await engine.approve(id, 'ask', { by });
      await platform.advance(1_000);
    }
    expect((await engine.runs.diff('run-1', 'run-2')).differences).toEqual([
      { field: 'input', at: '$.say', a: 'Well', b: 'Now' },
      { path: 'ask', field: 'message', a: 'Well?', b: 'Now?' },
      { path: 'ask', field: 'by', a: 'ada', b: 'bob' },
    ]);
  });

  test('differ in order where one call waited for the other', async () => {
    const inOrder = (...names: readonly string[]): Run => {
      return async (ctx) => {
        for (const name of names) await ctx.step(name, () => name);
      };
    };
    const diff = await diffOf({ a: inOrder('pay', 'ship', 'tell'), b: inOrder('ship', 'pay', 'tell') });
    expect(diff.differences).toEqual([{ path: 'pay', field: 'order', a: 'before ship', b: 'after ship' }]);
    const far = await diffOf({ a: inOrder('a', 'b', 'c', 'd'), b: inOrder('d', 'b', 'c', 'a') });
    expect(far.isEqual).toBe(false);
  });

  test('list 100 differences, count all, and cut what is long', async () => {
    const run = (say: string): Run => {
      return async (ctx) => {
        for (let step = 0; step < 150; step++) await ctx.step(`s${step}`, () => say.repeat(3_000));
      };
    };
    const { count, differences } = await diffOf({ a: run('a'), b: run('b') });
    expect([count, differences.length]).toEqual([150, 100]);
    expect(differences[0]).toMatchObject({ path: 's0', a: `${'a'.repeat(2_000)}…` });
  });

  test('tell no secret: what was masked when it was recorded stays masked', async () => {
    const value = 'tok-9f8e7d6c';
    const printing = flow(async (ctx, { say = '' }) => {
      const env = { TOKEN: secret('API_TOKEN') };
      const { stdout } = await ctx.shell('print', `echo "${say} $TOKEN"`, { env });
      return stdout;
    });
    const { engine } = await openEngine([printing], { secrets: () => value });
    for (const [id, say] of [
      ['run-1', 'one'],
      ['run-2', 'two'],
    ] as const) {
      const run = await engine.start(printing, { say }, { id });
      await run.result();
    }
    const diff = JSON.stringify(await engine.runs.diff('run-1', 'run-2'));
    expect(diff).toContain('two [secret]');
    expect(diff).not.toContain(value);
  });

  test('are refused by name where one does not exist', async () => {
    const { engine } = await openEngine([]);
    await expect(engine.runs.diff('nobody', 'nobody')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });
});
