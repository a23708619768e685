/** Measures all chosen peers in all chosen workloads: one measurement of each peer in turn, then again (A B C A B C). */
import type { Sample } from '../../harness/workload.ts';
import type { Peer, WorkloadId } from '../peer.ts';
import { Cells } from '../report/cell.ts';
import type { Places } from '../servers/open-place.ts';
import { forkMeasurement } from './fork-measurement.ts';
import { watchStrangers } from './own-processes.ts';

export interface Plan {
  readonly peers: readonly Peer[];
  readonly workloads: readonly WorkloadId[];
  readonly pairs: number;
  readonly ms: number;
  readonly places: Places;
  /** Told what is done now. */
  readonly say: (text: string) => void;
}

/** A measurement that has not ended by then is cut. */
export const LIMIT_MS = 60_000;
const TAKE_OVER_MS = 30_000;
/** What a take-over may last to be measured more than once. */
const QUICK_MS = 10_000;

export async function takeCells(plan: Plan): Promise<Cells> {
  const cells = new Cells();
  for (const workload of plan.workloads) {
    const taken = plan.peers.map((peer) => new CellInMaking(peer, workload, plan));
    for (let round = 0; round < plan.pairs; round++) for (const one of taken) await one.measure();
    for (const one of taken) cells.add(one.cell());
  }
  return cells;
}

/** States: *open* → *closed* (it failed, cannot be measured here, or once is enough). */
class CellInMaking {
  readonly #peer: Peer;
  readonly #workload: WorkloadId;
  readonly #plan: Plan;
  readonly #samples: Sample[] = [];
  readonly #others: number[] = [];
  #reason: string | undefined;
  #isClosed: boolean;

  constructor(peer: Peer, workload: WorkloadId, plan: Plan) {
    this.#peer = peer;
    this.#workload = workload;
    this.#plan = plan;
    this.#reason = plan.places.reasonAgainst(peer.server);
    this.#isClosed = this.#reason !== undefined || peer.absent?.[workload] !== undefined;
  }

  async measure(): Promise<void> {
    if (this.#isClosed) return;
    this.#plan.say(`${this.#workload} ${this.#peer.id}`);
    const others = watchStrangers();
    try {
      const sample = await this.#sample();
      this.#samples.push(sample);
      this.#others.push(others());
      this.#isClosed = (sample['restart'] ?? 0) > QUICK_MS;
    } catch (error) {
      this.#reason = error instanceof Error ? error.message : String(error);
      this.#isClosed = true;
      this.#plan.say(`${this.#workload} ${this.#peer.id}: ${this.#reason}`);
    }
  }

  cell() {
    const { id: peer } = this.#peer;
    return {
      peer,
      workload: this.#workload,
      samples: this.#samples,
      others: this.#others,
      reason: this.#reason,
    };
  }

  #sample(): Promise<Sample> {
    const { id, server, takeOverMs = TAKE_OVER_MS } = this.#peer;
    const workload = this.#workload;
    const { ms, places } = this.#plan;
    const limitMs = LIMIT_MS + (workload === 'W4' ? takeOverMs : 0);
    return places.withPlace(server, (place) => forkMeasurement({ peer: id, workload, place, ms }, limitMs));
  }
}
