/** Labels: what people see of a call instead of its name, and what they find runs by. */
import { pawlError } from '../errors/index.ts';
import { checkText } from '../std/index.ts';

const MAX_LABEL = 256;
const MAX_LABEL_NAME = 64;
const MAX_LABELS = 64;

/** @throws `OPTION_INVALID` */
export function checkLabel(label: unknown, where: string): void {
  checkText(label, `${where}.label`, MAX_LABEL);
}

/** The labels of a workflow or a run: at most 64 texts of at most 256 characters. @throws `OPTION_INVALID` */
export function checkLabels(labels: unknown, where: string): void {
  if (labels === undefined) return;
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels))
    throw pawlError('OPTION_INVALID', { where, problem: 'labels are an object of texts' });
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS)
    throw pawlError('OPTION_INVALID', { where, problem: `there are at most ${MAX_LABELS} labels` });
  for (const [name, text] of entries) {
    checkText(name, `the name of a label in ${where}`, MAX_LABEL_NAME);
    if (name === '')
      throw pawlError('OPTION_INVALID', { where, problem: 'the name of a label is not empty' });
    checkText(text ?? null, `${where}.${name}`, MAX_LABEL);
  }
}
