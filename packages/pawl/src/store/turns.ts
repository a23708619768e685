/** Whose turn it is: tenants in turn, within a tenant workflows in turn, going on where the last claim stopped. */

/** A lane with something due in it. */
export interface TurnLane {
  readonly num: number;
  readonly tenant: number;
  readonly workflow: string;
  readonly priority: number;
}

export interface Candidate {
  readonly num: number;
  readonly dueAt: number;
}

/** Fetches the due runs of a lane behind `after`, the longest due first. */
export type FetchDue = (lane: number, after: Candidate | undefined, limit: number) => readonly Candidate[];

export interface TurnRequest {
  readonly lanes: readonly TurnLane[];
  readonly limit: number;
  readonly fetch: FetchDue;
}

/** Tenants whose last workflow is remembered; at the limit they start again from their first one. */
const MAX_REMEMBERED = 10_000;

/** Remembers where the last claim stopped; lives as long as the store. */
export class Turns {
  #lastTenant = -1;
  readonly #lastWorkflow = new Map<number, string>();

  /** At most `limit` numbers of runs, in the order in which they may be claimed. */
  take({ lanes, limit, fetch }: TurnRequest): number[] {
    let tenants = rotate(
      [...groupBy(lanes, (lane) => lane.tenant)],
      ([tenant]) => tenant > this.#lastTenant,
    ).map(([tenant, own]) => ({ tenant, workflows: this.#workflowsOf(tenant, own, { limit, fetch }) }));
    const taken: number[] = [];
    while (tenants.length > 0 && taken.length < limit) {
      for (const { tenant, workflows } of tenants) {
        if (taken.length === limit) break;
        const num = this.#takeOne(tenant, workflows);
        if (num !== undefined) taken.push(num);
      }
      tenants = tenants.filter(({ workflows }) => workflows.length > 0);
    }
    return taken;
  }

  #workflowsOf(tenant: number, lanes: readonly TurnLane[], source: Source): Waiting[] {
    const last = this.#lastWorkflow.get(tenant) ?? '';
    const byWorkflow = [...groupBy(lanes, (lane) => lane.workflow)];
    return rotate(byWorkflow, ([workflow]) => workflow > last).map(([workflow, own]) => ({
      workflow,
      cursors: own.toSorted((a, b) => b.priority - a.priority).map((lane) => new LaneCursor(lane, source)),
    }));
  }

  /** Takes from the first workflow that still has something due, and sends it to the end of the row. */
  #takeOne(tenant: number, workflows: Waiting[]): number | undefined {
    for (;;) {
      const first = workflows.shift();
      if (first === undefined) return undefined;
      const num = takeFrom(first.cursors);
      if (num === undefined) continue;
      workflows.push(first);
      if (this.#lastWorkflow.size >= MAX_REMEMBERED) this.#lastWorkflow.clear();
      this.#lastTenant = tenant;
      this.#lastWorkflow.set(tenant, first.workflow);
      return num;
    }
  }
}

type Source = Omit<TurnRequest, 'lanes'>;

interface Waiting {
  readonly workflow: string;
  /** The higher priority first. */
  readonly cursors: readonly LaneCursor[];
}

/** Of the highest priority that has something due, the run that is due longest. */
function takeFrom(cursors: readonly LaneCursor[]): number | undefined {
  const best = cursors.reduce<LaneCursor | undefined>((chosen, cursor) => {
    const head = cursor.head();
    if (head === undefined) return chosen;
    const rival = chosen?.head();
    if (chosen === undefined || rival === undefined) return cursor;
    return cursor.priority === chosen.priority && head.dueAt < rival.dueAt ? cursor : chosen;
  }, undefined);
  return best?.shift();
}

/** Runs fetched at first; each further fetch takes twice as many. */
const FIRST_FETCH = 4;

/** The due runs of one lane, fetched a few at a time: a claim of one run reads no more than it needs. */
class LaneCursor {
  readonly priority: number;
  readonly #lane: number;
  readonly #source: Source;
  #page: readonly Candidate[] = [];
  #index = 0;
  #fetched = FIRST_FETCH / 2;
  #isDry = false;

  constructor(lane: TurnLane, source: Source) {
    this.priority = lane.priority;
    this.#lane = lane.num;
    this.#source = source;
  }

  head(): Candidate | undefined {
    if (this.#index < this.#page.length || this.#isDry) return this.#page[this.#index];
    const last = this.#page.at(-1);
    this.#fetched = Math.min(this.#fetched * 2, this.#source.limit);
    this.#page = this.#source.fetch(this.#lane, last, this.#fetched);
    this.#index = 0;
    this.#isDry = this.#page.length < this.#fetched;
    return this.#page[0];
  }

  shift(): number | undefined {
    const num = this.head()?.num;
    this.#index += 1;
    return num;
  }
}

function groupBy<Key extends string | number>(
  lanes: readonly TurnLane[],
  keyOf: (lane: TurnLane) => Key,
): [Key, TurnLane[]][] {
  const groups = Map.groupBy(lanes, keyOf);
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The list from the first element that is behind the last turn, then the ones before it. */
function rotate<T>(list: readonly T[], isNext: (one: T) => boolean): T[] {
  const start = Math.max(0, list.findIndex(isNext));
  return [...list.slice(start), ...list.slice(0, start)];
}
