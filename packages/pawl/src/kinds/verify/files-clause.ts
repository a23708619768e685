/** A clause on files: each path must exist, and its text be as asked. */
import { resolve } from 'node:path';
import { type FileLook, lookAtFile } from '../../clients/index.ts';
import { FILE_BYTES } from './defaults.ts';
import type { Clause } from './input.ts';
import { listOf, textProblems } from './text-clause.ts';

/** What is wrong with the files, one line a path and demand. */
export async function filesProblems(clause: Clause, signal: AbortSignal): Promise<readonly string[]> {
  const isAsked = clause.contains !== undefined || clause.matches !== undefined;
  const textBytes = isAsked ? FILE_BYTES : undefined;
  const problems: string[] = [];
  for (const path of listOf(clause.files)) {
    const look = await lookAtFile({ path: resolve(clause.cwd ?? '', path), textBytes }, signal);
    const found =
      look.kind === 'text' ? await textProblems(look.text, clause, signal) : lookProblems(look, isAsked);
    problems.push(...found.map((problem) => `${path} ${problem}`));
  }
  return problems;
}

function lookProblems(look: Exclude<FileLook, { kind: 'text' }>, isAsked: boolean): readonly string[] {
  switch (look.kind) {
    case 'missing':
      return ['does not exist'];
    case 'unreadable':
      return [`cannot be read (${look.problem})`];
    case 'too_long':
      return [`is longer than ${look.limitBytes} bytes`];
    case 'file':
    case 'other':
      return isAsked ? ['has no text: it is no file'] : [];
  }
}
