/** Claims over all shards: each is asked for its share first, whoever has more gives the rest, and the first one is another one each time. */
import type { ClaimedRun, ClaimedTask, ClaimRequest, TaskClaimRequest } from '../index.ts';
import type { RollCall } from './roll-call.ts';
import type { Shard } from './shard.ts';

/** From so many strikes on a run is claimed in quarantine only, and one at a time. */
const QUARANTINED = 2;

/** Within a shard tenants, workflows, priorities and age decide; over shards it is each shard's turn. */
export async function claim(roll: RollCall, request: ClaimRequest): Promise<ClaimedRun[]> {
  const shards = roll.turn();
  const [first] = shards;
  const claimed = await shared(roll, shards, {
    limit: request.limit,
    ask: (shard, limit, isAgain) =>
      shard.claim({
        ...request,
        limit,
        quarantine: request.quarantine && shard === first && !isAgain,
        dead: isAgain ? [] : request.dead,
      }),
  });
  if (request.quarantine) claimed.push(...(await fromQuarantine(roll, shards, { request, claimed })));
  return claimed;
}

/** Where the first shard has no run in quarantine, the next one may have one: one after the other, since one is all there may be. */
async function fromQuarantine(
  roll: RollCall,
  shards: readonly Shard[],
  { request, claimed }: { readonly request: ClaimRequest; readonly claimed: readonly ClaimedRun[] },
): Promise<ClaimedRun[]> {
  const found: ClaimedRun[] = [];
  for (const shard of shards.slice(1)) {
    const all = [...claimed, ...found];
    if (all.length >= request.limit || all.some(({ strikes }) => strikes >= QUARANTINED)) break;
    const ask = () => shard.claim({ ...request, limit: 1, quarantine: true, dead: [] });
    found.push(...(await roll.one(shard, ask).catch(() => []))); // one that is away has none now
  }
  return found;
}

export function claimTasks(roll: RollCall, request: TaskClaimRequest): Promise<ClaimedTask[]> {
  return shared(roll, roll.turn(), {
    limit: request.limit,
    ask: (shard, limit, isAgain) =>
      shard.claimTasks({ ...request, limit, ...(isAgain ? { isFreshOnly: true } : {}) }),
  });
}

interface Sharing<T> {
  readonly limit: number;
  readonly ask: (shard: Shard, limit: number, isAgain: boolean) => Promise<T[]>;
}

/** @throws what the first shard said, where none answers */
async function shared<T>(roll: RollCall, shards: readonly Shard[], sharing: Sharing<T>): Promise<T[]> {
  const { limit, ask } = sharing;
  const share = (at: number) => Math.floor(limit / shards.length) + (at < limit % shards.length ? 1 : 0);
  const shares = new Map(shards.map((shard, at) => [shard, share(at)]));
  const answers = await roll.every((shard) => ask(shard, shares.get(shard) ?? 0, false), shards);
  const claimed = answers.flatMap(({ answer }) => answer);
  for (const { shard, answer } of answers) {
    const rest = limit - claimed.length;
    const hasMore = answer.length >= (shares.get(shard) ?? 0);
    if (rest <= 0) break;
    if (hasMore) claimed.push(...(await roll.one(shard, () => ask(shard, rest, true)).catch(() => [])));
  }
  return claimed;
}
