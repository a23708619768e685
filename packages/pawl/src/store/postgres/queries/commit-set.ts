/** The statements of a group of simple batches: all of them are judged, moved and appended to in one statement, without a loop. */
import type { ElementType } from '../binary-array.ts';
import { type Params, type Query, query } from '../query.ts';

/** Arrays of the answer as the server writes them: `{1,2}`; null where nothing was written. */
export interface CommitSetRow {
  readonly at: number;
  readonly places: string | null;
  readonly nums: string;
  readonly lasts: string;
  readonly statuses: string;
}

export type Column = readonly [name: string, type: ElementType];

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

/** The columns of one batch, which has no place among others. */
const MOVED_ALONE = MOVED.slice(1);

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

const FRESH_ALONE = FRESH.slice(1);

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
const EVENTS_ALONE = EVENTS.slice(1);

/** The text of a column's value: of a row of arrays, or a parameter of its own. */
type ValueOf = (name: string) => string;

/** What the server goes by where the caller brings no clock, ms since 1970. */
const CLOCK_VALUE = `coalesce($1::bigint, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`;
const FIRST = 2;

/**
 * The row as the events leave it. What is compared stands on the row that is locked, and is read again after a wait; rows that are not
 * found go the long way, and hear why. Only the number is compared in a way that an index could serve.
 */
function assignments(u: ValueOf, now: string): string {
  const behind = behindOf(u);
  return `
      status = ${behind},
      phase = case when ${behind} <= 2 then 0 when ${behind} <= 4 then 1 when ${behind} = 5 then 2 else 3 end,
      park_reason = case when ${behind} = 3 then r.park_reason end,
      holder = case when ${u('flags')} & ${GIVES_BACK} <> 0 or ${behind} >= 5 then null else r.holder end,
      strikes = case when ${u('flags')} & ${TAKES_STRIKES} <> 0 or ${behind} >= 5 then 0 else r.strikes end,
      due_at = case when ${behind} >= 5 then null when ${u('flags')} & ${HAS_DUE} <> 0 then ${u('due')} else r.due_at end,
      last_seq = r.last_seq + ${u('count')},
      updated_at = case when ${u('count')} > 0 then ${now} else r.updated_at end,
      input_tokens = r.input_tokens + coalesce(${u('input')}, 0),
      output_tokens = r.output_tokens + coalesce(${u('output')}, 0),
      cost_nano_usd = r.cost_nano_usd + coalesce(${u('cost')}, 0)`;
}

function conditions(u: ValueOf): string {
  return `r.num = ${u('num')} and r.tenant is not distinct from ${u('tenant')} and r.id is not distinct from ${u('id')}
      and r.status < 5 and r.holder is not null and r.holder is not distinct from ${u('holder')}
      and r.epoch is not distinct from ${u('epoch')} and r.last_seq >= ${u('read_seq')} and not r.has_tasks
      and (${u('seen')} is null or r.arrived_seq <= ${u('seen')}) and (not r.has_waits or ${behindOf(u)} < 5)`;
}

function behindOf(u: ValueOf): string {
  return `((${u('moves')} >> (3 * r.status)) & 7)`;
}

const NEW_ROW = `pawl.runs (num, tenant, lane, status, phase, strikes, depth, epoch, holder, due_at, deadline_at, created_at,
      updated_at, input_tokens, output_tokens, cost_nano_usd, last_seq, arrived_seq, has_waits, has_tasks, id, labels, root_id,
      parent_id, parent_path) overriding system value`;

function newValues(num: string, u: ValueOf, now: string): string {
  return `${num}, ${u('tenant')}, ${u('lane')}, ${u('status')}, ${u('phase')}, 0, ${u('depth')}, ${u('epoch')}, ${u('holder')},
      case when ${u('status')} < 5 then ${now} end, ${u('deadline')}, ${now}, ${now}, coalesce(${u('input')}, 0),
      coalesce(${u('output')}, 0), coalesce(${u('cost')}, 0), ${u('count')}, 0, false, false, ${u('id')}, ${u('labels')},
      ${u('root')}, ${u('parent')}, ${u('parent_path')}`;
}

/** The place of an event among those of the run is known when its row is. */
function putEvents(e: ValueOf, now: string): string {
  const seq = `w.last_seq - w.count + ${e('nth')}`;
  return `insert into pawl.events (run, seq, crc, at, type, path, actor, data, payload)
    select w.num, ${seq}, ${e('crc')} # pawl.place_1(w.num, ${seq}, ${now}), ${now}, ${e('type')}, ${e('path')}, ${e('actor')},
      ${e('data')}, ${e('payload')}`;
}

/** Rows made of the parameters from this one on. */
function rowsOf(columns: readonly Column[], first: number, alias: string): string {
  const arrays = columns.map(([, type], index) => `$${first + index}::${type}[]`);
  return `unnest(${arrays.join(', ')}) as ${alias} (${columns.map(([name]) => name).join(', ')})`;
}

