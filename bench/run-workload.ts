/** The process of one workload: takes its samples and sends them to the parent. */
import { type SampleOptions, takeSamples } from './harness/take-samples.ts';
import { chooseWorkloads } from './workloads/choose-workloads.ts';

const [id = '', options = '{}'] = process.argv.slice(2);
const [workload] = chooseWorkloads([id]);
if (workload === undefined) throw new Error(`no workload ${id}`);
const pairs = await takeSamples(workload, JSON.parse(options) as SampleOptions);
process.send?.(pairs);
process.disconnect?.();
