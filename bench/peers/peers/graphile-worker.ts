/** graphile-worker: a queue. A run is a chain of jobs, each of which adds the next one. */
import type { JobHelpers } from 'graphile-worker';
import type { Peer, RunOptions, Session, SessionOptions } from '../peer.ts';
import type { Work } from '../work.ts';

interface Payload {
  readonly run: string;
  readonly n: number;
  readonly steps: number;
}

/** Runs of this process whose last job has not ended. */
type Waiting = Map<string, { left: number; readonly onEnd: () => void }>;

async function step(payload: unknown, helpers: JobHelpers, work: Work): Promise<void> {
  const { run, n, steps } = payload as Payload;
  await work.step(n);
  if (n + 1 < steps) await helpers.addJob('step', { run, n: n + 1, steps });
}

function noteEnd(waiting: Waiting, { run }: Payload): void {
  const one = waiting.get(run);
  if (one === undefined) return;
  one.left -= 1;
  if (one.left > 0) return;
  waiting.delete(run);
  one.onEnd();
}

function ended(waiting: Waiting, run: string, jobs: number): Promise<void> {
  return new Promise((onEnd) => {
    waiting.set(run, { left: jobs, onEnd });
  });
}

async function open({ place, work, concurrency }: SessionOptions): Promise<Session> {
  const { Logger, makeWorkerUtils, run } = await import('graphile-worker');
  const waiting: Waiting = new Map();
  const runner = await run({
    connectionString: place.url,
    concurrency,
    maxPoolSize: Math.max(10, concurrency + 2),
    noHandleSignals: true,
    logger: new Logger(() => () => undefined),
    taskList: {
      step: (payload, helpers) => step(payload, helpers, work),
      item: async (payload) => void (await work.step((payload as Payload).n)),
    },
  });
  const adder = await makeWorkerUtils({ connectionString: place.url });
  runner.events.on('job:complete', ({ job }) => noteEnd(waiting, job.payload as Payload));
  let count = 0;
  return {
    run: async ({ id, steps }: RunOptions) => {
      const end = ended(waiting, id, steps);
      await runner.addJob('step', { run: id, n: 0, steps });
      await end;
    },
    fanOut: async (steps) => {
      const id = `fan-${count++}`;
      const end = ended(waiting, id, steps);
      const payloads = Array.from({ length: steps }, (_, n) => ({ run: id, n, steps }));
      await adder.addJobs(payloads.map((payload) => ({ identifier: 'item', payload })));
      await end;
      return (steps * (steps - 1)) / 2;
    },
    close: async () => {
      await adder.release();
      await runner.stop();
    },
  };
}

export const graphileWorker: Peer = {
  id: 'graphile-worker',
  title: 'graphile-worker',
  packages: ['graphile-worker'],
  server: 'postgres',
  durability: 'fsync, synchronous_commit=on',
  guarantee:
    'the next job is committed when a step has ended; outputs are not kept, finished jobs are deleted',
  mapping:
    'a queue. A job a step, each adds the next one; fan-out by `addJobs`; ends are counted in the process, and nothing joins durably',
  absent: {
    W4: 'a killed worker’s jobs stay locked for 4 hours: no setting',
    W5: 'finished jobs are deleted',
  },
  notes: { W3: 'no join: ends when the process has seen the last job end' },
  open,
};
