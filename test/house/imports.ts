/** Finds everything that a source imports, in whatever form it is written. */
import { closing, codeOf, isMark, isWord, type Token } from './tokens.ts';

export interface Import {
  /** What stands between the quotes; undefined where the name is computed. */
  readonly specifier: string | undefined;
  readonly line: number;
}

/** Static, side-effect, type and dynamic imports, re-exports, `import('…')` types, `require` and `new URL('./…')`. */
export function importsOf(source: string): Import[] {
  const tokens = codeOf(source);
  const found: Import[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' || isMember(tokens, index)) continue;
    const named = namedAt(tokens, index);
    if (named !== undefined) found.push({ specifier: named.specifier, line: token.line });
  }
  return found;
}

/** Whether the word is a property (`x.import`) or a key (`import: 1`). */
function isMember(tokens: readonly Token[], index: number): boolean {
  const previous = tokens[index - 1];
  return isMark(previous, '.') || isMark(previous, '?.') || isMark(tokens[index + 1], ':');
}

type Named = { readonly specifier: string | undefined };

function namedAt(tokens: readonly Token[], index: number): Named | undefined {
  const word = tokens[index]?.text;
  if (word === 'import') return afterImport(tokens, index);
  if (word === 'export') return afterExport(tokens, index);
  if (word === 'require' && isMark(tokens[index + 1], '(')) return literalAt(tokens, index + 2);
  if (word !== 'URL' || !isMark(tokens[index + 1], '(')) return undefined;
  const target = literalAt(tokens, index + 2);
  return /^\.{1,2}\/.*\.[cm]?[jt]s$/.test(target.specifier ?? '') ? target : undefined;
}

function afterImport(tokens: readonly Token[], index: number): Named | undefined {
  const next = tokens[index + 1];
  if (next?.kind === 'string') return { specifier: next.text };
  if (isMark(next, '(')) return literalAt(tokens, index + 2);
  if (isMark(next, '.')) return undefined; // import.meta
  return afterFrom(tokens, index + 1);
}

/** `export … from` has its list, or a star, right after it; every other export names nothing from outside. */
function afterExport(tokens: readonly Token[], index: number): Named | undefined {
  const list = isWord(tokens[index + 1], 'type') ? index + 2 : index + 1;
  if (isMark(tokens[list], '{')) return afterFrom(tokens, closing(tokens, list) + 1, 1);
  if (isMark(tokens[list], '*')) return afterFrom(tokens, list + 1, 3);
  return undefined;
}

function afterFrom(tokens: readonly Token[], start: number, reach = tokens.length): Named | undefined {
  for (let index = start; index < Math.min(tokens.length, start + reach); index += 1) {
    if (isMark(tokens[index], ';')) return undefined;
    const target = tokens[index + 1];
    if (isWord(tokens[index], 'from') && target?.kind === 'string') return { specifier: target.text };
  }
  return undefined;
}

function literalAt(tokens: readonly Token[], index: number): Named {
  const token = tokens[index];
  const isPlain = token?.kind === 'template' && !isMark(tokens[index + 1], '{');
  return { specifier: token?.kind === 'string' || isPlain ? token?.text : undefined };
}
