/** What each shard says of itself: which of how many it is, and of which store. Written once, compared at every opening. */
import { pawlError } from '../../errors/index.ts';
import type { Store, WorkflowRow } from '../index.ts';
import type { ShardPlatform } from './patience.ts';

/**
 * The mark is a row among the workflows, which every store writes once and never changes, under a name that no workflow can
 * have; its digest says what it says.
 */
const NAME = ':shards';
const MARK = 'mark';
/** Written when all marks stand: from then on a shard without one is not the one that was here before. */
const SEAL = 'seal';
const PROBE = 'probe';

interface Mark {
  readonly index: number;
  readonly count: number;
  /** Of the store as a whole: two stores have two. */
  readonly family: string;
}

interface Reading {
  readonly mark: Mark | undefined;
  readonly isSealed: boolean;
}

/** @throws `SHARDS_DIFFER`, where these are not all shards of one store, in its order */
export async function checkMarks(stores: readonly Store[], platform: ShardPlatform): Promise<void> {
  const readings = await Promise.all(stores.map(readMark));
  const mustHaveAll = readings.some(({ isSealed }) => isSealed);
  const family = readings.find(({ mark }) => mark !== undefined)?.mark?.family;
  for (const [index, { mark }] of readings.entries()) {
    const store = stores[index] as Store;
    if (mark === undefined && !mustHaveAll) await requireEmpty(store, { index, count: stores.length });
    else if (mark?.index !== index || mark.count !== stores.length || mark.family !== family)
      throw differs(store, mark, { index, count: stores.length });
  }
  if (readings.every(({ isSealed }) => isSealed)) return;
  await requireDistinct(stores, platform.newId());
  await writeMarks(stores, family ?? platform.newId());
}

/** A store that is one of several: opened by itself, it would place runs by another rule. @throws `SHARDS_DIFFER` */
export async function refuseShard(store: Store): Promise<void> {
  const { mark } = await readMark(store);
  if (mark !== undefined) throw differs(store, mark, { index: 0, count: 1 });
}

/** The first shard decides where two openers mark at once: what stands there is the name of the store for both. */
async function writeMarks(stores: readonly Store[], proposed: string): Promise<void> {
  let family = proposed;
  for (const [index, store] of stores.entries()) {
    const [standing] = await store.registerWorkflows([rowOf(MARK, { index, count: stores.length, family })]);
    const found = standing && markOf(standing);
    if (found === undefined) continue;
    if (index > 0 || found.index !== 0 || found.count !== stores.length)
      throw differs(store, found, { index, count: stores.length });
    family = found.family;
  }
  for (const store of stores)
    await store.registerWorkflows([rowOf(SEAL, { index: 0, count: stores.length, family })]);
}

async function readMark(store: Store): Promise<Reading> {
  const row = await store.getWorkflow(NAME, MARK);
  const seal = row && (await store.getWorkflow(NAME, SEAL));
  return { mark: row && markOf(row), isSealed: seal !== undefined };
}

function rowOf(version: string, { index, count, family }: Mark): WorkflowRow {
  return { name: NAME, version, digest: `${index}/${count}/${family}` };
}

function markOf({ digest }: WorkflowRow): Mark {
  const [index, count, family = ''] = digest.split('/');
  return { index: Number(index), count: Number(count), family };
}

/** Runs that were placed before there were several clusters have keys and ids that nobody would look for where they are. */
async function requireEmpty(store: Store, as: Omit<Mark, 'family'>): Promise<void> {
  if (!(await store.isEmpty())) throw differs(store, 'a database with runs of its own', as);
}

/** One database under two names: each store leaves a row of a name that nobody else can have, and looks for those of the others. */
async function requireDistinct(stores: readonly Store[], probe: string): Promise<void> {
  for (const [index, store] of stores.entries()) {
    const version = `${PROBE}-${probe}`;
    const as = { index, count: stores.length };
    const standing = await store.getWorkflow(NAME, version);
    if (standing) throw differs(store, `the same database as cluster ${Number(standing.digest) + 1}`, as);
    await store.registerWorkflows([{ name: NAME, version, digest: String(index) }]);
  }
}

function differs(store: Store, found: Mark | string | undefined, { index, count }: Omit<Mark, 'family'>) {
  const is =
    typeof found === 'object'
      ? `cluster ${found.index + 1} of ${found.count} of the store ${found.family}`
      : (found ?? 'a new database');
  const expected = count === 1 ? 'a store of its own' : `cluster ${index + 1} of ${count}`;
  return pawlError('SHARDS_DIFFER', { location: store.location, found: is, expected });
}
