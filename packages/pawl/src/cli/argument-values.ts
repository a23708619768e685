/** What people type as arguments, parsed at the border: JSON, labels, counts, statuses. */
import { pawlError } from '../errors/index.ts';
import { RUN_STATUSES, type RunStatus } from '../run/index.ts';

function invalid(argument: string, problem: string): Error {
  return pawlError('ARGUMENT_INVALID', { argument, problem });
}

/** @throws `ARGUMENT_INVALID` with the reason of the JSON parser, and a hint where a text lost its quotes. */
export function parseJson(text: string, argument: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const looksLikeText = /^[\p{L}_][^{}[\]"]*$/u.test(text);
    const hint = looksLikeText ? `; a text needs its quotes: '${JSON.stringify(text)}'` : '';
    throw invalid(argument, `not JSON (${reason})${hint}`);
  }
}

/** `key=value` pairs; the value may hold further "=". */
export function parseLabels(pairs: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw invalid('--label', `"${pair}" is not key=value`);
    const key = pair.slice(0, at);
    if (Object.hasOwn(labels, key)) throw invalid('--label', `"${key}" is given twice`);
    labels[key] = pair.slice(at + 1);
  }
  return labels;
}

/** A whole number in a range. */
export function parseCount(
  text: string,
  argument: string,
  range: { readonly min: number; readonly max: number },
): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= range.min && count <= range.max) return count;
  const bounds =
    range.max === Number.MAX_SAFE_INTEGER ? `from ${range.min}` : `from ${range.min} to ${range.max}`;
  throw invalid(argument, `"${text}" is not a whole number ${bounds}`);
}

/** Statuses, given several times or separated by commas. */
export function parseStatuses(texts: readonly string[]): RunStatus[] {
  return texts.flatMap((text) => text.split(',')).map(parseStatus);
}

function parseStatus(text: string): RunStatus {
  const status = RUN_STATUSES.find((known) => known === text.trim());
  if (status) return status;
  throw invalid('--status', `"${text}" is not one of ${RUN_STATUSES.join(', ')}`);
}
