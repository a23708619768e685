/** What TypeScript asks of a caller: what the schema takes, not what it makes of it. A line that must not compile says so. */
import { graph, type HttpOutput, type ShellOutput, workflow } from 'pawl';
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { openEngine } from './support/opened-engine.ts';

const input = z.object({ ref: z.string(), days: z.number().default(1) });
const ship = workflow({ name: 'ship', input }, (_ctx, { ref, days }) => `${ref} in ${days.toFixed(1)}`);
const bare = workflow({ name: 'bare' }, (_ctx, given: { ref: string }) => given.ref);
const parent = workflow({ name: 'parent' }, async (ctx) => await ctx.workflow(ship, { ref: 'v2' }));

test('a start and a child may leave out what has a default, and nothing else', async () => {
  const { engine, platform } = await openEngine([ship, bare, parent]);
  const runs = [
    await engine.start(ship, { ref: 'v1' }),
    await engine.start(ship, { ref: 'v1', days: 2 }),
    await engine.start(bare, { ref: 'v3' }),
    await engine.start(parent, undefined),
  ];
  await platform.settle();
  const results: string[] = [];
  for (const run of runs) results.push(await run.result());
  expect(results).toEqual(['v1 in 1.0', 'v1 in 2.0', 'v3', 'v2 in 1.0']);
});

test('what does not fit is refused by the compiler and at the door', async () => {
  const { engine } = await openEngine([ship]);
  // @ts-expect-error the days are a number
  await expect(engine.start(ship, { ref: 'v1', days: 'two' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  });
  // @ts-expect-error the ref has no default
  await expect(engine.start(ship, { days: 2 })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});

test('a graph sees of a step what a function gets of it', () => {
  const made = graph({ workflow: 'w', version: '1' })
    .step('sh', { kind: 'shell', with: { command: 'true' } })
    .step('get', { kind: 'http', with: { url: 'https://example.org' } })
    .step('ship', { kind: 'workflow', with: { workflow: ship, input: { ref: 'v1' } } })
    .build({ output: { sh: 'steps.sh.output', get: 'steps.get.output', ship: 'steps.ship.output' } });
  type Output = NonNullable<(typeof made)['types']>['output'];
  expectTypeOf<Output>().toEqualTypeOf<{
    readonly sh: ShellOutput;
    readonly get: HttpOutput;
    readonly ship: string;
  }>();
  expect(made.graph.source).toMatchObject({ steps: { ship: { with: { workflow: 'ship' } } } });
});

test('a graph asks of a caller what its input takes, and gives what its output says', async () => {
  const made = graph({ workflow: 'mark', version: '1', input })
    .step('a', { kind: 'join' })
    .build({ output: { ref: 'input.ref', days: 'input.days' } });
  const { engine, platform } = await openEngine([made]);
  const run = await engine.start(made, { ref: 'v1' });
  await platform.settle();
  const result = await run.result();
  expectTypeOf(result).toEqualTypeOf<{ readonly ref: string; readonly days: number }>();
  expect(result).toEqual({ ref: 'v1', days: 1 });
  // @ts-expect-error the ref has no default
  await expect(engine.start(made, { days: 2 })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
