/** Runs one workload in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Pair, SampleOptions } from './take-samples.ts';

/** Beside the time that is spent looking for calm. */
const LIMIT_MS = 300_000;

const program = fileURLToPath(new URL('../run-workload.ts', import.meta.url));

/** @throws when the process fails (what it said is on stderr) or does not come to an end */
export async function forkWorkload(id: string, options: SampleOptions): Promise<readonly Pair[]> {
  const child = fork(program, [id, JSON.stringify(options)], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
    timeout: LIMIT_MS + options.waitSeconds * 1_000,
    killSignal: 'SIGKILL',
  });
  let pairs: readonly Pair[] | undefined;
  child.on('message', (message) => {
    pairs = message as readonly Pair[];
  });
  const [code, signal] = await once(child, 'exit');
  if (pairs === undefined || code !== 0)
    throw new Error(`${id} failed: code ${String(code)}, signal ${String(signal)}`);
  return pairs;
}
