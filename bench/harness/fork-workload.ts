/** Runs one workload in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Pair, SampleOptions } from './take-samples.ts';

const program = fileURLToPath(new URL('../run-workload.ts', import.meta.url));

/** @throws when the process fails; what it said is on stderr */
export async function forkWorkload(id: string, options: SampleOptions): Promise<readonly Pair[]> {
  const child = fork(program, [id, JSON.stringify(options)], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
  });
  let pairs: readonly Pair[] | undefined;
  child.on('message', (message) => {
    pairs = message as readonly Pair[];
  });
  const [code] = await once(child, 'exit');
  if (pairs === undefined || code !== 0) throw new Error(`${id} failed with code ${String(code)}`);
  return pairs;
}
