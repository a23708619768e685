/** A worker of the workload of several processes: starts and drives its share of the runs each time it is told to. */
import { pawl } from '../../packages/pawl/src/index.ts';
import { inFlight } from '../workloads/in-flight.ts';
import { short } from '../workloads/many-runs.ts';

/** What its parent tells it. */
export interface Share {
  readonly runs: number;
  readonly width: number;
}

const [store = ''] = process.argv.slice(2);
const engine = await pawl.open({ store, workflows: [short] });

async function work({ runs, width }: Share): Promise<void> {
  await inFlight(runs, width, async (n) => {
    const run = await engine.start(short, { n });
    await run.result();
  });
  process.send?.('done');
}

process.on('message', (share) => void work(share as Share));
process.on('disconnect', () => void engine.close());
process.send?.('ready');
