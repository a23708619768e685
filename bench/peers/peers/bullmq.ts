/** BullMQ: a queue. A run of steps one after the other is one job that notes how far it is, as its manual has it. */
import type { FlowJob, Job } from 'bullmq';
import type { Peer } from '../peer.ts';
import { sumOf, type Work } from '../work.ts';

const QUEUE = 'bench';

interface Progress {
  readonly steps: number;
  /** The step that is next; what came before is done. */
  readonly next: number;
  readonly output?: { readonly n: number };
}

async function sequence(job: Job<Progress>, work: Work): Promise<number> {
  while (job.data.next < job.data.steps) {
    const { steps, next } = job.data;
    const output = await work.step(next);
    await job.updateData({ steps, next: next + 1, output });
  }
  return job.data.steps;
}

async function process(job: Job, work: Work): Promise<unknown> {
  if (job.name === 'sequence') return await sequence(job, work);
  if (job.name === 'item') return await work.step((job.data as { readonly n: number }).n);
  const outputs: Record<string, { readonly n: number }> = await job.getChildrenValues();
  return sumOf(Object.values(outputs));
}

function fanOf(steps: number): FlowJob {
  const children = Array.from({ length: steps }, (_, n) => ({ name: 'item', queueName: QUEUE, data: { n } }));
  return { name: 'join', queueName: QUEUE, children };
}

export const bullmq: Peer = {
  id: 'bullmq',
  title: 'BullMQ',
  packages: ['bullmq'],
  server: 'redis',
  durability: 'appendonly yes, appendfsync always (not its default: that loses up to a second)',
  guarantee:
    'how far the job is stands on the disk before the next step begins; of the outputs only the last one is kept',
  mapping:
    'a queue. Sequence: one job that calls `updateData` after each step ("process step jobs" of its manual); fan-out: a flow, a job a step',
  takeOverMs: 75_000,
  notes: {
    W4: 'by its defaults: a lock of 30 s has to run out, and stalled jobs are looked for every 30 s',
    W5: 'growth of the append-only file before it is rewritten; a job keeps one output, not all',
  },
  open: async ({ place, work, concurrency }) => {
    const { FlowProducer, Queue, QueueEvents, Worker } = await import('bullmq');
    const connection = { host: '127.0.0.1', port: place.port, maxRetriesPerRequest: null };
    const queue = new Queue(QUEUE, { connection });
    const flows = new FlowProducer({ connection });
    const events = new QueueEvents(QUEUE, { connection });
    const worker = new Worker(QUEUE, (job) => process(job, work), { connection, concurrency });
    await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()]);
    return {
      run: async ({ id, steps }) => {
        const job = await queue.add('sequence', { steps, next: 0 }, { jobId: id });
        await job.waitUntilFinished(events);
      },
      fanOut: async (steps) => {
        const { job } = await flows.add(fanOf(steps));
        return (await job.waitUntilFinished(events)) as number;
      },
      close: async () => {
        await worker.close();
        await Promise.all([events.close(), flows.close(), queue.close()]);
      },
    };
  },
};
