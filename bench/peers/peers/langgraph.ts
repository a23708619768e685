/** LangGraph.js with both of its durable checkpointers: a graph whose node is visited again and again. */
import { join } from 'node:path';
import type { BaseCheckpointSaver } from '@langchain/langgraph';
import type { Peer, Session, SessionOptions } from '../peer.ts';
import type { Work } from '../work.ts';
import { SqliteConnection } from './sqlite-connection.ts';

const shared = {
  guarantee:
    'its checkpoint is committed before the next step begins (durability "sync"; its default, "async", waits less)',
  mapping: 'a graph of one node that is visited again; fan-out by `Send`; recursionLimit raised',
  notes: {
    W4: 'nothing takes a run up by itself: the new process calls `invoke(null)` for the thread',
    W5: 'a checkpoint a step, kept for good',
  },
} as const;

async function sequenceOf(work: Work, checkpointer: BaseCheckpointSaver) {
  const { Annotation, END, START, StateGraph } = await import('@langchain/langgraph');
  const State = Annotation.Root({ n: Annotation<number>, steps: Annotation<number> });
  return new StateGraph(State)
    .addNode('step', async ({ n }) => ({ n: (await work.step(n)).n + 1 }))
    .addEdge(START, 'step')
    .addConditionalEdges('step', ({ n, steps }) => (n < steps ? 'step' : END), ['step', END])
    .compile({ checkpointer });
}

async function fanOf(work: Work, checkpointer: BaseCheckpointSaver) {
  const { Annotation, END, Send, START, StateGraph } = await import('@langchain/langgraph');
  const State = Annotation.Root({
    n: Annotation<number>,
    steps: Annotation<number>,
    sum: Annotation<number>({ reducer: (sum, more) => sum + more, default: () => 0 }),
  });
  return new StateGraph(State)
    .addNode('step', async ({ n }) => ({ sum: (await work.step(n)).n }))
    .addConditionalEdges(
      START,
      ({ steps }) => Array.from({ length: steps }, (_, n) => new Send('step', { n })),
      ['step'],
    )
    .addEdge('step', END)
    .compile({ checkpointer });
}

async function open(
  checkpointer: BaseCheckpointSaver,
  { work }: SessionOptions,
  close: () => Promise<void>,
): Promise<Session> {
  const sequence = await sequenceOf(work, checkpointer);
  const fan = await fanOf(work, checkpointer);
  const configOf = (id: string, steps: number) => ({
    configurable: { thread_id: id },
    recursionLimit: steps + 10,
    durability: 'sync' as const,
  });
  let count = 0;
  return {
    run: async ({ id, steps }) => {
      const { n } = await sequence.invoke({ n: 0, steps }, configOf(id, steps));
      if (n !== steps) throw new Error(`run ${id} ended at step ${n} of ${steps}`);
    },
    takeUp: async ({ id, steps }) => {
      await sequence.invoke(null, configOf(id, steps));
    },
    fanOut: async (steps) => {
      const { sum } = await fan.invoke({ steps }, configOf(`fan-${count++}`, steps));
      return sum;
    },
    close,
  };
}

export const langGraphSqlite: Peer = {
  ...shared,
  id: 'langgraph-sqlite',
  packages: ['@langchain/langgraph', '@langchain/langgraph-checkpoint-sqlite'],
  title: 'LangGraph.js, SQLite',
  server: 'file',
  durability:
    'WAL, synchronous=FULL (set by us: its own is NORMAL, which syncs at checkpoints only), durability "sync"',
  open: async (options) => {
    const { SqliteSaver } = await import('@langchain/langgraph-checkpoint-sqlite');
    const connection = new SqliteConnection(join(options.place.folder, 'data.db'));
    const saver = new SqliteSaver(connection);
    return await open(saver, options, () => Promise.resolve(connection.close()));
  },
};

export const langGraphPostgres: Peer = {
  ...shared,
  id: 'langgraph-postgres',
  packages: ['@langchain/langgraph', '@langchain/langgraph-checkpoint-postgres'],
  title: 'LangGraph.js, PostgreSQL',
  server: 'postgres',
  durability: 'fsync, synchronous_commit=on, durability "sync"',
  open: async (options) => {
    const { PostgresSaver } = await import('@langchain/langgraph-checkpoint-postgres');
    const saver = PostgresSaver.fromConnString(options.place.url);
    await saver.setup();
    return await open(saver, options, () => saver.end());
  },
};
