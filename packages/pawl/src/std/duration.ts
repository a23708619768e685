/** Durations as people write them (`"30s"`, `"1h30m"`) and as code needs them (integer milliseconds). */
import { pawlError } from '../errors/index.ts';

/** A duration in definitions: a text such as `"500ms"`, `"30s"`, `"5m"`, `"1h30m"`, `"2d"`, or whole milliseconds. */
export type Duration = string | number;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest duration that Pawl accepts: 100 years. */
export const MAX_DURATION_MS = 100 * 365 * 86_400_000;

/**
 * Milliseconds of a duration.
 * @throws `DURATION_INVALID` for anything but a whole number of milliseconds or a text like `"1h30m"`, and past 100 years.
 */
export function parseDuration(duration: Duration, where: string): number {
  const milliseconds = typeof duration === 'number' ? duration : textToMs(duration);
  const problem = problemOf(milliseconds);
  if (problem !== undefined) throw pawlError('DURATION_INVALID', { where, value: `${duration}${problem}` });
  return milliseconds;
}

function problemOf(milliseconds: number): string | undefined {
  if (milliseconds < 0) return ' (less than nothing)';
  if (milliseconds > MAX_DURATION_MS) return ' (longer than 100 years)';
  return Number.isInteger(milliseconds) ? undefined : '';
}

/** Milliseconds of a duration in which something must have ended. @throws `DURATION_INVALID`, also for none at all */
export function parseLimit(duration: Duration, where: string): number {
  const milliseconds = parseDuration(duration, where);
  if (milliseconds === 0)
    throw pawlError('DURATION_INVALID', { where, value: `${duration} (nothing ends in no time)` });
  return milliseconds;
}

function textToMs(text: string): number {
  if (typeof text !== 'string' || !/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return Number.NaN;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit as string] as number);
  }
  return Math.round(total);
}

/** A duration for people: `"850 ms"`, `"2.4 s"`, `"3 m 20 s"`, `"2 d 4 h"`. */
export function formatDuration(milliseconds: number): string {
  if (Math.round(milliseconds) < 1_000) return `${Math.round(milliseconds)} ms`;
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  if (milliseconds < 3_600_000) return inUnits(Math.max(60_000, milliseconds), MINUTES);
  if (milliseconds < 86_400_000) return inUnits(milliseconds, HOURS);
  return inUnits(milliseconds, DAYS);
}

interface Units {
  readonly bigMs: number;
  readonly big: string;
  readonly smallMs: number;
  readonly small: string;
}

const MINUTES: Units = { bigMs: 60_000, big: 'm', smallMs: 1_000, small: 's' };
const HOURS: Units = { bigMs: 3_600_000, big: 'h', smallMs: 60_000, small: 'm' };
const DAYS: Units = { bigMs: 86_400_000, big: 'd', smallMs: 3_600_000, small: 'h' };

function inUnits(total: number, units: Units): string {
  const wholes = Math.floor(total / units.bigMs);
  const rest = Math.floor((total - wholes * units.bigMs) / units.smallMs);
  return rest === 0 ? `${wholes} ${units.big}` : `${wholes} ${units.big} ${rest} ${units.small}`;
}
