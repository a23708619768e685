/** A worker is killed, and one that cannot see its locks, as if it were on another machine, takes its run over. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample, Workload } from '../harness/workload.ts';
import { newsOf, start } from '../workloads/crash.ts';
import { newPawlDatabase } from './database.ts';
import { onServer } from './server.ts';

/** Right behind the start of a server a missing lock proves nothing. */
const SETTLED = `select now() - pg_postmaster_start_time() > interval '6 s' as is_old`;
const LOOK_MS = 200;

async function untilSettled(url: string): Promise<void> {
  await onServer(url, async (client) => {
    while ((await client.query<{ is_old: boolean }>(SETTLED)).rows[0]?.is_old !== true)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  });
}

/** `elsewhere`: where the heir keeps its lock files, and looks for those of others. */
async function measureTakeOver(store: string, elsewhere: string): Promise<Sample> {
  await untilSettled(store);
  const first = start(store, 'first');
  await newsOf(first);
  const heir = start(store, 'heir', { TMPDIR: elsewhere });
  await newsOf(heir);
  const killedAt = performance.timeOrigin + performance.now();
  first.kill('SIGKILL');
  const finished = once(heir, 'exit');
  const { stepAt } = await newsOf(heir);
  const [code] = await finished;
  if (code !== 0) throw new Error(`the run was taken over, and its process ended with code ${String(code)}`);
  return { step: stepAt - killedAt };
}

export const takeOver: Workload = {
  id: 'P4',
  isCold: true,
  pairs: 5,
  metrics: [
    {
      key: 'step',
      title: 'kill -9: next step by a worker elsewhere',
      unit: 'ms',
      target: { atMost: 1_800 },
    },
  ],
  pawl: async (place) => {
    const { url, drop } = await newPawlDatabase(place);
    const elsewhere = join(place.folder, 'elsewhere');
    mkdirSync(elsewhere, { recursive: true });
    return { measure: () => measureTakeOver(url, elsewhere), close: drop };
  },
};
