/** Rules for sizes, names, openings and functions. */
import { functionsOf } from '../functions.ts';
import { codeOf, tokensOf } from '../tokens.ts';
import { fileName, isCode, isTestFile, lineCount, type Rule, src } from './rule.ts';

const SOURCE_LINES = 500;
const TEST_LINES = 800;
const FUNCTION_LINES = 70;
const PARAMETERS = 3;

export const fileRules: Rule[] = [
  {
    name: 'a file is short',
    check(file) {
      if (!isCode(file)) return [];
      const limit = isTestFile(file) ? TEST_LINES : SOURCE_LINES;
      const lines = lineCount(file.text);
      return lines > limit
        ? [`${lines} lines, the limit is ${limit}: a noun is hiding in it, give it its own file`]
        : [];
    },
  },
  {
    name: 'a file name is kebab-case',
    check(file) {
      const isPlain = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/.test(fileName(file));
      return isCode(file) && !isPlain ? [`rename ${fileName(file)}: lower case words joined by "-"`] : [];
    },
  },
  {
    name: 'a file name says what is inside',
    check(file) {
      const stem = fileName(file).split('.')[0] ?? '';
      const isEmpty = /^(?:utils?|helpers?|common|shared|managers?|types|misc|stuff|base|core)$/.test(stem);
      return isCode(file) && isEmpty ? [`"${stem}" names nothing: call the file after its one noun`] : [];
    },
  },
  {
    name: 'a file opens with a sentence that says what it is for',
    check(file) {
      if (!isCode(file)) return [];
      const [first] = tokensOf(file.text);
      const words = first?.kind === 'comment' ? (first.text.match(/[\w`'.]+/g) ?? []).length : 0;
      const isSentence = words >= 4 && /[.:!?)](?:\s|\*|$)/.test(first?.text ?? '');
      return isSentence ? [] : ['open the file with one comment sentence that says what it is for'];
    },
  },
  {
    name: 'an index.ts holds named re-exports only',
    check(file) {
      if (!file.path.startsWith(src) || fileName(file) !== 'index.ts') return [];
      return codeOf(file.text)
        .map((token) => token.text)
        .join(' ')
        .split(';')
        .flatMap((statement) => {
          const text = statement.trim();
          const isReExport = text === '' || /^export (?:type )?\{[^}]*\} from \S+$/.test(text);
          return isReExport ? [] : [`"${text.slice(0, 60)}": keep only export { … } from '…' here`];
        });
    },
  },
];

export const functionRules: Rule[] = [
  {
    name: 'a function is short',
    check(file) {
      if (!isCode(file)) return [];
      const long = functionsOf(file.text).filter((one) => !one.isGroup && one.lines > FUNCTION_LINES);
      return long.map(
        (one) => `line ${one.line}: ${one.name} has ${one.lines} lines, the limit is ${FUNCTION_LINES}`,
      );
    },
  },
  {
    name: 'a function has at most three parameters',
    check(file) {
      if (!isCode(file) || file.path.endsWith('.test.ts')) return []; // a table of a test has as many columns as it needs
      const wide = functionsOf(file.text).filter((one) => one.parameters > PARAMETERS);
      return wide.map(
        (one) =>
          `line ${one.line}: ${one.name} has ${one.parameters} parameters, put them into an options object`,
      );
    },
  },
];
