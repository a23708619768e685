/** The style guide: every rule that a file has to keep, and the README that a room owes. */
import { rooms } from '../../architecture/rooms.mjs';
import type { HouseFile } from './files.ts';
import { callRules } from './rules/calls.ts';
import { fileRules, functionRules } from './rules/files.ts';
import { languageRules } from './rules/language.ts';
import { isTestFile, lineCount, type Rule, src } from './rules/rule.ts';
import { wordRules } from './rules/words.ts';

export const rules: readonly Rule[] = [
  ...fileRules,
  ...functionRules,
  ...languageRules,
  ...callRules,
  ...wordRules,
];

const README_LINES = { least: 10, most: 30 };
const FILES_WITHOUT_README = 3;

/** Rooms that need a README and have none, or one that is too short or too long. */
export function readmeProblems(all: readonly HouseFile[]): string[] {
  return Object.keys(rooms).flatMap((room) => {
    const folder = `${src}${room}/`;
    const inner = all.filter(
      (file) => file.path.startsWith(folder) && file.path.endsWith('.ts') && !isTestFile(file),
    );
    const readme = all.find((file) => file.path === `${folder}README.md`);
    if (readme === undefined)
      return inner.length > FILES_WITHOUT_README ? [`${folder} needs a README.md`] : [];
    const lines = lineCount(readme.text);
    const isRight = lines >= README_LINES.least && lines <= README_LINES.most;
    return isRight
      ? []
      : [`${readme.path} has ${lines} lines: say it in ${README_LINES.least} to ${README_LINES.most}`];
  });
}

/** Every problem of one file, as lines that name the rule. */
export function problemsOf(file: HouseFile): string[] {
  return rules.flatMap((rule) => rule.check(file).map((problem) => `${file.path}: ${rule.name}: ${problem}`));
}
