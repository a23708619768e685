/** W4: a process is killed in the middle of a run, and a new one takes the run up. Real processes, `kill -9`. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Sample, Workload } from '../harness/workload.ts';
import type { CrashNews, CrashRole } from './crash-process.ts';
import { storeAt } from './pawl-bed.ts';

const program = fileURLToPath(new URL('crash-process.ts', import.meta.url));

/** `env`: what its surroundings have more than ours. */
export function start(store: string, role: CrashRole, env: NodeJS.ProcessEnv = {}): ChildProcess {
  return fork(program, [store, role], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...env },
  });
}

/** @throws when the process ends without having told its news */
export async function newsOf(child: ChildProcess): Promise<CrashNews> {
  const told = once(child, 'message');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process of the run ended with code ${String(code)} before its step`);
  });
  const [news] = await Promise.race([told, ended]);
  ended.catch(() => undefined);
  return news as CrashNews;
}

/** Kills a process in the middle of a run, and times the one that takes the run up. */
export async function measureCrash(store: string): Promise<Sample> {
  const first = start(store, 'first');
  await newsOf(first);
  const gone = once(first, 'exit');
  first.kill('SIGKILL');
  await gone;
  const startedAt = performance.timeOrigin + performance.now();
  const second = start(store, 'second');
  const finished = once(second, 'exit');
  const { readyAt, stepAt } = await newsOf(second);
  const [code] = await finished;
  if (code !== 0) throw new Error(`the run was taken up, and its process ended with code ${String(code)}`);
  return { step: stepAt - readyAt, ready: readyAt - startedAt };
}

export const crash: Workload = {
  id: 'W4',
  isCold: true,
  pairs: 5,
  metrics: [
    { key: 'step', title: 'kill -9: engine ready to next step', unit: 'ms', target: { atMost: 150 } },
    { key: 'ready', title: 'kill -9: new process to engine ready', unit: 'ms' },
  ],
  pawl: ({ folder }) =>
    Promise.resolve({
      measure: () => measureCrash(storeAt(folder)),
      close: () => Promise.resolve(),
    }),
};
