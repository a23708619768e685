/** A worker of the workload of several processes: starts and drives its share of the runs each time it is told to. */
import { pawl, workflow } from '../../packages/pawl/src/index.ts';
import { inFlight } from '../workloads/in-flight.ts';

/** What its parent tells it. */
export interface Share {
  readonly runs: number;
  readonly width: number;
  /** How long a step takes, ms. */
  readonly stepMs: number;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const short = workflow({ name: 'short' }, async (ctx, input: { n: number; stepMs: number }) => {
  const step = (n: number) => (input.stepMs === 0 ? { n } : wait(input.stepMs).then(() => ({ n })));
  await ctx.step('s0', () => step(input.n));
  await ctx.step('s1', () => step(input.n + 1));
  return await ctx.step('s2', () => step(input.n + 2));
});

const [store = ''] = process.argv.slice(2);
const engine = await pawl.open({ store, workflows: [short] });

async function work({ runs, width, stepMs }: Share): Promise<void> {
  await inFlight(runs, width, async (n) => {
    const run = await engine.start(short, { n, stepMs });
    await run.result();
  });
  process.send?.('done');
}

process.on('message', (share) => void work(share as Share));
process.on('disconnect', () => void engine.close());
process.send?.('ready');
