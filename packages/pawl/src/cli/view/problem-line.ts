/** A problem of a graph as a compiler would print it, without the file. */
import type { Problem } from '../../graph/index.ts';
import { oneLine } from './plain-text.ts';

export const SEVERITY_WORDS = { error: 'error', unsupported: 'not yet', warning: 'warning' } as const;

export function problemLine({ line, column, severity, code, message }: Problem): string {
  const place = line === undefined ? '' : `${line}:${column}: `;
  return `${place}${SEVERITY_WORDS[severity]} ${code}: ${oneLine(message)}`;
}
