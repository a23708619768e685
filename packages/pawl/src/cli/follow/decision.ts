/** What a person types as an answer, parsed. */
import { parseJson } from '../argument-values.ts';

export type Answer =
  | { readonly kind: 'approved' | 'rejected'; readonly comment?: string }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'later' };

const WORDS: Readonly<Record<string, 'approved' | 'rejected' | 'later'>> = {
  y: 'approved',
  yes: 'approved',
  approve: 'approved',
  n: 'rejected',
  no: 'rejected',
  reject: 'rejected',
  l: 'later',
  later: 'later',
};

/** "y", "n" or "l", and behind the first two a comment; undefined for anything else: then the question comes again. */
export function parseDecision(typed: string): Answer | undefined {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(typed) ?? [];
  const lower = word.toLowerCase();
  const kind = Object.hasOwn(WORDS, lower) ? WORDS[lower] : undefined;
  if (kind === undefined) return undefined;
  if (kind === 'later') return { kind };
  return rest === '' ? { kind } : { kind, comment: rest };
}

/** JSON; where the schema asks for a text, the line itself will do. An empty line means later. */
export function parseValue(typed: string, schema: unknown): Answer {
  const line = typed.trim();
  if (line === '') return { kind: 'later' };
  if (wantsText(schema) && !line.startsWith('"')) return { kind: 'value', value: line };
  return { kind: 'value', value: parseJson(line, 'the answer') };
}

function wantsText(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && (schema as { type?: unknown }).type === 'string';
}
