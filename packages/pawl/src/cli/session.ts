/** What every command gets: where it writes, which store it means, who sits there. */
import { userInfo } from 'node:os';
import type { Platform } from '../std/index.ts';
import type { Screen } from './screen.ts';

export interface Session {
  readonly screen: Screen;
  /** `--json`: standard output carries JSON only. */
  readonly isJson: boolean;
  /** The store as the person named it, or the default. */
  readonly store: string;
  /** Whether `--store` or `PAWL_STORE` named it. */
  readonly isStoreNamed: boolean;
  /** Whose runs the command is about: `--tenant`, else `PAWL_TENANT`, else the default one. */
  readonly tenant: string;
  /** Clock, timers and log. */
  readonly platform: Platform;
  /** Sends what is logged through a live view; undefined: back to standard error. */
  readonly redirectLog: (say: ((line: string) => void) | undefined) => void;
}

/** The name of the person at a terminal; undefined without one, or where the system has no name for them. */
export function personHere(screen: Screen): string | undefined {
  if (!screen.canAsk) return undefined;
  try {
    return userInfo().username;
  } catch {
    return undefined; // a container's user may be a number without a name
  }
}

/** One line of JSON on standard output. */
export function printJson(session: Session, value: unknown): void {
  session.screen.lines(JSON.stringify(value));
}
