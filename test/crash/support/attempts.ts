/** What the log says of attempts: each starts once, each ends once, in that order. */
import type { StoredEvent } from '../../../packages/pawl/src/run/index.ts';

/** An attempt as its events tell it. */
export interface LoggedAttempt {
  readonly path: string;
  readonly attempt: number;
  /** It waited for a worker of its queue, who may never have begun. */
  readonly isScheduled: boolean;
  /** What its process's clock said as it began. */
  readonly beganAt: number | undefined;
  readonly starts: readonly number[];
  readonly ends: readonly AttemptEnd[];
}

export interface AttemptEnd {
  readonly type: string;
  readonly seq: number;
  readonly at: number;
}

const ENDS = new Set(['step.completed', 'step.failed', 'step.retried', 'step.lost', 'step.cancelled']);

export function attemptName(path: string, attempt: number): string {
  return `${path} attempt ${attempt}`;
}

interface Mutable extends LoggedAttempt {
  beganAt: number | undefined;
  readonly starts: number[];
  readonly ends: AttemptEnd[];
}

/** What can become of an attempt that nobody began. */
function isNeverBegun(ends: readonly AttemptEnd[]): boolean {
  return ends.every(({ type }) => type === 'step.cancelled' || type === 'step.failed');
}

export function attemptsOf(events: readonly StoredEvent[]): ReadonlyMap<string, LoggedAttempt> {
  const attempts = new Map<string, Mutable>();
  for (const { type, path = '', data, seq, at } of events) {
    const isAnswered = (data as { answered?: boolean }).answered === true; // a person ended the step, not its attempt
    const isEnd = ENDS.has(type) && !isAnswered;
    const isScheduled = type === 'step.scheduled';
    if (!isEnd && !isScheduled && type !== 'step.started') continue;
    const {
      attempt = 1,
      start,
      at: beganAt,
    } = data as { attempt?: number; start?: { at: number }; at?: number };
    const name = attemptName(path, attempt);
    const known = attempts.get(name) ?? {
      path,
      attempt,
      isScheduled,
      beganAt: undefined,
      starts: [],
      ends: [],
    };
    attempts.set(name, known);
    if (type === 'step.started' || start !== undefined) {
      known.starts.push(seq);
      known.beganAt = start?.at ?? beganAt;
    }
    if (isEnd) known.ends.push({ type, seq, at });
  }
  return attempts;
}

export function attemptProblems({ events }: { readonly events: readonly StoredEvent[] }): string[] {
  const isOver = /^run\.(?:completed|failed|cancelled)$/.test(events.at(-1)?.type ?? '');
  return [...attemptsOf(events)].flatMap(([name, { starts, ends, isScheduled }]) => [
    ...(starts.length === 1 || (isScheduled && starts.length === 0 && isNeverBegun(ends))
      ? []
      : [`${name} started ${starts.length} times in the log`]),
    ...(ends.length > 1
      ? [`${name} has ${ends.length} outcomes: ${ends.map((end) => end.type).join(', ')}`]
      : []),
    ...(isOver && ends.length === 0 ? [`${name} has no outcome although the run is over`] : []),
  ]);
}
