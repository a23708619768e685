/** What was measured of one peer in one workload. */
import { median } from '../../harness/statistics.ts';
import type { Sample } from '../../harness/workload.ts';
import type { Peer, WorkloadId } from '../peer.ts';

export interface Cell {
  readonly peer: string;
  readonly workload: WorkloadId;
  readonly samples: readonly Sample[];
  /** The share of the machine that others used meanwhile, of each sample. */
  readonly others: readonly number[];
  /** Why there is no figure, or none more. */
  readonly reason?: string | undefined;
}

/** The cells of a report, by peer and workload. */
export class Cells {
  readonly #cells: Cell[] = [];

  add(cell: Cell): void {
    this.#cells.push(cell);
  }

  all(): readonly Cell[] {
    return this.#cells;
  }

  of(peer: Peer, workload?: WorkloadId): readonly Cell[] {
    return this.#cells.filter(
      (cell) => cell.peer === peer.id && (workload === undefined || cell.workload === workload),
    );
  }

  /** The median of a figure; nothing where it was not measured. */
  figure(peer: Peer, key: string): number | undefined {
    const values = this.of(peer).flatMap(({ samples }) => samples.flatMap((sample) => sample[key] ?? []));
    return values.length === 0 ? undefined : median(values);
  }

  /** The largest share of the machine that others used while this peer was measured; not finite where nothing was. */
  others(peer: Peer): number {
    return Math.max(...this.of(peer).flatMap(({ others }) => others));
  }
}
