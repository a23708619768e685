/** Numbers for tenants, holders and lanes: rows and indexes hold a byte or two where the names take fifty. */
import { EVENT_FORMAT } from '../../run/index.ts';
import type { Connection } from './connection.ts';
import { insertHolder } from './queries/insert-holder.ts';
import { insertLane } from './queries/insert-lane.ts';
import { insertTenant } from './queries/insert-tenant.ts';
import { selectHolder } from './queries/select-holder.ts';
import { type LaneColumns, selectLanes } from './queries/select-lanes.ts';
import { selectTenant } from './queries/select-tenant.ts';
import type { Query } from './query.ts';

/** Numbers kept in memory for each of the three kinds of name; at the limit the memory is emptied and filled again. */
const MAX_CACHED = 100_000;

/** Where a run queues. */
export interface LaneName {
  readonly tenant: number;
  readonly workflow: string;
  readonly version: string;
  readonly priority: number;
}

/**
 * Names and numbers never change once committed, so they are remembered for the life of the connection. Those given in a
 * transaction that is rolled back must be forgotten (`forget`).
 */
export class Names {
  readonly #db: Connection;
  readonly #tenants = new Map<string, number>();
  readonly #holders = new Map<string, number>();
  readonly #lanes = new Map<number, LaneColumns>();
  readonly #laneNums = new Map<string, number>();
  #lastLane = 0;

  constructor(db: Connection) {
    this.#db = db;
  }

  /** The number of a tenant; undefined where nothing was ever written for it. */
  tenant(id: string): number | undefined {
    return this.#known(this.#tenants, selectTenant, id);
  }

  /** Inside a write transaction. */
  giveTenant(id: string): number {
    return this.#given(this.#tenants, { select: selectTenant, insert: insertTenant }, id);
  }

  holder(id: string): number | undefined {
    return this.#known(this.#holders, selectHolder, id);
  }

  /** Inside a write transaction. */
  giveHolder(id: string): number {
    return this.#given(this.#holders, { select: selectHolder, insert: insertHolder }, id);
  }

  /** Inside a write transaction; a lane is of the event format that this Pawl writes. */
  giveLane(name: LaneName): number {
    const key = laneKey({ ...name, format: EVENT_FORMAT });
    const found = this.#laneNums.get(key) ?? this.#readLanes().get(key);
    if (found !== undefined) return found;
    const { tenant, workflow, version, priority } = name;
    const row = this.#db.get(insertLane, tenant, workflow, version, priority, EVENT_FORMAT);
    const lane = { ...name, num: numberOf(row), format: EVENT_FORMAT };
    this.#rememberLane(lane);
    return lane.num;
  }

  lane(num: number): LaneColumns | undefined {
    const known = this.#lanes.get(num);
    if (known !== undefined || num <= this.#lastLane) return known;
    this.#readLanes();
    return this.#lanes.get(num);
  }

  /** The lanes of a tenant, of one workflow or of all. */
  lanesOf(tenant: number, workflow: string | undefined): number[] {
    this.#readLanes();
    return [...this.#lanes.values()]
      .filter((lane) => lane.tenant === tenant && (workflow === undefined || lane.workflow === workflow))
      .map((lane) => lane.num);
  }

  /** After a rollback: numbers that were given in it do not exist. */
  forget(): void {
    this.#tenants.clear();
    this.#holders.clear();
    this.#lanes.clear();
    this.#laneNums.clear();
    this.#lastLane = 0;
  }

  #readLanes(): ReadonlyMap<string, number> {
    for (const lane of this.#db.all(selectLanes, this.#lastLane)) this.#rememberLane(lane);
    return this.#laneNums;
  }

  #rememberLane(lane: LaneColumns): void {
    this.#lanes.set(lane.num, lane);
    this.#laneNums.set(laneKey(lane), lane.num);
    this.#lastLane = Math.max(this.#lastLane, lane.num);
  }

  #known(cache: Map<string, number>, select: NumberQuery, id: string): number | undefined {
    const cached = cache.get(id);
    if (cached !== undefined) return cached;
    const num = this.#db.get(select, id)?.num;
    if (num !== undefined) remember(cache, id, num);
    return num;
  }

  #given(
    cache: Map<string, number>,
    queries: { select: NumberQuery; insert: NumberQuery },
    id: string,
  ): number {
    const known = this.#known(cache, queries.select, id);
    if (known !== undefined) return known;
    const num = numberOf(this.#db.get(queries.insert, id));
    remember(cache, id, num);
    return num;
  }
}

type NumberQuery = Query<[id: string], { num: number }>;

function remember(cache: Map<string, number>, id: string, num: number): void {
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(id, num);
}

function numberOf(row: { num: number } | undefined): number {
  if (row === undefined) throw new Error('an insert with "returning" gave no row');
  return row.num;
}

function laneKey(lane: Omit<LaneColumns, 'num'>): string {
  return JSON.stringify([lane.tenant, lane.workflow, lane.version, lane.priority, lane.format]);
}
