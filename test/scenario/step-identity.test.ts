/** A step is identified by its path: name, occurrence and scope; an edited function is never served another step's outcome. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, pawl, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { afterAll, describe, expect, test, vi } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'pawl-identity-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function open(file: string, one: Workflow<unknown, unknown>): Promise<Engine> {
  const worker = { replayPatience: '100ms' };
  return await pawl.open({ store: `sqlite:${join(folder, file)}`, workflows: [one], worker });
}

function flow(body: (ctx: WorkflowContext) => Promise<unknown>): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, body);
}

async function statusIs(engine: Engine, status: string): Promise<void> {
  await vi.waitFor(async () => expect(await engine.handle('run').status()).toBe(status), { timeout: 5_000 });
}

describe('the path of a step', () => {
  test('is its name, its occurrence in its scope, and the scopes around it', async () => {
    const engine = await open(
      'paths.db',
      flow(async (ctx) => {
        await ctx.step('lint', () => 1);
        await ctx.step('lint', () => 2);
        await ctx.parallel('checks', {
          a: (c) => c.step('run', () => 3),
          b: (c) => c.map('each', [4, 5], (item, inner) => inner.step('run', () => item)),
        });
      }),
    );
    await (await engine.start('flow', null, { id: 'run' })).result();
    const { steps } = await engine.runs.get('run');
    await engine.close();
    expect(steps.map((step) => step.path).toSorted()).toEqual([
      'checks/a/run',
      'checks/b/each/item:0/run',
      'checks/b/each/item:1/run',
      'lint',
      'lint#2',
    ]);
  });

  test('I2 is what a replay goes by: a renamed step parks the run before anything fires', async () => {
    const before = await open(
      'renamed.db',
      flow(async (ctx) => {
        await ctx.step('charge', () => 'paid');
        await ctx.sleep('pause', '50ms');
      }),
    );
    await before.start('flow', null, { id: 'run' });
    await statusIs(before, 'waiting');
    await before.close();
    const fired: string[] = [];
    const edited = flow(async (ctx) => {
      await ctx.step('charge-card', () => fired.push('charge-card'));
      await ctx.sleep('pause', '50ms');
    });
    const after = await open('renamed.db', edited);
    await statusIs(after, 'parked');
    const { parked } = await after.runs.get('run');
    await after.close();
    expect({ reason: parked?.reason, fired }).toEqual({ reason: 'diverged', fired: [] });
    expect(parked?.message).toMatch(/"charge".*"charge-card"/);
  });

  test('stays when lines move: what was recorded is returned, and nothing of it fires again', async () => {
    const fired: string[] = [];
    const once = (name: string) => () => {
      fired.push(name);
      return name;
    };
    const before = await open(
      'moved.db',
      flow(async (ctx) => {
        await Promise.all([ctx.step('a', once('a')), ctx.step('b', once('b'))]);
        await ctx.sleep('pause', '50ms');
      }),
    );
    await before.start('flow', null, { id: 'run' });
    await statusIs(before, 'waiting');
    await before.close();
    const after = await open(
      'moved.db',
      flow(async (ctx) => {
        const [b, a] = await Promise.all([ctx.step('b', once('b again')), ctx.step('a', once('a again'))]);
        await ctx.sleep('pause', '50ms');
        return [a, b];
      }),
    );
    const result = await after.handle('run').result();
    await after.close();
    expect({ result, fired }).toEqual({ result: ['a', 'b'], fired: ['a', 'b'] });
  });
});
