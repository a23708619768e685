/** Runs one child process to its end: output capped while it runs, and its whole process group ended when it must go. */
import { type ChildProcess, spawn } from 'node:child_process';
import { deferred } from '../../std/index.ts';
import { abortError, onAbort } from '../abort.ts';
import { startTimer } from '../clock.ts';
import { CappedOutput } from './capped-output.ts';
import { forgetGroup, killGroup, terminateGroup, watchGroup } from './process-group.ts';
import { type NotStarted, notStartedBy } from './start-problem.ts';

export interface ProcessRequest {
  /** A path, or a name that is looked for in the PATH of `env`. */
  readonly file: string;
  readonly args: readonly string[];
  /** Working folder; that of this process when left out. */
  readonly cwd?: string | undefined;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to standard input, which is empty when left out. */
  readonly stdin?: string | undefined;
  /** Called whenever it writes something. */
  readonly onOutput?: (() => void) | undefined;
}

export interface ProcessLimits {
  /** Bytes kept of each output stream. */
  readonly streamBytes: number;
  /** Time from SIGTERM to SIGKILL. */
  readonly killDelayMs: number;
  /** Time that the pipes may stay open when the process itself has ended. */
  readonly pipeGraceMs: number;
}

/** The process ran and has gone: `exitCode` and `signal` as waitpid gives them, one of the two null. */
export interface ProcessEnded {
  readonly kind: 'ended';
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: CappedOutput;
  readonly stderr: CappedOutput;
}

/**
 * Runs a process in a process group of its own and answers when it has gone.
 * When the signal aborts, the group gets SIGTERM and later SIGKILL, and the promise rejects with the signal's reason once
 * the process has gone. A process left behind that keeps the pipes open does not hold up the answer: its group is killed.
 */
export async function runProcess(
  request: ProcessRequest,
  limits: ProcessLimits,
  signal: AbortSignal,
): Promise<ProcessEnded | NotStarted> {
  if (signal.aborted) throw abortError(signal);
  const started = start(request, limits);
  if ('problem' in started) return started;
  const { child, exited } = started;
  if (child.pid === undefined) return notStartedBy(await started.failed, request);
  const abort = deferred<void>();
  const stopListening = onAbort(signal, () => abort.resolve());
  watchGroup(child.pid);
  try {
    await Promise.race([exited, abort.promise]);
    if (!signal.aborted) await endPipes(started, abort.promise, limits.pipeGraceMs);
    if (signal.aborted) await endGroup(started, child.pid, limits.killDelayMs);
    const { exitCode, signal: endedBy } = await exited;
    if (signal.aborted) throw abortError(signal);
    return { kind: 'ended', exitCode, signal: endedBy, stdout: started.stdout, stderr: started.stderr };
  } finally {
    forgetGroup(child.pid);
    stopListening();
    closePipes(child); // who left the group (setsid) may hold the other ends for ever
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly stdout: CappedOutput;
  readonly stderr: CappedOutput;
  /** The process has ended. */
  readonly exited: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
  /** The process has ended and its pipes are read to their ends. */
  readonly closed: Promise<void>;
  /** The process could not be started. */
  readonly failed: Promise<Error>;
}

function start(request: ProcessRequest, limits: ProcessLimits): Started | NotStarted {
  let child: ChildProcess;
  try {
    child = spawn(request.file, [...request.args], {
      cwd: request.cwd,
      env: request.env,
      detached: true, // a session and a process group of its own: what it starts can be ended with it
      stdio: [request.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    return notStartedBy(error, request);
  }
  const exited = deferred<{ exitCode: number | null; signal: string | null }>();
  const closed = deferred<void>();
  const failed = deferred<Error>();
  child.once('exit', (exitCode, signal) => exited.resolve({ exitCode, signal }));
  child.once('close', () => closed.resolve());
  child.on('error', failed.resolve);
  const stdout = new CappedOutput(limits.streamBytes);
  const stderr = new CappedOutput(limits.streamBytes);
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  if (request.onOutput) for (const pipe of [child.stdout, child.stderr]) pipe?.on('data', request.onOutput);
  child.stdin?.on('error', () => {}); // EPIPE: a process may end, or close its input, without having read it
  child.stdin?.end(request.stdin);
  return { child, stdout, stderr, exited: exited.promise, closed: closed.promise, failed: failed.promise };
}

/**
 * Asks the group to end and kills what is left of it: after the delay, or once nobody holds the pipes any more. Closed pipes
 * are the sign that all have gone: the number of a group stays taken by dead processes until somebody reaps them.
 */
async function endGroup(started: Started, group: number, killDelayMs: number): Promise<void> {
  terminateGroup(group);
  await settlesWithin([started.closed], killDelayMs);
  killGroup(group);
}

/** Waits for the pipes; what keeps them open longer than the grace is killed, and what it wrote until then is read. */
async function endPipes(started: Started, aborted: Promise<void>, graceMs: number): Promise<void> {
  const isClosed = await settlesWithin([started.closed, aborted], graceMs);
  if (isClosed || started.child.pid === undefined) return;
  killGroup(started.child.pid);
  await settlesWithin([started.closed, aborted], graceMs);
}

async function settlesWithin(promises: readonly Promise<void>[], limitMs: number): Promise<boolean> {
  const late = deferred<boolean>();
  const stopTimer = startTimer(limitMs, () => late.resolve(false));
  const settled = Promise.race(promises).then(() => true);
  try {
    return await Promise.race([settled, late.promise]);
  } finally {
    stopTimer();
  }
}

function closePipes(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
}
