/** A worker of the release check: a process that drives runs until it is told to stop, or is killed. */
import { pawl } from 'pawl';
import { releaseCheck } from './workflow.ts';

const [store = 'sqlite:.pawl/demo.db', mode = 'go'] = process.argv.slice(2);

/** In the mode `hold` the function stands still between two steps: the demo kills this process there. */
async function halfway(steps: number): Promise<void> {
  if (mode !== 'hold') return;
  process.send?.({ held: { steps } });
  await new Promise(() => {});
}

const workflow = releaseCheck(halfway);
const engine = await pawl.open({ store, workflows: [workflow] });
process.send?.({ ready: { workerId: engine.id, workflow: workflow.name } });

async function stop(): Promise<void> {
  await engine.close();
  process.exit(0);
}
process.once('SIGTERM', () => void stop());
process.once('disconnect', () => void stop());
