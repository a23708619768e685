/** Opens the engine for a command and closes it behind the command, whatever happens. */
import type { Engine } from '../engine/index.ts';
import { type AnyWorkflow, pawl } from '../index.ts';
import type { Beside } from './with-files.ts';
import { DRAIN_TIMEOUT } from './defaults.ts';
import type { Session } from './session.ts';
import { prepareStore, requireStore } from './store-location.ts';

/**
 * An engine that looks and acts and drives nothing.
 * @throws `STORE_MISSING` where there is no database: looking must not make one
 */
export async function withClient<T>(session: Session, act: (engine: Engine) => Promise<T>): Promise<T> {
  requireStore(session.store);
  const engine = await pawl.open({
    store: session.store,
    tenant: session.tenant,
    worker: false,
    platform: session.platform,
  });
  return await closing(engine, act);
}

/** An engine that serves these workflows; makes the database where there is none. */
export async function withWorker<T>(
  session: Session,
  serving: {
    readonly workflows: readonly AnyWorkflow[];
    readonly isDriving: boolean;
    /** Queues whose steps are executed here; undefined: all. */
    readonly queues?: readonly string[] | undefined;
    readonly beside: Beside;
  },
  act: (engine: Engine) => Promise<T>,
): Promise<T> {
  prepareStore(session.store);
  const { workflows, isDriving, beside, queues } = serving;
  const engine = await pawl.open({
    store: session.store,
    tenant: session.tenant,
    workflows: [...new Set([...workflows, ...beside.workflows])],
    functions: beside.functions,
    kinds: beside.kinds,
    worker: isDriving && queues !== undefined ? { queues } : isDriving,
    platform: session.platform,
  });
  return await closing(engine, act);
}

async function closing<T>(engine: Engine, act: (engine: Engine) => Promise<T>): Promise<T> {
  try {
    return await act(engine);
  } finally {
    await engine.close({ timeout: DRAIN_TIMEOUT });
  }
}
