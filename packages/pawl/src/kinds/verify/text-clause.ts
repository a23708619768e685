/** What a clause asks of a text: other texts that are in it, regular expressions that it matches. */
import { matchText } from '../../clients/index.ts';
import { formatDuration } from '../../std/index.ts';
import { textStart } from '../excerpt.ts';
import { MATCH_MS, QUOTED_BYTES } from './defaults.ts';

export interface TextClause {
  readonly contains?: string | readonly string[] | undefined;
  readonly matches?: string | readonly string[] | undefined;
}

/** What a text lacks, one line a demand. */
export async function textProblems(
  text: string,
  { contains, matches }: TextClause,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const missing = listOf(contains).filter((part) => !text.includes(part));
  const problems = missing.map((part) => `does not contain ${JSON.stringify(textStart(part, QUOTED_BYTES))}`);
  for (const pattern of listOf(matches)) {
    const isMatch = await matchText({ pattern, flags: 'mu', text }, MATCH_MS, signal);
    const quoted = `/${textStart(pattern, QUOTED_BYTES)}/`;
    if (isMatch === undefined)
      problems.push(`was matched by ${quoted} for ${formatDuration(MATCH_MS)} without an answer`);
    else if (!isMatch) problems.push(`does not match ${quoted}`);
  }
  return problems;
}

export function listOf(given: string | readonly string[] | undefined): readonly string[] {
  return given === undefined ? [] : typeof given === 'string' ? [given] : given;
}
