/** Writes docs/errors.md, the reference page of every error code, from the catalogue. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogue } from '../packages/pawl/src/errors/index.ts';

const FAMILIES = {
  usage: ['The caller can mend it', 'The call was refused and nothing was changed.'],
  operational: [
    'The operator can mend it',
    'A file, a disk, a database or another process failed; nothing was lost.',
  ],
  failure: ['The workflow meets it', 'Recorded in the journal as the failure of a step or of a run.'],
  defect: ['Pawl itself is wrong', 'Please report it.'],
};

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll(/\{(\w+)\}/g, '*$1*');
}

function section(family) {
  const [title, meaning] = FAMILIES[family];
  const rows = Object.entries(catalogue)
    .filter(([, entry]) => entry.family === family)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, entry]) => `| <a id="${code}"></a>\`${code}\` | ${cell(entry.message)} | ${cell(entry.todo)} |`,
    );
  return [
    `## ${title}`,
    '',
    meaning,
    '',
    '| code | what happened | what to do |',
    '|---|---|---|',
    ...rows,
    '',
  ];
}

/** The page, as it has to be. */
export function errorsPage() {
  const opening = [
    '# Errors',
    '',
    'Every error of Pawl has a code that never changes. Messages may get better; match on `error.code`.',
    'This page is written from the catalogue in the sources (`npm run docs`).',
    '',
  ];
  return [...opening, ...Object.keys(FAMILIES).flatMap(section)].join('\n').trimEnd() + '\n';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL('../docs/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('errors.md', folder), errorsPage());
}
