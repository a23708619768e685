/** What a second worker process brings, with the same number of runs under way in each. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Sample, Workload } from '../harness/workload.ts';
import { newPawlDatabase } from './database.ts';
import type { Share } from './worker-process.ts';

const STEPS = 3;
const WIDTH = 100;
const PROCESSES = 2;
/** Of each process. Steps that do nothing fill the machine; those that wait leave most of it free. */
const QUICK: Share = { runs: 2_500, width: WIDTH, stepMs: 0 };
const SLOW: Share = { runs: 1_000, width: WIDTH, stepMs: 20 };

const program = fileURLToPath(new URL('worker-process.ts', import.meta.url));

async function start(store: string): Promise<ChildProcess> {
  const child = fork(program, [store], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  await newsOf(child);
  return child;
}

/** @throws when the process ends instead */
async function newsOf(child: ChildProcess): Promise<void> {
  const stop = new AbortController();
  const ended = once(child, 'exit', { signal: stop.signal }).then(() => {
    throw new Error('a worker process ended');
  });
  await Promise.race([once(child, 'message'), ended]);
  stop.abort();
  await ended.catch(() => undefined);
}

async function rate(workers: readonly ChildProcess[], share: Share): Promise<number> {
  const start = performance.now();
  for (const worker of workers) worker.send(share);
  await Promise.all(workers.map(newsOf));
  return (workers.length * share.runs * STEPS) / ((performance.now() - start) / 1_000);
}

async function end(worker: ChildProcess): Promise<void> {
  const gone = once(worker, 'exit');
  worker.disconnect();
  await gone;
}

export const twoProcesses: Workload = {
  id: 'P2',
  seasoning: 3,
  rounds: 3,
  metrics: [
    { key: 'one', title: '3 steps a run, 100 in flight, one worker process', unit: 'steps/s' },
    { key: 'two', title: 'two worker processes, 100 in flight in each', unit: 'steps/s' },
    { key: 'ratio', title: 'two processes against one', unit: '×' },
    { key: 'slowOne', title: 'steps of 20 ms, one worker process', unit: 'steps/s' },
    { key: 'slowTwo', title: 'steps of 20 ms, two worker processes', unit: 'steps/s' },
    { key: 'slowRatio', title: 'two processes against one, steps of 20 ms', unit: '×' },
  ],
  pawl: async (place) => {
    const { url, drop } = await newPawlDatabase(place);
    const workers: ChildProcess[] = [];
    for (let n = 0; n < PROCESSES; n++) workers.push(await start(url));
    return {
      measure: async (): Promise<Sample> => {
        const alone = workers.slice(0, 1);
        const [one, two] = [await rate(alone, QUICK), await rate(workers, QUICK)];
        const [slowOne, slowTwo] = [await rate(alone, SLOW), await rate(workers, SLOW)];
        return { one, two, ratio: two / one, slowOne, slowTwo, slowRatio: slowTwo / slowOne };
      },
      close: async () => {
        await Promise.all(workers.map(end));
        await drop();
      },
    };
  },
};
