/** The process of one workload: takes its samples and sends them to the parent. */
import { type SampleOptions, takeSamples } from './harness/take-samples.ts';
import { chooseWorkloads } from './workloads/choose-workloads.ts';

const [id = '', given = '{}'] = process.argv.slice(2);
const options = JSON.parse(given) as SampleOptions;
const [workload] = chooseWorkloads([id], options.server === undefined ? 'sqlite' : 'postgres');
if (workload === undefined) throw new Error(`no workload ${id}`);
const pairs = await takeSamples(workload, options);
process.send?.(pairs);
process.disconnect?.();
