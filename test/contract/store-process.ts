/** A process of its own with a store: it does what its parent tells it, and answers. */
import { StatementSync } from 'node:sqlite';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import { openSqliteStore } from '../../packages/pawl/src/sqlite.ts';
import type { Batch, ClaimRequest, Store } from '../../packages/pawl/src/store/index.ts';

export type Order =
  | { readonly verb: 'register'; readonly id: string }
  | { readonly verb: 'beat'; readonly id: string }
  | { readonly verb: 'commit'; readonly batches: readonly Batch[] }
  /** Commits each list of batches in turn, as fast as it can. */
  | { readonly verb: 'commitAll'; readonly groups: readonly (readonly Batch[])[] }
  | { readonly verb: 'claim'; readonly request: ClaimRequest }
  /** At the nth statement from now the process is killed, or stopped with everything that it holds. */
  | { readonly verb: 'endAt'; readonly statement: number; readonly signal: 'SIGKILL' | 'SIGSTOP' };

function endAt(statement: number, signal: 'SIGKILL' | 'SIGSTOP'): void {
  let left = statement;
  for (const name of ['run', 'get', 'all'] as const) {
    const original = StatementSync.prototype[name] as (...params: unknown[]) => unknown;
    const counted = function (this: StatementSync, ...params: unknown[]): unknown {
      left -= 1;
      if (left === 0) process.kill(process.pid, signal);
      return original.apply(this, params);
    };
    Object.assign(StatementSync.prototype, { [name]: counted });
  }
}

async function obey(store: Store, order: Order): Promise<unknown> {
  switch (order.verb) {
    case 'register':
      return store.registerWorker({
        id: order.id,
        hostname: 'host',
        pid: process.pid,
        startedAt: 1,
        serves: [],
      });
    case 'beat':
      return store.beat(order.id, false);
    case 'commit':
      return store.commit(order.batches);
    case 'commitAll': {
      const answers: unknown[] = [];
      for (const batches of order.groups) answers.push(await store.commit(batches));
      return answers;
    }
    case 'claim':
      return store.claim(order.request);
    case 'endAt':
      return endAt(order.statement, order.signal);
  }
}

type Failed = { readonly code?: string; readonly message: string };

async function serve(path: string): Promise<void> {
  const store = await openSqliteStore({ ...nodePlatform(), path });
  process.on('message', (order: Order) => {
    obey(store, order).then(
      (answer) => process.send?.({ answer }),
      (error: Failed) => process.send?.({ error: error.code ?? error.message }),
    );
  });
  process.send?.({ answer: 'ready' });
}

process.on('disconnect', () => process.exit());
serve(process.argv[2] ?? '').catch((error: Failed) => process.send?.({ error: error.code ?? error.message }));
