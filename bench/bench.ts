/** `npm run bench`: runs the workloads one by one and prints what they cost, Pawl beside the toy journal. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { forkWorkload } from './harness/fork-workload.ts';
import { describeMachine, machineLines } from './harness/machine.ts';
import { type Line, linesOf } from './harness/report.ts';
import { reportTable } from './harness/table.ts';
import { type Server, serverLines, withServer } from './postgres/server.ts';
import { chooseWorkloads, storeKindOf } from './workloads/choose-workloads.ts';

const HELP = `npm run bench -- [options]
  --only W1,W3   these workloads only
  --store NAME   sqlite or postgres: a server of our own, started for it (sqlite)
  --pairs N      measurements a side, floor and Pawl in turn; the median is quoted (3)
  --runs N       finished runs in the database of the "open" workload (10000)
  --wait S       look for calm moments: measure more pairs, up to S seconds a workload, until so many were measured
                 while others used less than a tenth of the machine; the calmest are quoted (0)
  --json FILE    write the figures and the single measurements to a file`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    store: { type: 'string', default: 'sqlite' },
    pairs: { type: 'string', default: '3' },
    runs: { type: 'string', default: '10000' },
    wait: { type: 'string', default: '0' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const SQLITE_DURABILITY = 'durability: WAL, synchronous=FULL on both sides';

function count(name: 'pairs' | 'runs' | 'wait', least: number): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${name} must be a whole number from ${least}`);
  return value;
}

async function main(server?: Server): Promise<void> {
  const workloads = chooseWorkloads(values.only?.split(',') ?? [], storeKindOf(values.store));
  const options = {
    pairs: count('pairs', 1),
    finishedRuns: count('runs', 1),
    waitSeconds: count('wait', 0),
    server,
  };
  const machine = await describeMachine();
  const durability = server === undefined ? [SQLITE_DURABILITY] : await serverLines(server);
  console.log([...machineLines(machine), ...durability].join('\n'));
  const lines: Line[] = [];
  for (const workload of workloads) {
    console.error(`${workload.id} …`);
    lines.push(...linesOf(workload, await forkWorkload(workload.id, options)));
  }
  console.log(`\n${reportTable(lines)}`);
  console.log('\nothers: the share of the machine that other processes used meanwhile, at worst');
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine, options, lines }, null, 2)}\n`);
}

if (values.help) console.log(HELP);
else if (storeKindOf(values.store) === 'postgres') await withServer(main);
else await main();
