/** What a rule of the style guide is, and the questions that rules ask of a file. */
import type { HouseFile } from '../files.ts';
import { codeOf, type Token, tokensOf } from '../tokens.ts';

export interface Rule {
  readonly name: string;
  readonly check: (file: HouseFile) => string[];
}

export const src = 'packages/pawl/src/';

export function isCode({ path }: HouseFile): boolean {
  return /\.(?:ts|mjs|js)$/.test(path);
}

export function isTestFile({ path }: HouseFile): boolean {
  return path.endsWith('.test.ts') || path.startsWith('test/');
}

export function fileName(file: HouseFile): string {
  return file.path.split('/').at(-1) ?? '';
}

export function lineCount(text: string): number {
  return text.replace(/\n$/, '').split('\n').length;
}

/** One finding a token that matches. */
export function findTokens(
  file: HouseFile,
  test: (tokens: readonly Token[], index: number) => string | undefined,
): string[] {
  const tokens = codeOf(file.text);
  return tokens.flatMap((token, index) => {
    const problem = test(tokens, index);
    return problem === undefined ? [] : [`line ${token.line}: ${problem}`];
  });
}

export function findComments(file: HouseFile, pattern: RegExp, say: (word: string) => string): string[] {
  return tokensOf(file.text).flatMap((token) => {
    const word = token.kind === 'comment' ? pattern.exec(token.text)?.[0] : undefined;
    return word === undefined ? [] : [`line ${token.line}: ${say(word)}`];
  });
}
