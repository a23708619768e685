/** A worker of the release check as a graph: a process that drives runs until it is told to stop, or is killed. */
import { readFileSync } from 'node:fs';
import { parseGraph, pawl } from 'pawl';
import { manifest, report } from './steps.ts';

const [store = 'sqlite:.pawl/demo.db', mode = 'go'] = process.argv.slice(2);

/** Steps in front of the approval. A graph stands still between two steps where it waits: the demo kills this process there. */
const STEPS_BEFORE_THE_GATE = 7;

const graph = parseGraph(readFileSync(new URL('release-check.yaml', import.meta.url), 'utf8'));
const engine = await pawl.open({ store, workflows: [graph], functions: { manifest, report } });
process.send?.({ ready: { workerId: engine.id, workflow: graph.name } });
if (mode === 'hold') process.send?.({ held: { steps: STEPS_BEFORE_THE_GATE } });

async function stop(): Promise<void> {
  await engine.close();
  process.exit(0);
}
process.once('SIGTERM', () => void stop());
process.once('disconnect', () => void stop());
