/** Numbers for tenants, holders and lanes: rows and indexes hold a few bytes where the names take fifty. */
import { EVENT_FORMAT } from '../../run/index.ts';
import type { Connection } from './connection.ts';
import { giveHolder } from './queries/insert-holder.ts';
import { giveLane } from './queries/insert-lane.ts';
import { giveTaskLane } from './queries/insert-task-lane.ts';
import { giveTenant } from './queries/insert-tenant.ts';
import { selectHolder } from './queries/select-holder.ts';
import { selectTenant } from './queries/select-tenant.ts';
import type { Params, Query } from './query.ts';

/** Numbers kept in memory; at the limit the memory is emptied and filled again. */
const MAX_CACHED = 100_000;
/** A number that somebody else is giving in the same moment is seen at the next try. */
const MAX_TRIES = 5;

/** Where a run queues. */
export interface LaneName {
  readonly tenant: number;
  readonly workflow: string;
  readonly version: string;
  readonly priority: number;
}

/** Where a task queues. */
export interface TaskLaneName {
  readonly tenant: number;
  readonly queue: string;
  readonly kind: string;
  readonly priority: number;
}

/**
 * Names and numbers never change once committed, and each is given in a transaction of its own: they are remembered until the
 * line breaks (`forget`), since the server behind a new one may have been set back.
 */
export class Names {
  readonly #db: Connection;
  readonly #known = new Map<string, number>();

  constructor(db: Connection) {
    this.#db = db;
  }

  /** The number of a tenant; undefined where nothing was ever written for it. */
  tenant(id: string): Promise<number | undefined> {
    return this.#find(`t ${id}`, selectTenant, [id]);
  }

  giveTenant(id: string): Promise<number> {
    return this.#give(`t ${id}`, giveTenant, [id]);
  }

  holder(id: string): Promise<number | undefined> {
    return this.#find(`h ${id}`, selectHolder, [id]);
  }

  giveHolder(id: string): Promise<number> {
    return this.#give(`h ${id}`, giveHolder, [id]);
  }

  /** A lane is of the event format that this Pawl writes. */
  giveLane({ tenant, workflow, version, priority }: LaneName): Promise<number> {
    const key = JSON.stringify([tenant, workflow, version, priority]);
    return this.#give(`l ${key}`, giveLane, [tenant, workflow, version, priority, EVENT_FORMAT]);
  }

  giveTaskLane({ tenant, queue, kind, priority }: TaskLaneName): Promise<number> {
    const key = JSON.stringify([tenant, queue, kind, priority]);
    return this.#give(`k ${key}`, giveTaskLane, [tenant, queue, kind, priority]);
  }

  forget(): void {
    this.#known.clear();
  }

  async #find<P extends Params>(
    key: string,
    select: Query<P, { num: number }>,
    params: P,
  ): Promise<number | undefined> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const [row] = await this.#db.read(select, ...params);
    if (row !== undefined) this.#remember(key, row.num);
    return row?.num;
  }

  async #give<P extends Params>(key: string, give: Query<P, { num: number }>, params: P): Promise<number> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const num = await this.#find(key, give, params); // doing it again changes nothing
      if (num !== undefined) return num;
    }
    throw new Error(`the name ${key} got no number`);
  }

  #remember(key: string, num: number): void {
    if (this.#known.size >= MAX_CACHED) this.#known.clear();
    this.#known.set(key, num);
  }
}
