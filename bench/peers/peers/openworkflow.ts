/** OpenWorkflow, on both of its stores. */
import { join } from 'node:path';
import type { OpenWorkflow } from 'openworkflow';
import type { Peer, Session, SessionOptions } from '../peer.ts';
import { sumOf } from '../work.ts';

/** Its limit of steps a run, `WORKFLOW_STEP_LIMIT`; nobody can change it. */
const MAX_STEPS = 1_000;
/** Its lease of 30 s, `DEFAULT_LEASE_DURATION_MS`, and the poll after it; nobody can change them. */
const TAKE_OVER_MS = 45_000;

const shared = {
  packages: ['openworkflow'],
  guarantee: 'its output is committed before the next step begins; never run again afterwards',
  mapping:
    'a workflow function, `step.run`; fan-out by Promise.all; defaults, and worker concurrency 100 in W2',
  maxSteps: MAX_STEPS,
  /** Its `result()` looks once a second: with a hundred at a time most of the time would be waiting for that look. */
  startsAllAtOnce: true,
  takeOverMs: TAKE_OVER_MS,
  notes: {
    W1: 'a 1-step run waits for a poll of the worker (up to 1 s) and for one of `result()` (1 s): no setting',
    W2: 'all runs started at once, 100 of them under way in the worker: `result()` looks once a second',
    W4: 'the lease of the dead worker, 30 s, has to run out: no setting',
    W6: 'a run has at most 1,000 steps',
  },
} as const;

interface Backend {
  stop(): Promise<void>;
}

async function open(
  engine: OpenWorkflow,
  backend: Backend,
  { work, concurrency }: Omit<SessionOptions, 'place'>,
): Promise<Session> {
  const sequence = engine.defineWorkflow<{ steps: number }, number>(
    { name: 'sequence' },
    async ({ input, step }) => {
      for (let n = 0; n < input.steps; n++) await step.run({ name: `s${n}` }, () => work.step(n));
      return input.steps;
    },
  );
  const fan = engine.defineWorkflow<{ steps: number }, number>({ name: 'fan' }, async ({ input, step }) => {
    const numbers = Array.from({ length: input.steps }, (_, n) => n);
    return sumOf(await Promise.all(numbers.map((n) => step.run({ name: `s${n}` }, () => work.step(n)))));
  });
  const worker = engine.newWorker({ concurrency });
  await worker.start();
  return {
    run: async ({ id, steps }) => {
      const handle = await sequence.run({ steps }, { idempotencyKey: id });
      await handle.result();
    },
    fanOut: async (steps) => {
      const handle = await fan.run({ steps });
      return await handle.result();
    },
    close: async () => {
      await worker.stop();
      await backend.stop();
    },
  };
}

export const openWorkflowSqlite: Peer = {
  ...shared,
  id: 'openworkflow-sqlite',
  title: 'OpenWorkflow, SQLite',
  server: 'file',
  durability: 'WAL, synchronous=FULL (node:sqlite’s default, which it keeps)',
  open: async (options) => {
    const { OpenWorkflow } = await import('openworkflow');
    const { BackendSqlite } = await import('openworkflow/sqlite');
    const backend = BackendSqlite.connect(join(options.place.folder, 'data.db'));
    return await open(new OpenWorkflow({ backend }), backend, options);
  },
};

export const openWorkflowPostgres: Peer = {
  ...shared,
  id: 'openworkflow-postgres',
  title: 'OpenWorkflow, PostgreSQL',
  server: 'postgres',
  durability: 'fsync, synchronous_commit=on',
  open: async (options) => {
    const { OpenWorkflow } = await import('openworkflow');
    const { BackendPostgres } = await import('openworkflow/postgres');
    const backend = await BackendPostgres.connect(options.place.url);
    return await open(new OpenWorkflow({ backend }), backend, options);
  },
};
