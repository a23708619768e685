/** What the exit code of a command tells a script. */
import { isPawlError } from '../errors/index.ts';
import type { RunStatus } from '../run/index.ts';
import { unreachable } from '../std/index.ts';

export const EXIT = {
  ok: 0,
  /** The run failed or was cancelled. */
  failed: 1,
  /** Two runs that were compared differ. */
  different: 1,
  usage: 2,
  /** The surroundings: database, file system, Node, or a defect of Pawl. */
  environment: 3,
  /** The run waits or is parked, and nobody here can answer. */
  waiting: 4,
  /** Ended by SIGINT or SIGTERM, as shells count it. */
  interrupted: 130,
  terminated: 143,
  /** Nobody reads the output any more, as shells count SIGPIPE. */
  readerGone: 141,
} as const;

/** The code of a command that threw. */
export function exitCodeOfError(error: unknown): number {
  if (!isPawlError(error)) return EXIT.environment;
  if (error.code === 'RUN_FAILED') return EXIT.failed;
  switch (error.family) {
    case 'usage':
      return EXIT.usage;
    case 'operational':
    case 'defect':
      return EXIT.environment;
    case 'failure':
      return EXIT.failed;
    default:
      return unreachable(error.family);
  }
}

/** The code of a command that followed a run until it had this status. */
export function exitCodeOfStatus(status: RunStatus): number {
  switch (status) {
    case 'completed':
      return EXIT.ok;
    case 'failed':
    case 'cancelled':
      return EXIT.failed;
    case 'queued':
    case 'running':
    case 'waiting':
    case 'parked':
    case 'paused':
      return EXIT.waiting;
    default:
      return unreachable(status);
  }
}
