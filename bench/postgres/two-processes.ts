/** What a second worker process brings: the same runs in all, shared between one and two processes. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Sample, Workload } from '../harness/workload.ts';
import { newPawlDatabase } from './database.ts';
import type { Share } from './worker-process.ts';

const RUNS = 5_000;
const STEPS = 3;
const WIDTH = 100;
const PROCESSES = 2;

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

async function rate(workers: readonly ChildProcess[]): Promise<number> {
  const share: Share = { runs: RUNS / workers.length, width: WIDTH / workers.length };
  const start = performance.now();
  for (const worker of workers) worker.send(share);
  await Promise.all(workers.map(newsOf));
  return (RUNS * STEPS) / ((performance.now() - start) / 1_000);
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
    { key: 'one', title: '5,000 runs × 3 steps, one worker process', unit: 'steps/s' },
    { key: 'two', title: 'the same in two worker processes', unit: 'steps/s' },
    { key: 'ratio', title: 'two processes against one', unit: '×' },
  ],
  pawl: async (place) => {
    const { url, drop } = await newPawlDatabase(place);
    const workers: ChildProcess[] = [];
    for (let n = 0; n < PROCESSES; n++) workers.push(await start(url));
    return {
      measure: async (): Promise<Sample> => {
        const one = await rate(workers.slice(0, 1));
        const two = await rate(workers);
        return { one, two, ratio: two / one };
      },
      close: async () => {
        await Promise.all(workers.map(end));
        await drop();
      },
    };
  },
};
