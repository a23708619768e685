/** Rules for words: hosts and paths that belong to one machine, and names of tests. */
import { codeOf, isMark, isWord, type Token } from '../tokens.ts';
import type { Rule } from './rule.ts';

// Put together from parts, so that this list does not break its own rule.
const HOSTS = [
  ['registry', 'npmjs.org'],
  ['registry', 'yarnpkg.com'],
  ['npm', 'pkg.github.com'],
  ['deb', 'debian.org'],
].map((parts) => parts.join('.'));
const MACHINE_PATH = new RegExp(`(?<![\\w.:/])/(?:${['work', 'root', 'home', 'Users'].join('|')})/\\w`);

export const wordRules: Rule[] = [
  {
    name: 'no host of a registry is named',
    check: (file) =>
      HOSTS.filter((host) => file.text.includes(host)).map(
        (host) => `${host}: leave it to the reader's settings`,
      ),
  },
  {
    name: 'no path of one machine is named',
    check: (file) =>
      file.text.split('\n').flatMap((line, index) => {
        const found = MACHINE_PATH.exec(line)?.[0];
        return found === undefined
          ? []
          : [`line ${index + 1}: ${found}…: use a path of the project, or os.tmpdir()`];
      }),
  },
  {
    name: 'the name of a test is a sentence',
    check(file) {
      if (!file.path.endsWith('.test.ts')) return [];
      return testNames(codeOf(file.text)).flatMap(({ text, line }) => {
        if (/^should\b/i.test(text)) return [`line ${line}: "${text}": say what happens, without "should"`];
        if (/%[sj]|\$/.test(text)) return []; // the sentence stands in the table of the test
        return text.trim().split(/\s+/).length < 3
          ? [`line ${line}: "${text}": say what is promised, as a sentence`]
          : [];
      });
    },
  },
];

/** The first argument of `test(…)`, `it(…)` and their members (`test.each(…)(…)`), where it is written out. */
function testNames(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token, index) => {
    const isName = token.kind === 'string' || token.kind === 'template';
    if (!isName || !isMark(tokens[index - 1], '(') || !isMark(tokens[index + 1], ',')) return [];
    return isTestCall(tokens, index - 2) ? [token] : [];
  });
}

function isTestCall(tokens: readonly Token[], end: number): boolean {
  let at = end;
  if (isMark(tokens[at], ')')) {
    let depth = 0;
    for (; at >= 0; at -= 1) {
      if (isMark(tokens[at], ')')) depth += 1;
      if (isMark(tokens[at], '(')) depth -= 1;
      if (depth === 0) break;
    }
    at -= 1;
  }
  while (isMark(tokens[at - 1], '.')) at -= 2;
  return isWord(tokens[at], 'test') || isWord(tokens[at], 'it');
}
