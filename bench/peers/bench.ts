/** `npm run bench`: runs the workloads on Pawl and on its peers, and prints them side by side with what they promise. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inFreshFolder } from '../harness/data-folder.ts';
import { describeMachine, type Machine, machineLines } from '../harness/machine.ts';
import { LIMIT_MS, takeCells } from './harness/take-cells.ts';
import { choosePeers } from './peers/list.ts';
import { factsOf, type PeerFacts } from './report/peer-facts.ts';
import { reportMarkdown, type Report, reportText } from './report/tables.ts';
import { Places } from './servers/open-place.ts';
import { POSTGRES_SETTING } from './servers/postgres.ts';
import { REDIS_SETTING } from './servers/redis.ts';
import { chooseWorkloads } from './workloads/list.ts';

const HELP = `npm run bench -- [options]
  --only PEERS      these peers only: pawl,dbos,openworkflow,restate,langgraph,bullmq,graphile-worker, or one with its store
  --workloads W1,W3 these workloads only; W5 is measured with W2
  --pairs N         measurements of each peer, one of each in turn; the median is quoted (3)
  --seconds S       how long the parts of a measurement are repeated (1.5)
  --json FILE       write the figures and the single measurements to a file
  --markdown FILE   write the tables to a file`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    workloads: { type: 'string' },
    pairs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1.5' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function positive(name: 'pairs' | 'seconds'): number {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
  return value;
}

function aboutLines(machine: Machine, minutes: number): readonly string[] {
  const [processor = '', disk = ''] = machineLines(machine);
  return [
    `${new Date().toISOString().slice(0, 10)}; ${processor}.`,
    `${disk}.`,
    `PostgreSQL: ${POSTGRES_SETTING}. Redis: ${REDIS_SETTING}.`,
    `Medians of ${values.pairs} measurements, each in a process of its own on a store of its own, one of each peer in turn; ${minutes.toFixed(0)} minutes in all. A measurement without an end is cut after ${LIMIT_MS / 1_000} s. \`others\`: the share of the machine that processes other than the peer and its server used meanwhile, at worst.`,
  ];
}

async function take(places: Places): Promise<Report> {
  const peers = choosePeers(values.only?.split(',') ?? []);
  const workloads = chooseWorkloads(values.workloads?.split(',') ?? []);
  const say = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
  const cells = await takeCells({
    peers,
    workloads,
    pairs: Math.ceil(positive('pairs')),
    ms: positive('seconds') * 1_000,
    places,
    say,
  });
  const facts: PeerFacts[] = [];
  for (const peer of peers) facts.push(factsOf(peer, await places.serverOf(peer.server)));
  return { facts, workloads, cells };
}

function write(report: Report, machine: Machine, about: readonly string[]): void {
  if (values.markdown !== undefined) writeFileSync(values.markdown, reportMarkdown(report, about));
  if (values.json === undefined) return;
  const { facts, cells } = report;
  const options = { pairs: values.pairs, seconds: values.seconds };
  const at = new Date().toISOString();
  writeFileSync(
    values.json,
    `${JSON.stringify({ at, machine, options, facts, cells: cells.all() }, null, 2)}\n`,
  );
}

async function main(): Promise<void> {
  const start = performance.now();
  const machine = await describeMachine();
  await inFreshFolder('peers', async (folder) => {
    const places = new Places(folder);
    const end = (): void => void places.close().finally(() => process.exit(1));
    process.once('SIGINT', end).once('SIGTERM', end);
    try {
      const report = await take(places);
      const about = aboutLines(machine, (performance.now() - start) / 60_000);
      console.log(`${about.join('\n')}\n\n${reportText(report)}`);
      write(report, machine, about);
    } finally {
      await places.close();
    }
  });
}

if (values.help) console.log(HELP);
else await main();
