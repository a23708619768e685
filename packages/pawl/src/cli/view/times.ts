/** Times and durations as the command line shows them. */
import { formatDuration } from '../../std/index.ts';

/** RFC 3339 in UTC, to the second: `2026-01-02T03:04:05Z`. */
export function timeText(time: string | number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** The clock of a line in a log: `03:04:05.678`, UTC. */
export function clockText(time: number): string {
  return new Date(time).toISOString().slice(11, 23);
}

/** From one RFC 3339 time to another. */
export function spanText(from: string, to: string): string {
  return formatDuration(Math.max(0, Date.parse(to) - Date.parse(from)));
}
