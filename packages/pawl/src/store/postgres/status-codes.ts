/** The number of each run status in stored rows, and what events make of it: given once, never changed. */
import { type NewEvent, nextStatus, type RunStatus } from '../../run/index.ts';

/** A status is its place in this list; the functions of the database know the numbers. From `completed` on they are terminal. */
const STATUSES = [
  'queued',
  'running',
  'waiting',
  'parked',
  'paused',
  'completed',
  'failed',
  'cancelled',
] as const satisfies readonly RunStatus[];

export function codeOfStatus(status: RunStatus): number {
  return STATUSES.indexOf(status);
}

/** The status of a code; undefined where a newer Pawl wrote it, or it is damaged. */
export function statusOfCode(code: number): RunStatus | undefined {
  return STATUSES[code];
}

/** What the indexes of lists know of a status. */
export function phaseOf(code: number): number {
  const status = statusOfCode(code);
  if (status === 'parked' || status === 'paused') return 1;
  if (status === 'completed') return 2;
  return status === 'failed' || status === 'cancelled' ? 3 : 0;
}

/** Terminal statuses come last. */
export function isEnd(code: number): boolean {
  return code >= codeOfStatus('completed');
}

/** Chains of types that are remembered; at the limit the memory is emptied and filled again. */
const MAX_CACHED = 10_000;
const moves = new Map<string, string>();

/** Where a list of events leads from each status: the digit at its place is the status behind them. */
export function movesOf(events: readonly NewEvent[]): string {
  const key = events.length === 1 ? (events[0]?.type ?? '') : events.map(({ type }) => type).join(' ');
  const known = moves.get(key);
  if (known !== undefined) return known;
  const made = STATUSES.map((status) =>
    codeOfStatus(events.reduce<RunStatus>((before, { type }) => nextStatus(before, type), status)),
  ).join('');
  if (moves.size >= MAX_CACHED) moves.clear();
  moves.set(key, made);
  return made;
}

/** The bits of a status: three are enough for all of them. */
const STATUS_BITS = 3;
const packed = new Map<string, number>();

/** The same in one number: three bits for each status, that of `queued` first. */
export function packedMoves(digits: string): number {
  const known = packed.get(digits);
  if (known !== undefined) return known;
  let number = 0;
  for (let status = digits.length - 1; status >= 0; status -= 1)
    number = (number << STATUS_BITS) | Number(digits[status]);
  packed.set(digits, number);
  return number;
}
