/** Runs the simulation against each mutation, each in a process of its own, and tells at which seed it was found. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mutations, omissions } from './all.ts';
import type { Mutation } from './mutation.ts';

export interface TableRequest {
  /** Seeds that a mutation has to be found within. */
  readonly seeds: number;
  /** Only mutations whose id holds this word. */
  readonly only: string;
  readonly say: (line: string) => void;
}

export async function printMutations({ seeds, only, say }: TableRequest): Promise<void> {
  say('| rule | taken out | found at seed | as |');
  say('|---|---|---|---|');
  let unseen = 0;
  for (const mutation of mutations.filter((one) => one.id.includes(only))) {
    const found = await search(mutation, seeds);
    if (!found) unseen++;
    say(`| ${mutation.id} | ${mutation.without} | ${found?.seed ?? 'not found'} | ${found?.rule ?? ''} |`);
  }
  if (only === '') for (const { rule, why } of omissions) say(`| ${rule} | – | not simulated | ${why} |`);
  say(`${unseen} not found within ${seeds} seeds`);
  if (unseen > 0) process.exitCode = 1;
}

interface Found {
  readonly seed: number;
  readonly rule: string;
}

const simulate = fileURLToPath(new URL('../simulate.ts', import.meta.url));
const register = new URL('register.ts', import.meta.url).href;

async function search(mutation: Mutation, seeds: number): Promise<Found | undefined> {
  const flags = ['--disable-warning=ExperimentalWarning', '--import', register];
  const worlds = mutation.family ? [`--${mutation.family}`] : [];
  const child = spawn(
    process.execPath,
    [...flags, simulate, ...worlds, '--first', '--seeds', String(seeds)],
    {
      env: { ...process.env, SIMULATION_MUTATION: mutation.id },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  await new Promise((resolve) => child.once('close', resolve));
  const match = /^seed (\d+) breaks "([^"]+)"/m.exec(output);
  if (match) return { seed: Number(match[1]), rule: String(match[2]) };
  if (!/^\d+ seeds/m.test(output)) throw new Error(`${mutation.id}: ${errors || output}`);
  return undefined;
}
