/** The workloads of the PostgreSQL store: the same work as on SQLite, with a floor and targets of their own. */
import { pawl } from '../../packages/pawl/src/index.ts';
import { parallelRun } from '../floor/runs.ts';
import type { Metric, Sample, Side, Workload } from '../harness/workload.ts';
import { serverCpuMs } from '../harness/load.ts';
import { newDatabase, newPawlDatabase, schemaBytes } from '../postgres/database.ts';
import { sequentialRun, singleStepRun } from '../postgres/floor-runs.ts';
import { ServerJournal } from '../postgres/journal.ts';
import { floorSide, pawlSide } from '../postgres/sides.ts';
import { takeOver } from '../postgres/take-over.ts';
import { twoProcesses } from '../postgres/two-processes.ts';
import { crash, measureCrash } from './crash.ts';
import { LONG_STEPS, long } from './disk.ts';
import {
  all,
  map,
  measureFanOut,
  SEASONING as FAN_OUT_SEASONING,
  STEPS as FAN_OUT,
  timeRuns,
} from './fan-out.ts';
import { gap, measureGaps, sampleOf, STEPS as GAPS, workflow as gapWorkflow } from './gap.ts';
import { idle, idleBed } from './idle.ts';
import { manyFloorRuns, manyPawlRuns, manyRuns, MANY_STEPS, short } from './many-runs.ts';
import { measureSingleSteps, one, singleStep, timeRuns as timeSingleSteps } from './single-step.ts';

type Target = NonNullable<Metric['target']>;

/** The same figures, with the targets of this store for some of them; the others only inform. */
function aimed({ metrics }: Workload, targets: Readonly<Record<string, Target>>): readonly Metric[] {
  return metrics.map(({ key, title, unit }) => {
    const target = targets[key];
    return { key, title: title.replace('SQLite', 'PostgreSQL'), unit, ...(target && { target }) };
  });
}

const gaps: Workload = {
  ...gap,
  metrics: aimed(gap, { p50: { atMost: 0.3 } }),
  floor: floorSide(async (journal, newRun) => sampleOf(await sequentialRun(journal, newRun(), GAPS))),
  pawl: pawlSide(gapWorkflow, measureGaps),
};

const single: Workload = {
  ...singleStep,
  metrics: aimed(singleStep, { p50: { atMost: 1 } }),
  floor: floorSide((journal, newRun) => timeSingleSteps(() => singleStepRun(journal, newRun()))),
  pawl: pawlSide(one, measureSingleSteps),
};

/** What a step costs in processor time, which says more than its rate where others use the machine too. */
function metered(side: Side): Side {
  return async (place) => {
    const bed = await side(place);
    const measure = async (): Promise<Sample> => {
      const before = serverCpuMs(place.server?.pid ?? 0);
      const cpu = process.cpuUsage();
      const sample = await bed.measure();
      const { user, system } = process.cpuUsage(cpu);
      const server = serverCpuMs(place.server?.pid ?? 0) - before;
      return { ...sample, own: (user + system) / MANY_STEPS, server: (server * 1_000) / MANY_STEPS };
    };
    return { measure, close: () => bed.close() };
  };
}

const many: Workload = {
  ...manyRuns,
  metrics: [
    ...aimed(manyRuns, { rate: { atLeast: 25_000 } }),
    { key: 'own', title: 'the same, processor time of a step here', unit: 'µs' },
    { key: 'server', title: 'the same, processor time of a step at the server', unit: 'µs' },
  ],
  floor: metered(floorSide(manyFloorRuns)),
  pawl: metered(pawlSide(short, manyPawlRuns)),
};

function fanOut(id: string, title: string, target: typeof all): Workload {
  return {
    id,
    seasoning: FAN_OUT_SEASONING,
    rounds: 3,
    metrics: [{ key: 'ms', title, unit: 'ms', target: { atMost: 40 } }],
    floor: floorSide((journal, newRun) => timeRuns(() => parallelRun(journal, newRun(), FAN_OUT))),
    pawl: pawlSide(target, (engine) => measureFanOut(engine, target)),
  };
}

const killed: Workload = {
  ...crash,
  metrics: aimed(crash, { step: { atMost: 300 } }),
  pawl: async (place) => {
    const { url, drop } = await newPawlDatabase(place);
    return { measure: () => measureCrash(url), close: drop };
  },
};

/** Works once, and looks at the tables and indexes beside what they take when they are empty. */
function diskSide(work: (url: string) => Promise<void>, steps: number): Side {
  return async (place) => {
    const { url, drop } = await newPawlDatabase(place);
    const before = await schemaBytes(url, 'pawl');
    const measure = async (): Promise<Sample> => {
      await work(url);
      return { bytes: ((await schemaBytes(url, 'pawl')) - before) / steps };
    };
    return { measure, close: drop };
  };
}

function floorDisk(
  work: (journal: ServerJournal, newRun: () => number) => Promise<unknown>,
  steps: number,
): Side {
  return async (place) => {
    const { url, drop } = await newDatabase(place);
    const measure = async (): Promise<Sample> => {
      const journal = await ServerJournal.open(url);
      let run = 0;
      await work(journal, () => ++run);
      await journal.close();
      return { bytes: (await schemaBytes(url, 'public')) / steps };
    };
    return { measure, close: drop };
  };
}

const diskOfMany: Workload = {
  id: 'W5-many',
  isCold: true,
  pairs: 1,
  metrics: [
    { key: 'bytes', title: 'disk a step, 5,000 runs × 3 steps', unit: 'bytes', target: { atMost: 450 } },
  ],
  floor: floorDisk(manyFloorRuns, MANY_STEPS),
  pawl: diskSide(async (store) => {
    const engine = await pawl.open({ store, workflows: [short] });
    await manyPawlRuns(engine);
    await engine.close();
  }, MANY_STEPS),
};

const diskOfLong: Workload = {
  id: 'W5-long',
  isCold: true,
  pairs: 1,
  metrics: [
    { key: 'bytes', title: 'disk a step, one run of 5,000 steps', unit: 'bytes', target: { atMost: 450 } },
  ],
  floor: floorDisk((journal, newRun) => sequentialRun(journal, newRun(), LONG_STEPS), LONG_STEPS),
  pawl: diskSide(async (store) => {
    const engine = await pawl.open({ store, workflows: [long] });
    const run = await engine.start(long, { steps: LONG_STEPS });
    await run.result();
    await engine.close();
  }, LONG_STEPS),
};

const quiet: Workload = {
  ...idle,
  metrics: aimed(idle, { queries: { atMost: 1 } }),
  pawl: async (place) => {
    const { url, drop } = await newPawlDatabase(place);
    const bed = await idleBed(url);
    const close = async (): Promise<void> => {
      await bed.close();
      await drop();
    };
    return { measure: () => bed.measure(), close };
  },
};

export const postgresWorkloads: readonly Workload[] = [
  gaps,
  single,
  many,
  fanOut('W3-all', '1,000 steps by Promise.all', all),
  fanOut('W3-map', '1,000 steps by ctx.map', map),
  killed,
  takeOver,
  diskOfMany,
  diskOfLong,
  quiet,
  twoProcesses,
];
