/** What the process of a measurement is told, and what it tells. */
import type { Sample } from '../../harness/workload.ts';
import type { Peer, Place, WorkloadId } from '../peer.ts';

export interface Order {
  readonly peer: string;
  readonly workload: WorkloadId;
  readonly place: Place;
  /** How long each part of it is repeated. */
  readonly ms: number;
}

export interface Bench {
  readonly peer: Peer;
  readonly place: Place;
  readonly ms: number;
}

export type Measure = (bench: Bench) => Promise<Sample>;

/** Ids of runs that nobody else has on this machine. */
export function runIds(word: string): () => string {
  let count = 0;
  return () => `${word}-${process.pid}-${count++}`;
}
