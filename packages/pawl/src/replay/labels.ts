/** Labels: what people see of a call instead of its name. */
import { pawlError } from '../errors/index.ts';

const MAX_LABEL = 256;

/** @throws `OPTION_INVALID` for a label that people could not read, or a database not hold. */
export function checkLabel(label: unknown, where: string): void {
  if (label === undefined) return;
  const isText =
    typeof label === 'string' &&
    label.length <= MAX_LABEL &&
    label.isWellFormed() &&
    !label.includes('\u0000');
  if (!isText)
    throw pawlError('OPTION_INVALID', {
      where: `${where}.label`,
      problem: `it must be a text of at most ${MAX_LABEL} characters`,
    });
}
