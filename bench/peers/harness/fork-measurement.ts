/** Takes one measurement in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Sample } from '../../harness/workload.ts';
import type { Order } from './measurement.ts';

const program = fileURLToPath(new URL('../run-measurement.ts', import.meta.url));
/** Of what a process said at its end, when it failed. */
const SAID_LENGTH = 300;

/** @throws when the process fails, or has not ended when its time is over */
export async function forkMeasurement(order: Order, limitMs: number): Promise<Sample> {
  const child = fork(program, [JSON.stringify(order)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr?.on('data', (data) => {
    said = `${said}${String(data)}`.slice(-SAID_LENGTH * 10);
  });
  let sample: Sample | undefined;
  child.on('message', (message) => {
    sample = message as Sample;
  });
  const [code, signal] = await once(child, 'exit');
  if (sample !== undefined) return sample;
  if (signal === 'SIGKILL') throw new Error(`no end within ${limitMs / 1_000} s`);
  throw new Error(`ended with ${String(code ?? signal)}: ${reasonIn(said)}`);
}

function reasonIn(said: string): string {
  const lines = said.trim().split('\n');
  const reason = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? '';
  return reason.trim().slice(0, SAID_LENGTH);
}
