/** Options at the door of a public call: known ones only, so that nothing is accepted and ignored. */
import { pawlError } from '../errors/index.ts';

export interface OptionRules {
  /** What the options belong to, for the message. */
  readonly where: string;
  readonly known: readonly string[];
  /** Options that have a meaning in the design and none in this version. */
  readonly notYet?: readonly string[];
}

/** @throws `OPTION_INVALID` where the options are no object, `NOT_SUPPORTED_YET`, `OPTION_UNKNOWN` with the nearest known name. */
export function checkOptions(given: unknown, { where, known, notYet = [] }: OptionRules): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw pawlError('OPTION_INVALID', { where, problem: 'the options are an object' });
  for (const option of Object.keys(given)) {
    if (known.includes(option)) continue;
    if (notYet.includes(option)) throw pawlError('NOT_SUPPORTED_YET', { where: `${where}.${option}` });
    const near = nearest(option, known);
    const hint = near === undefined ? '' : ` (did you mean "${near}"?)`;
    throw pawlError('OPTION_UNKNOWN', { where, option, hint, known: known.join(', ') });
  }
}

/** @throws `OPTION_INVALID` for a text that people could not read, or a database not hold. */
export function checkText(text: unknown, where: string, maxLength: number): void {
  if (text === undefined) return;
  const isText =
    typeof text === 'string' && text.length <= maxLength && text.isWellFormed() && !text.includes('\u0000');
  if (isText) return;
  const problem = `it must be a text of at most ${maxLength} characters`;
  throw pawlError('OPTION_INVALID', { where, problem });
}

/** @throws `OPTION_INVALID` for a number that is not whole or outside of its range. */
export function checkWhole(
  value: unknown,
  where: string,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (value === undefined || (Number.isInteger(value) && Number(value) >= from && Number(value) <= to))
    return;
  throw pawlError('OPTION_INVALID', { where, problem: `it must be a whole number from ${from} to ${to}` });
}

/** The known name that takes the fewest edits to reach, where that is at most a third of its letters. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const candidate of known) {
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (edits * 3 <= candidate.length && (best === undefined || edits < best.edits))
      best = { name: candidate, edits };
  }
  return best?.name;
}

/** Levenshtein distance (V. Levenshtein, 1966): insertions, deletions and replacements. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
