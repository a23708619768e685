/** Matches a text by a regular expression within a time: one that would hang is stopped, and holds up nobody meanwhile. */
import { Worker } from 'node:worker_threads';
import { deferred } from '../../std/index.ts';
import { abortError, onAbort } from '../abort.ts';
import { startTimer, type StopRealTimer } from '../clock.ts';

export interface MatchRequest {
  /** Of JavaScript, and right: one that cannot be compiled rejects. */
  readonly pattern: string;
  readonly flags: string;
  readonly text: string;
}

/** Runs in a thread of its own: only a thread can be stopped in the middle of a match. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const { pattern, flags, text } = workerData;
parentPort.postMessage(new RegExp(pattern, flags).test(text));
`;

/** Whether the text matches; undefined where that is not known within the limit, which counts from the start of the thread. */
export async function matchText(
  request: MatchRequest,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  if (signal.aborted) throw abortError(signal);
  const answer = deferred<boolean | undefined>();
  const thread = new Worker(PROGRAM, { eval: true, env: {}, execArgv: [], workerData: request });
  let stopTimer: StopRealTimer | undefined;
  thread.once('online', () => {
    stopTimer = startTimer(limitMs, () => answer.resolve(undefined));
  });
  thread.once('message', (isMatch: boolean) => answer.resolve(isMatch));
  thread.once('error', (error) => answer.reject(error));
  const stopListening = onAbort(signal, () => answer.reject(abortError(signal)));
  try {
    return await answer.promise;
  } finally {
    stopTimer?.();
    stopListening();
    await thread.terminate();
  }
}
