/** Where runs stand: what was seen is remembered, what was not is asked for, first where the run's own id would have placed it. */
import type { RunRef } from '../../run/index.ts';
import type { NewRun } from '../index.ts';
import { homeOfKey, homeOfRun, type Place } from './placement.ts';
import type { Shard } from './shard.ts';

/** The places of so many runs are remembered, those seen last. */
const MAX_REMEMBERED = 10_000;

export class Whereabouts {
  readonly #shards: readonly Shard[];
  readonly #place: Place;
  readonly #seen = new Map<string, number>();

  constructor(shards: readonly Shard[], place: Place) {
    this.#shards = shards;
    this.#place = place;
  }

  home(run: RunRef): number {
    return this.#place(homeOfRun(run), this.#shards.length);
  }

  homeOfStart(start: NewRun, key: string): number {
    return this.#place(homeOfKey(start, key), this.#shards.length);
  }

  /** A run was seen on a shard; undefined: it is not where it was seen. */
  note(run: RunRef, shard: number | undefined): void {
    const key = keyOf(run);
    this.#seen.delete(key);
    if (shard === undefined) return;
    this.#seen.set(key, shard);
    if (this.#seen.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#seen.keys()) return void this.#seen.delete(oldest);
  }

  seen(run: RunRef): number | undefined {
    return this.#seen.get(keyOf(run));
  }

  /**
   * The shard that has the run; undefined where none has it.
   * @throws `STORE_UNAVAILABLE` where none of those that answer has it, and one does not answer.
   */
  async find(run: RunRef): Promise<number | undefined> {
    const home = this.home(run);
    const [atHome] = await this.#ask(run, [home]);
    if (atHome?.has === true) return home;
    const answers = [...(await this.#ask(run, this.#others(home))), ...(atHome ? [atHome] : [])];
    const found = answers.find(({ has }) => has);
    if (found !== undefined) return found.shard;
    const failed = answers.find(({ problem }) => problem !== undefined);
    if (failed !== undefined) throw failed.problem;
    return undefined;
  }

  /** Of the shards that answer, another one than this that has a run of this id. */
  async findElsewhere(run: RunRef, shard: number): Promise<number | undefined> {
    return (await this.#ask(run, this.#others(shard))).find(({ has }) => has)?.shard;
  }

  #others(shard: number): number[] {
    return this.#shards.flatMap(({ index }) => (index === shard ? [] : [index]));
  }

  /** Each that has the run notes it here. */
  #ask(run: RunRef, shards: readonly number[]): Promise<Answer[]> {
    return Promise.all(
      shards.map(async (shard) => {
        try {
          const row = await this.#shards[shard]?.getRun(run.tenant, run.runId);
          return { shard, has: row !== undefined };
        } catch (problem) {
          return { shard, has: false, problem };
        }
      }),
    );
  }
}

interface Answer {
  readonly shard: number;
  readonly has: boolean;
  readonly problem?: unknown;
}

function keyOf({ tenant, runId }: RunRef): string {
  return `${tenant}/${runId}`;
}
