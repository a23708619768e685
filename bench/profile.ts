/** `npm run profile -- W2`: where the time of a workload goes, by function, by file and by statement of the store. */
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { untilCalm } from './harness/load.ts';
import { numberText } from './harness/report.ts';
import type { StatementCount } from './harness/statement-meter.ts';
import { median } from './harness/statistics.ts';
import { tableText } from './harness/table.ts';
import type { Workload } from './harness/workload.ts';
import { type SelfTime, type Summary, summarize } from './profile/summary.ts';
import { takeProfile } from './profile/take-profile.ts';
import { type Server, withServer } from './postgres/server.ts';
import { chooseWorkloads, storeKindOf } from './workloads/choose-workloads.ts';

const HELP = `npm run profile -- WORKLOAD [options]
  --store NAME  sqlite or postgres (sqlite)
  --top N       lines a table (30)
  --seconds S   for how long the workload is repeated under the profiler (3)
  --wait S      wait up to S seconds until others use less than a tenth of the machine (0)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    store: { type: 'string', default: 'sqlite' },
    top: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '3' },
    wait: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});

const top = Number(values.top);

function timesTable(title: string, times: readonly SelfTime[], { busyMs }: Summary): string {
  const rows = times
    .slice(0, top)
    .map(({ name, ms }) => [`${((100 * ms) / busyMs).toFixed(1)} %`, ms.toFixed(0), name]);
  return tableText([['self', 'ms', title], ...rows], [2]);
}

function statementsTable(statements: readonly StatementCount[]): string {
  const rows = statements.slice(0, top).map(({ sql, count, ms }) => {
    const text = sql.replaceAll(/\s+/g, ' ').trim();
    return [
      numberText(count),
      ms.toFixed(1),
      ((1_000 * ms) / count).toFixed(1),
      text.length > 110 ? `${text.slice(0, 109)}…` : text,
    ];
  });
  return tableText([['calls', 'ms', 'µs each', 'statement'], ...rows], [3]);
}

async function show(workload: Workload, server?: Server): Promise<void> {
  await untilCalm(performance.now() + Number(values.wait) * 1_000);
  const { file, profile, samples, statements, meteredMs } = await takeProfile(workload, {
    seconds: Number(values.seconds),
    server,
  });
  const summary = summarize(profile);
  const figures = workload.metrics.map(
    ({ key, title, unit }) =>
      `${title}: ${numberText(median(samples.map((sample) => sample[key] ?? Number.NaN)))} ${unit}`,
  );
  console.log(`${workload.id}, measured ${samples.length} times under the profiler\n${figures.join('\n')}`);
  console.log(`busy ${summary.busyMs.toFixed(0)} ms, idle ${summary.idleMs.toFixed(0)} ms\n`);
  console.log(`${timesTable('function', summary.functions, summary)}\n`);
  console.log(`${timesTable('file', summary.files, summary)}\n`);
  const inStore = statements.reduce((sum, { ms }) => sum + ms, 0);
  console.log(
    `the store, one more measurement of ${meteredMs.toFixed(0)} ms: ${inStore.toFixed(0)} ms in statements`,
  );
  console.log(`${statementsTable(statements)}\n`);
  console.log(`whole profile: ${relative(process.cwd(), file)}`);
}

async function showAll(): Promise<void> {
  const store = storeKindOf(values.store);
  const workloads = chooseWorkloads(positionals, store);
  if (store === 'sqlite') for (const workload of workloads) await show(workload);
  else
    await withServer(async (server) => {
      for (const workload of workloads) await show(workload, server);
    });
}

if (values.help || positionals.length === 0) console.log(HELP);
else await showAll();
