/** Rules for parts of the language that the house goes without. */
import { functionsOf } from '../functions.ts';
import { isMark, isWord, type Token } from '../tokens.ts';
import { findComments, findTokens, isCode, type Rule } from './rule.ts';

const BEFORE_TYPE = new Set([':', 'as', '<', '|', '&', '=', 'extends', 'keyof', 'is', ',', 'satisfies']);

function anyType(tokens: readonly Token[], index: number): string | undefined {
  const [before, token, after] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  const isType =
    isWord(token, 'any') && BEFORE_TYPE.has(before?.text ?? '') && !/^[:(.]$/.test(after?.text ?? '');
  return isType ? '`any` switches the types off: say `unknown` and narrow it' : undefined;
}

function runtimeSyntax(tokens: readonly Token[], index: number): string | undefined {
  const [before, token, after] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  if (isMark(before, '.') || after?.kind !== 'word') return undefined;
  if (isWord(token, 'enum')) return 'no enum: a union of strings';
  const opensBlock = isMark(tokens[index + 2], '{') || isMark(tokens[index + 2], '.');
  return isWord(token, 'namespace') && opensBlock ? 'no namespace: a file is one' : undefined;
}

function defaultExport(tokens: readonly Token[], index: number): string | undefined {
  const isDefault = isWord(tokens[index], 'export') && isWord(tokens[index + 1], 'default');
  const isAlias =
    isWord(tokens[index], 'as') && isWord(tokens[index + 1], 'default') && isMark(tokens[index - 2], '{');
  return isDefault || isAlias ? 'no default export: a name that a reader can search for' : undefined;
}

const SILENCERS =
  /@ts-ignore|@ts-nocheck|@ts-expect-error|eslint-(?:disable|enable)|oxlint-(?:disable|enable)|biome-ignore|prettier-ignore|(?:c8|v8|istanbul) ignore/;

export const languageRules: Rule[] = [
  { name: 'no any', check: (file) => (isCode(file) ? findTokens(file, anyType) : []) },
  {
    name: 'no comment silences a tool',
    check(file) {
      const isTypeTest = file.path.endsWith('types.test.ts'); // where a wrong call must not compile
      const found = isCode(file)
        ? findComments(file, SILENCERS, (word) => `${word}: mend the code instead`)
        : [];
      return found.filter((line) => !(isTypeTest && line.includes('@ts-expect-error')));
    },
  },
  {
    name: 'no promise of later work in a comment',
    check: (file) =>
      isCode(file)
        ? findComments(file, /\b(?:TODO|FIXME|XXX|HACK)\b/, (word) => `${word}: do it, or file an issue`)
        : [],
  },
  {
    name: 'no enum and no namespace',
    check: (file) => (isCode(file) ? findTokens(file, runtimeSyntax) : []),
  },
  {
    name: 'no parameter that declares a field',
    check: (file) =>
      (isCode(file) ? functionsOf(file.text) : [])
        .filter((one) => one.name === 'constructor' && one.fieldParameters > 0)
        .map((one) => `line ${one.line}: declare the field in the class and assign it`),
  },
  {
    name: 'no default export',
    // A workflow file may export its workflow as the default, as its examples do; a tool's configuration must.
    check(file) {
      const mayHave = /\.config\.[mc]?[jt]s$/.test(file.path) || file.path.startsWith('examples/');
      return isCode(file) && !mayHave ? findTokens(file, defaultExport) : [];
    },
  },
];
