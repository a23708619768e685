/** A log function with a shorthand for each level. */
import type { LogFields, LogLevel } from './platform.ts';

export interface RunLog {
  (level: LogLevel, message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export function logWith(log: (level: LogLevel, message: string, fields?: LogFields) => void): RunLog {
  return Object.assign(
    (level: LogLevel, message: string, fields?: LogFields) => log(level, message, fields),
    {
      debug: (message: string, fields?: LogFields) => log('debug', message, fields),
      info: (message: string, fields?: LogFields) => log('info', message, fields),
      warn: (message: string, fields?: LogFields) => log('warn', message, fields),
      error: (message: string, fields?: LogFields) => log('error', message, fields),
    },
  );
}
