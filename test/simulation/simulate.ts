/** The command: `npm run simulate -- [--store postgres] [--graphs | --tasks] --seeds 10000 [--from N] | --seed N | --plan FILE | --mutations [--only WORD]`. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printMutations } from './mutations/table.ts';
import type { Plan } from './plan/plan.ts';
import { shrink } from './plan/shrink.ts';
import { type Family, planOf, runPlan } from './run-seed.ts';
import { runSeeds } from './run-seeds.ts';
import { openPostgresGrounds } from './world/postgres-ground.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    plan: { type: 'string' },
    mutations: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    graphs: { type: 'boolean', default: false },
    tasks: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    store: { type: 'string', default: 'sqlite' },
  },
});

const family: Family = values.graphs ? 'graphs' : values.tasks ? 'tasks' : 'functions';
const flags = [
  ...(values.store === 'sqlite' ? [] : [` --store ${values.store}`]),
  ...(family === 'functions' ? [] : [` --${family}`]),
].join('');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Failing seeds that are made smaller at once; the others can be replayed. */
const MAX_SHRUNK = 3;

if (values.store !== 'sqlite' && values.store !== 'postgres')
  throw new Error(`there is no store ${values.store}`);
const grounds = values.store === 'postgres' ? await openPostgresGrounds() : undefined;
const newGround = grounds && { newGround: grounds.newGround };

if (values.mutations) await printMutations({ seeds: Number(values.seeds), only: values.only, say });
else if (values.seed !== undefined) await replay(planOf(Number(values.seed), family));
else if (values.plan !== undefined) await replay(JSON.parse(readFileSync(values.plan, 'utf8')) as Plan);
else await many();
await grounds?.close();

async function many(): Promise<void> {
  let shrunk = 0;
  const from = Number(values.from);
  const sum = await runSeeds({
    from,
    seeds: Number(values.seeds),
    family,
    ...newGround,
    isFirstEnough: values.first,
    onFailure: async (seed, { rule, detail }) => {
      say(`seed ${seed} breaks "${rule}": ${detail}`);
      say(`  again: npm run simulate --${flags} --seed ${seed}`);
      if (!values.first && shrunk++ < MAX_SHRUNK) await showSmaller(planOf(seed, family), rule);
    },
  });
  const { seeds, steps, crashes, failures } = sum;
  say(`${seeds} seeds, ${steps} steps, ${crashes} crashes, ${failures} failures`);
  if (failures > 0) process.exitCode = 1;
}

async function replay(plan: Plan): Promise<void> {
  const { violation, lines, hash, results } = await runPlan(plan, { keepsLines: true, ...newGround });
  if (values.trace) for (const line of lines) say(line);
  for (const result of results) say(result);
  say(`trace ${hash}`);
  if (!violation) return say('no rule is broken');
  say(`breaks "${violation.rule}": ${violation.detail}`);
  process.exitCode = 1;
  await showSmaller(plan, violation.rule);
}

async function showSmaller(plan: Plan, rule: string): Promise<void> {
  const smaller = await shrink(plan, async (one) => (await runPlan(one, newGround)).violation?.rule === rule);
  const file = join(mkdtempSync(join(tmpdir(), 'simulation-')), `seed-${plan.seed}.json`);
  writeFileSync(file, JSON.stringify(smaller, undefined, 1));
  say(`  smaller: npm run simulate --${flags} --trace --plan ${file}`);
  say(`  ${JSON.stringify({ programs: smaller.programs, faults: smaller.faults, acts: smaller.acts })}`);
}
