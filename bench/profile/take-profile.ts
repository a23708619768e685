/** Takes the CPU profile of a workload on Pawl's side: opened and warmed up first, then measured again and again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session, type Profiler } from 'node:inspector';
import { join } from 'node:path';
import { dataFolder, inFreshFolder } from '../harness/data-folder.ts';
import { type StatementCount, StatementMeter } from '../harness/statement-meter.ts';
import type { Server } from '../postgres/server.ts';
import type { Bed, Sample, Workload } from '../harness/workload.ts';

const INTERVAL_MICROSECONDS = 200;
const FINISHED_RUNS = 1_000;

export interface ProfileOptions {
  /** For how long the workload is repeated under the profiler. */
  readonly seconds: number;
  /** Where the workload is one of the PostgreSQL store. */
  readonly server: Server | undefined;
}

export interface Taken {
  readonly file: string;
  readonly profile: Profiler.Profile;
  readonly samples: readonly Sample[];
  /** Of one more measurement, which the profile does not hold: counting costs time. */
  readonly statements: readonly StatementCount[];
  readonly meteredMs: number;
}

export function takeProfile(workload: Workload, { seconds, server }: ProfileOptions): Promise<Taken> {
  return inFreshFolder(workload.id, async (folder) => {
    const bed = await workload.pawl({ folder, finishedRuns: FINISHED_RUNS, server });
    await repeat(bed, Math.min(2, seconds));
    const session = new Session();
    session.connect();
    await call(session, 'Profiler.enable');
    await call(session, 'Profiler.setSamplingInterval', { interval: INTERVAL_MICROSECONDS });
    await call(session, 'Profiler.start');
    const samples = await repeat(bed, seconds);
    const { profile } = (await call(session, 'Profiler.stop')) as Profiler.StopReturnType;
    session.disconnect();
    const metered = await meter(bed);
    await bed.close();
    return { file: save(workload.id, profile), profile, samples, ...metered };
  });
}

async function repeat(bed: Bed, seconds: number): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const end = performance.now() + seconds * 1_000;
  do samples.push(await bed.measure());
  while (performance.now() < end);
  return samples;
}

async function meter(bed: Bed): Promise<Pick<Taken, 'statements' | 'meteredMs'>> {
  const statements = new StatementMeter();
  const start = performance.now();
  statements.start();
  await bed.measure();
  return { statements: statements.stop(), meteredMs: performance.now() - start };
}

function call(session: Session, method: string, parameters: object = {}): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    session.post(method, parameters, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

function save(id: string, profile: Profiler.Profile): string {
  const folder = join(dataFolder, 'profiles');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${id}.cpuprofile`);
  writeFileSync(file, JSON.stringify(profile));
  return file;
}
