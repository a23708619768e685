/** W4: a process is killed in the middle of a run, and a new one takes the run up. Real processes, `kill -9`. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CrashNews, CrashOrder } from '../crash-process.ts';
import type { Measure } from '../harness/measurement.ts';

const program = fileURLToPath(new URL('../crash-process.ts', import.meta.url));

function start(order: CrashOrder): ChildProcess {
  return fork(program, [JSON.stringify(order)], { execArgv: ['--disable-warning=ExperimentalWarning'] });
}

/** @throws when the process ends without having told its news */
async function newsOf(child: ChildProcess): Promise<CrashNews> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process of the run ended with code ${String(code)} before its step`);
  });
  ended.catch(() => undefined);
  const [news] = await Promise.race([once(child, 'message'), ended]);
  return news as CrashNews;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

export const crash: Measure = async ({ peer, place }) => {
  const first = start({ peer: peer.id, place, role: 'first' });
  const { step: diedIn } = await newsOf(first);
  await kill(first);
  const startedAt = performance.timeOrigin + performance.now();
  const second = start({ peer: peer.id, place, role: 'second' });
  const { readyAt, stepAt, step } = await newsOf(second);
  await kill(second);
  if (step !== diedIn)
    throw new Error(`the process died in step ${diedIn}, and the next one began with ${step}`);
  return { takeOver: Math.max(0, stepAt - readyAt), restart: stepAt - startedAt };
};
