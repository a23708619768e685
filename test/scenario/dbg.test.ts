/** Debug file that goes away again. */
import * as fc from 'fast-check';
import { pawl } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { expect, test } from 'vitest';
import { START } from './support/opened-engine.ts';
import { type Program, programs, programWorkflow } from './support/random-programs.ts';
async function play(program: Program, evictAfter: number) {
  const platform = fakePlatform({ startMs: START });
  const engine = await pawl.open({
    store: 'sqlite::memory:',
    workflows: [programWorkflow],
    platform,
    worker: { evictAfter },
  });
  await engine.start('program', program as never, { id: 'run' });
  await platform.advance(5);
  await engine.signal('run', 'signal', 1).catch(() => undefined);
  await platform.advance(2_000);
  await engine.approve('run', undefined, { by: 'ada' }).catch(() => undefined);
  await platform.advance(3_000);
  await engine.signal('run', 'signal', 2).catch(() => undefined);
  await platform.advance(200_000);
  const view = await engine.runs.get('run');
  const bad = platform.lines.filter((l) => l.level === 'error');
  const c = engine.close();
  await platform.advance(15_000);
  await c;
  return {
    status: view.status,
    output: view.output,
    failure: view.failure?.message,
    parked: view.parked?.message,
    bad,
  };
}
test('evicted equals kept in memory', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(programs, { minLength: 2, maxLength: 5 }), async (parts) => {
      const program: Program = { do: 'sequence', parts };
      const t = Date.now();
      process.stderr.write(`> ${JSON.stringify(program)}\n`);
      const a = await play(program, 0);
      process.stderr.write(`a ${Date.now() - t}\n`);
      const b = await play(program, 1_000_000);
      process.stderr.write(`b ${Date.now() - t}\n`);
      expect(a).toEqual(b);
    }),
    { numRuns: Number(process.env['N'] ?? 150), seed: Number(process.env['SEED'] ?? 1) },
  );
}, 300_000);
