/** Recorded values as people read them. */
import type { Json } from '../../std/index.ts';
import { safeText } from './plain-text.ts';

/** A text as it is, everything else as indented JSON; at most `maxLines` lines, and how many were left out. */
export function valueLines(value: Json | undefined, maxLines = Number.POSITIVE_INFINITY): string[] {
  if (value === undefined) return ['(nothing)'];
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const lines = safeText(text).split('\n');
  if (lines.length <= maxLines) return lines;
  return [...lines.slice(0, maxLines), `… ${lines.length - maxLines} more lines`];
}

/** A value in one line of JSON. */
export function valueLine(value: Json | undefined): string {
  return value === undefined ? '(nothing)' : safeText(JSON.stringify(value));
}

export function indented(lines: readonly string[], indent = '  '): string[] {
  return lines.map((line) => (line === '' ? '' : `${indent}${line}`));
}
