/** What the parts of an engine share. */
import type { AnyWorkflow } from '../run/index.ts';
import { pawlError } from '../errors/index.ts';
import type { RunRef } from '../run/index.ts';
import type { Platform } from '../std/index.ts';
import type { AnyKind } from '../step/index.ts';
import type { Batch, CommitAnswer, RunRow, Store } from '../store/index.ts';
import type { Journal, OutsideDesk, Secrets, Worker } from '../worker/index.ts';
import type { EndNotices } from './end-notices.ts';
import type { Retention } from './retention.ts';

export interface EngineContext {
  readonly id: string;
  readonly tenant: string;
  readonly store: Store;
  readonly platform: Platform;
  readonly journal: Journal;
  readonly secrets: Secrets;
  /** Undefined where the engine drives nothing. */
  readonly worker: Worker | undefined;
  /** Tasks for workers outside. */
  readonly desk: OutsideDesk;
  /** Removes old runs, where that is asked of this worker. */
  readonly retention: Retention | undefined;
  readonly notices: EndNotices;
  readonly payloadBytes: number;
  /** Registered workflows by name: the latest registered version of each. */
  readonly workflows: ReadonlyMap<string, AnyWorkflow>;
  /** Kinds with their executors, the built-in ones among them. */
  readonly kinds: ReadonlyMap<string, AnyKind>;
  /** All registered workflows, older versions included. */
  readonly registered: readonly AnyWorkflow[];
}

/** @throws `RUN_NOT_FOUND` */
export async function requireRun(context: EngineContext, runId: string): Promise<RunRow> {
  const row = await context.store.getRun(context.tenant, runId);
  if (!row) throw pawlError('RUN_NOT_FOUND', { runId });
  return row;
}

export function refOf(context: EngineContext, runId: string): RunRef {
  return { tenant: context.tenant, runId };
}

/** Commits a batch of ours; a resend after an unknown fate gets the first answer. */
export async function commitExternal(
  context: EngineContext,
  batch: Omit<Batch, 'fence'>,
): Promise<CommitAnswer> {
  return await context.journal.commit({
    ...batch,
    fence: 'external',
    dedupeId: batch.dedupeId ?? context.platform.newId(),
  });
}
