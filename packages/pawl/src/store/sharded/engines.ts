/** Engines over all shards: each has a row on every one of them, and is judged by what all of them say. */
import type { NewWorker, WorkerRow } from '../index.ts';
import type { RollCall } from './roll-call.ts';
import type { Shard } from './shard.ts';

export class Engines {
  readonly #roll: RollCall;
  /** The shards that a holder was last listed on. */
  #listed = new Map<string, ReadonlySet<Shard>>();

  constructor(roll: RollCall) {
    this.#roll = roll;
  }

  /** A shard that is away gets its row when it is back: the beat finds none there. */
  async register(worker: NewWorker): Promise<void> {
    await this.#roll.every((shard) => shard.registerWorker(worker));
  }

  /** False where one of the shards that answer has forgotten it. */
  async beat(holder: string, draining: boolean): Promise<boolean> {
    return (await this.#roll.every((shard) => shard.beat(holder, draining))).every(({ answer }) => answer);
  }

  /** One row a holder: what it holds everywhere, and the latest of its beats. */
  async list(): Promise<WorkerRow[]> {
    const listed = new Map<string, Set<Shard>>();
    const rows = new Map<string, WorkerRow>();
    for (const { shard, answer } of await this.#roll.every((one) => one.listWorkers()))
      for (const row of answer) {
        listed.set(row.id, (listed.get(row.id) ?? new Set()).add(shard));
        rows.set(row.id, joined(rows.get(row.id), row));
      }
    this.#listed = listed;
    return [...rows.values()];
  }

  /** Of those that list it, all that answer: one lost line does not make a death. */
  async isProvablyDead(holder: string): Promise<boolean> {
    const listed = this.#listed.get(holder);
    const answers = await this.#roll.every((shard) => shard.isProvablyDead(holder), listed);
    return answers.length > 0 && answers.every(({ answer }) => answer);
  }
}

function joined(one: WorkerRow | undefined, other: WorkerRow): WorkerRow {
  if (one === undefined) return other;
  const known = one.isForgotten ? other : one;
  return {
    ...known,
    beatAt: Math.max(one.beatAt, other.beatAt),
    draining: one.draining || other.draining,
    held: one.held + other.held,
    tasks: one.tasks + other.tasks,
  };
}
