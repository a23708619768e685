/** The process of one measurement: does one workload on one peer and sends the figures to its parent. */
import type { Order } from './harness/measurement.ts';
import { choosePeers } from './peers/list.ts';
import { measures } from './workloads/list.ts';

const { peer: id, workload, place, ms } = JSON.parse(process.argv[2] ?? '{}') as Order;
const [peer] = choosePeers([id]);
if (peer === undefined) throw new Error(`no peer ${id}`);
process.on('disconnect', () => process.exit());
const sample = await measures[workload]({ peer, place, ms });
process.send?.(sample, () => process.exit());
