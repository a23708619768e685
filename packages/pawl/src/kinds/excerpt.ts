/** Short excerpts of long texts, for records and failures. */
import { firstWhole, lastWhole, recordableText } from '../clients/index.ts';

/** What stands where a part of a text was left out. */
export function leftOutMark(bytes: number): string {
  return `[… ${bytes} bytes left out …]`;
}

/** The beginning of a text, at most `limitBytes` of it, and how much was left out. */
export function textStart(text: string, limitBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limitBytes) return recordableText(text);
  const kept = firstWhole(bytes, limitBytes);
  return recordableText(kept.toString()) + leftOutMark(bytes.length - kept.length);
}

/** The end of a text, at most `limitBytes` of it, and how much was left out. */
export function textEnd(text: string, limitBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limitBytes) return recordableText(text);
  const kept = lastWhole(bytes, limitBytes);
  return leftOutMark(bytes.length - kept.length) + recordableText(kept.toString());
}
