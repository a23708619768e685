/** Lists over all shards: each gives its page in its own order, and the newest of their first ones is the next one. */
import { pawlError } from '../../errors/index.ts';
import type { RunFilter, RunRow, WaitFilter, WaitRow } from '../index.ts';
import type { Shard } from './shard.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface ListTools {
  readonly shards: readonly Shard[];
  readonly whereabouts: Whereabouts;
}

/** @throws `RUN_NOT_FOUND` where `before` names no run, `STORE_UNAVAILABLE` where a shard does not answer: a list is whole, or none. */
export async function listRuns(tools: ListTools, filter: RunFilter): Promise<RunRow[]> {
  const { before: cursor, ...rest } = filter;
  const asked = await shardsFor(tools, filter);
  const before = cursor === undefined ? undefined : await cursorOf(tools, filter.tenant, cursor);
  const pages = await Promise.all(
    asked.map((shard) => shard.listRuns(before === undefined ? filter : { ...rest, ...before.on(shard) })),
  );
  return merge(pages, (a, b) => b.createdAt - a.createdAt, filter.limit);
}

/** The children of a run stand where it stands. */
async function shardsFor(
  { shards, whereabouts }: ListTools,
  { tenant, parentRunId }: RunFilter,
): Promise<readonly Shard[]> {
  if (parentRunId === undefined) return shards;
  const parent = { tenant, runId: parentRunId };
  const home = whereabouts.seen(parent) ?? (await whereabouts.find(parent));
  return home === undefined ? shards : shards.filter(({ index }) => index === home);
}

interface Cursor {
  readonly on: (shard: Shard) => Pick<RunFilter, 'before' | 'createdBefore'>;
}

/** Of one millisecond the shards come in their order: what stood in front of the cursor there is left out, and nothing else. */
async function cursorOf(tools: ListTools, tenant: string, runId: string): Promise<Cursor> {
  const home = await tools.whereabouts.find({ tenant, runId });
  const row = home === undefined ? undefined : await tools.shards[home]?.getRun(tenant, runId);
  if (home === undefined || row === undefined) throw pawlError('RUN_NOT_FOUND', { runId });
  return {
    on: ({ index }) => {
      if (index === home) return { before: runId };
      return { createdBefore: index < home ? row.createdAt : row.createdAt + 1 };
    },
  };
}

export async function listWaits(tools: ListTools, filter: WaitFilter): Promise<WaitRow[]> {
  const { shards, whereabouts } = tools;
  const { tenant, runId } = filter;
  const home = runId === undefined ? undefined : await whereabouts.find({ tenant, runId });
  if (runId !== undefined && home === undefined) return [];
  const asked = home === undefined ? shards : shards.filter(({ index }) => index === home);
  const pages = await Promise.all(asked.map((shard) => shard.listWaits(filter)));
  return merge(pages, (a, b) => a.openedAt - b.openedAt, filter.limit);
}

/** The order within a page is kept, whatever it is; where two are equal the earlier page goes first. */
function merge<T>(pages: readonly (readonly T[])[], compare: (a: T, b: T) => number, limit: number): T[] {
  if (pages.length === 1) return [...(pages[0] ?? [])];
  const heads = pages.map((page) => ({ page, at: 0 }));
  const merged: T[] = [];
  while (merged.length < limit) {
    let best: { readonly page: readonly T[]; at: number } | undefined;
    for (const head of heads) {
      const one = head.page[head.at];
      const rival = best?.page[best.at];
      if (one !== undefined && (rival === undefined || compare(one, rival) < 0)) best = head;
    }
    const next = best?.page[best.at];
    if (best === undefined || next === undefined) break;
    merged.push(next);
    best.at += 1;
  }
  return merged;
}
