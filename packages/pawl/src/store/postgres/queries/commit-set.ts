/** The statements of a group of simple batches: all of them are judged, moved and appended to in one statement, without a loop. */
import { type Params, type Query, query } from '../query.ts';

/** Arrays of the answer as the server writes them: `{1,2}`; null where nothing was written. */
export interface CommitSetRow {
  readonly at: number;
  readonly places: string | null;
  readonly nums: string;
  readonly lasts: string;
  readonly statuses: string;
}

export type Column = readonly [name: string, type: 'int2' | 'int4' | 'int8' | 'text'];

/** Bits of `flags`. */
export const TAKES_STRIKES = 1;
export const GIVES_BACK = 2;
export const HAS_DUE = 4;

/** A batch of a holder. `moves` has three bits for each status: the one behind its events. */
export const MOVED: readonly Column[] = [
  ['place', 'int4'],
  ['num', 'int8'],
  ['tenant', 'int4'],
  ['id', 'text'],
  ['holder', 'int8'],
  ['epoch', 'int4'],
  ['read_seq', 'int4'],
  ['moves', 'int4'],
  ['count', 'int4'],
  ['flags', 'int4'],
  ['seen', 'int4'],
  ['due', 'int8'],
  ['input', 'int8'],
  ['output', 'int8'],
  ['cost', 'int8'],
];

/** A new run, as its first events leave it. */
export const FRESH: readonly Column[] = [
  ['place', 'int4'],
  ['tenant', 'int4'],
  ['lane', 'int4'],
  ['status', 'int4'],
  ['phase', 'int4'],
  ['depth', 'int4'],
  ['holder', 'int8'],
  ['epoch', 'int4'],
  ['count', 'int4'],
  ['id', 'text'],
  ['deadline', 'int8'],
  ['labels', 'text'],
  ['root', 'text'],
  ['parent', 'text'],
  ['parent_path', 'text'],
  ['input', 'int8'],
  ['output', 'int8'],
  ['cost', 'int8'],
];

/** `nth`: place among the events of its batch, from 1. */
export const EVENTS: readonly Column[] = [
  ['place', 'int4'],
  ['nth', 'int4'],
  ['type', 'int2'],
  ['path', 'text'],
  ['data', 'text'],
  ['payload', 'text'],
  ['crc', 'int4'],
  ['actor', 'text'],
];

/** Rows made of the parameters from this one on. */
function rowsOf(columns: readonly Column[], first: number, alias: string): string {
  const arrays = columns.map(([, type], index) => `$${first + index}::${type}[]`);
  return `unnest(${arrays.join(', ')}) as ${alias} (${columns.map(([name]) => name).join(', ')})`;
}

const NOW = '(select now from clock)';
const BEHIND = '((u.moves >> (3 * r.status)) & 7)';

/**
 * One update judges the rows and moves them: what is compared stands on the row that it locks, and is read again after a wait. Rows
 * that are not found go the long way, and hear why. They come in the order of their numbers, and are locked in it.
 */
function moved(first: number): string {
  return `moved as (
    update pawl.runs r set
      status = ${BEHIND},
      phase = case when ${BEHIND} <= 2 then 0 when ${BEHIND} <= 4 then 1 when ${BEHIND} = 5 then 2 else 3 end,
      park_reason = case when ${BEHIND} = 3 then r.park_reason end,
      holder = case when u.flags & ${GIVES_BACK} <> 0 or ${BEHIND} >= 5 then null else r.holder end,
      strikes = case when u.flags & ${TAKES_STRIKES} <> 0 or ${BEHIND} >= 5 then 0 else r.strikes end,
      due_at = case when ${BEHIND} >= 5 then null when u.flags & ${HAS_DUE} <> 0 then u.due else r.due_at end,
      last_seq = r.last_seq + u.count,
      updated_at = case when u.count > 0 then ${NOW} else r.updated_at end,
      input_tokens = r.input_tokens + coalesce(u.input, 0),
      output_tokens = r.output_tokens + coalesce(u.output, 0),
      cost_nano_usd = r.cost_nano_usd + coalesce(u.cost, 0)
    from ${rowsOf(MOVED, first, 'u')}
    where r.num = u.num and r.tenant = u.tenant and r.id = u.id and r.status < 5 and r.holder = u.holder and r.epoch = u.epoch
      and r.last_seq >= u.read_seq and not r.has_tasks and (u.seen is null or r.arrived_seq <= u.seen)
      and (not r.has_waits or ${BEHIND} < 5)
    returning u.place, r.num, r.last_seq, r.status, u.count)`;
}

/** One insert creates the runs; those whose id is taken go the long way. */
function born(first: number): string {
  return `fresh as materialized (
    select nextval('pawl.runs_num_seq') as num, u.* from ${rowsOf(FRESH, first, 'u')}),
  born as (
    insert into pawl.runs (num, tenant, lane, status, phase, strikes, depth, epoch, holder, due_at, deadline_at, created_at,
      updated_at, input_tokens, output_tokens, cost_nano_usd, last_seq, arrived_seq, has_waits, has_tasks, id, labels, root_id,
      parent_id, parent_path)
    overriding system value
    select num, tenant, lane, status, phase, 0, depth, epoch, holder, case when status < 5 then ${NOW} end, deadline, ${NOW},
      ${NOW}, coalesce(input, 0), coalesce(output, 0), coalesce(cost, 0), count, 0, false, false, id, labels, root,
      parent, parent_path
    from fresh
    on conflict (tenant, id) do nothing returning num)`;
}

const WRITTEN_MOVED = 'select place, num, last_seq, status, count from moved';
const WRITTEN_BORN =
  'select f.place, f.num, f.count as last_seq, f.status, f.count from born b join fresh f on f.num = b.num';

/** The place of an event among those of the run is known when its row is. */
function rest(written: readonly string[], first: number): string {
  return `written as materialized (${written.join(' union all ')}),
  put as (
    insert into pawl.events (run, seq, crc, at, type, path, actor, data, payload)
    select w.num, w.last_seq - w.count + e.nth, e.crc # pawl.place_1(w.num, w.last_seq - w.count + e.nth, ${NOW}), ${NOW},
      e.type, e.path, e.actor, e.data, e.payload
    from ${rowsOf(EVENTS, first, 'e')} join written w on w.place = e.place)
  select ${NOW} as at, array_agg(place)::text as places, array_agg(num)::text as nums, array_agg(last_seq)::text as lasts,
    array_agg(status)::text as statuses
  from written`;
}

const CLOCK = `clock as materialized (
    select coalesce($1::bigint, floor(extract(epoch from clock_timestamp()) * 1000)::bigint) as now)`;
const FIRST = 2;

function statement(parts: readonly string[]): Query<Params, CommitSetRow> {
  return query(`with ${parts.join(',\n  ')}`);
}

/** Primary keys of `runs` and `events`. */
export const commitMoved = statement([CLOCK, moved(FIRST), rest([WRITTEN_MOVED], FIRST + MOVED.length)]);

/** Unique index `runs_by_id`, primary keys of `runs` and `events`. */
export const commitFresh = statement([CLOCK, born(FIRST), rest([WRITTEN_BORN], FIRST + FRESH.length)]);

/** All of these. */
export const commitSet = statement([
  CLOCK,
  moved(FIRST),
  born(FIRST + MOVED.length),
  rest([WRITTEN_MOVED, WRITTEN_BORN], FIRST + MOVED.length + FRESH.length),
]);