const CLOCK = `clock as materialized (select ${CLOCK_VALUE} as now)`;
const NOW = '(select now from clock)';

/** The numbers stand there twice: they bound what is read whatever is thought of the join, and rows come in their order. */
function movedRows(first: number): string {
  const u: ValueOf = (name) => `u.${name}`;
  const nums = `$${first + MOVED.findIndex(([name]) => name === 'num')}::int8[]`;
  return `moved as (
    update pawl.runs r set ${assignments(u, NOW)}
    from ${rowsOf(MOVED, first, 'u')}
    where ${conditions(u)} and r.num = any (${nums})
    returning u.place, r.num, r.last_seq, r.status, u.count)`;
}

/** One insert creates the runs; those whose id is taken go the long way. */
function freshRows(first: number): string {
  return `fresh as materialized (
    select nextval('pawl.runs_num_seq') as num, u.* from ${rowsOf(FRESH, first, 'u')}),
  born as (
    insert into ${NEW_ROW}
    select ${newValues('num', (name) => name, NOW)} from fresh
    on conflict (tenant, id) do nothing returning num)`;
}

const WRITTEN_MOVED = 'select place, num, last_seq, status, count from moved';
const WRITTEN_BORN =
  'select f.place, f.num, f.count as last_seq, f.status, f.count from born b join fresh f on f.num = b.num';

function rest(written: readonly string[], first: number): string {
  return `written as materialized (${written.join(' union all ')}),
  put as (
    ${putEvents((name) => `e.${name}`, NOW)}
    from ${rowsOf(EVENTS, first, 'e')} join written w on w.place = e.place)
  select ${NOW} as at, array_agg(place)::text as places, array_agg(num)::text as nums, array_agg(last_seq)::text as lasts,
    array_agg(status)::text as statuses
  from written`;
}

function statement<Row>(parts: readonly string[]): Query<Params, Row> {
  return query(`with ${parts.join(',\n  ')}`);
}

/** Primary keys of `runs` and `events`. */
export const commitMoved = statement<CommitSetRow>([
  CLOCK,
  movedRows(FIRST),
  rest([WRITTEN_MOVED], FIRST + MOVED.length),
]);

/** Unique index `runs_by_id`, primary keys of `runs` and `events`. */
export const commitFresh = statement<CommitSetRow>([
  CLOCK,
  freshRows(FIRST),
  rest([WRITTEN_BORN], FIRST + FRESH.length),
]);

/** All of these. */
export const commitSet = statement<CommitSetRow>([
  CLOCK,
  movedRows(FIRST),
  freshRows(FIRST + MOVED.length),
  rest([WRITTEN_MOVED, WRITTEN_BORN], FIRST + MOVED.length + FRESH.length),
]);

/** What became of a batch that came alone; no row where it was not taken. */
export interface CommitOneRow {
  readonly at: number;
  readonly num: number;
  readonly last_seq: number;
  readonly status: number;
}

/** The same for one batch: a parameter a value, and no arrays to be taken apart. */
function one(
  columns: readonly Column[],
  count: number,
  write: (u: ValueOf) => string,
): Query<Params, CommitOneRow> {
  const valueOf = (spec: readonly Column[], first: number): ValueOf => {
    return (name) => {
      const index = spec.findIndex(([known]) => known === name);
      return `$${first + index}::${spec[index]?.[1]}`;
    };
  };
  const puts = Array.from({ length: count }, (_, index) => {
    const e = valueOf(EVENTS_ALONE, FIRST + columns.length + index * EVENTS_ALONE.length);
    return `put_${index} as (${putEvents(e, 'w.now')} from written w)`;
  });
  return statement([
    `written as (${write(valueOf(columns, FIRST))})`,
    `${puts.join(',\n  ')}
  select now as at, num, last_seq, status from written`,
  ]);
}

/** So many events of one batch have a statement of their own. */
export const MAX_ALONE = 3;
const counts = Array.from({ length: MAX_ALONE }, (_, index) => index + 1);

const moveOne = (u: ValueOf): string => `
    update pawl.runs r set ${assignments(u, CLOCK_VALUE)}
    where ${conditions(u)}
    returning r.num, r.last_seq, r.status, ${u('count')} as count, r.updated_at as now`;

const createOne = (u: ValueOf): string => `
    insert into ${NEW_ROW}
    select ${newValues(`nextval('pawl.runs_num_seq')`, u, 'c.now')} from (select ${CLOCK_VALUE} as now offset 0) c
    on conflict (tenant, id) do nothing
    returning num, last_seq, status, last_seq as count, created_at as now`;

/** For each number of events. Primary keys of `runs` and `events`. */
export const commitOneMoved = counts.map((count) => one(MOVED_ALONE, count, moveOne));

/** For each number of events. Unique index `runs_by_id`, primary keys of `runs` and `events`. */
export const commitOneFresh = counts.map((count) => one(FRESH_ALONE, count, createOne));
