/** What the engine logs while a command runs, as lines for people; a live view can take them in, so that nothing tears. */
import type { LogFields, Logger, LogLevel } from '../std/index.ts';
import { oneLine } from './view/plain-text.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface TerminalLog {
  readonly logger: Logger;
  /** Sends the lines elsewhere; undefined: back to where they went at first. */
  readonly redirect: (say: ((line: string) => void) | undefined) => void;
}

/** Logs from the level on that `PAWL_LOG` names, else from `warn` on. */
export function terminalLog(say: (line: string) => void, wanted: string | undefined): TerminalLog {
  let sink = say;
  const least = Math.max(
    0,
    LEVELS.findIndex((level) => level === (wanted ?? 'warn')),
  );
  return {
    logger: {
      log: (level, message, fields) => {
        if (LEVELS.indexOf(level) >= least) sink(logLine(level, message, fields));
      },
    },
    redirect: (other) => {
      sink = other ?? say;
    },
  };
}

/** `warn: the message  runId=… path=…` */
function logLine(level: LogLevel, message: string, fields: LogFields = {}): string {
  const parts = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return oneLine([`${level}: ${message}`, ...parts].join('  '));
}
