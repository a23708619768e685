/** The report of an import for people: what became of every field, and what was refused. */
import type { Entry, Fate, Refusal } from '../../import/index.ts';
import { counted } from './counted.ts';
import { oneLine } from './plain-text.ts';

const WORDS: Readonly<Record<Fate, string>> = {
  mapped: 'mapped',
  approximated: 'approximated',
  meaningless: 'no meaning',
  refused: 'refused',
};

const WIDTH = Math.max(...Object.values(WORDS).map((word) => word.length));

/** One line a field; fields that are empty are counted alone. */
export function reportLines(entries: readonly Entry[]): readonly string[] {
  const said = entries.filter((entry) => !isEmpty(entry));
  return said.map(({ path, fate, to, note }) => {
    const where = [path === '' ? 'the whole' : path, ...(to === undefined ? [] : [`→ ${to}`])].join(' ');
    return `${WORDS[fate].padEnd(WIDTH)}  ${oneLine(note === undefined ? where : `${where}: ${note}`)}`;
  });
}

function isEmpty({ fate, to }: Entry): boolean {
  return fate === 'mapped' && to === undefined;
}

/** `12 mapped, 3 approximated, 1 without meaning here, 4 empty: …`; the last ones are not listed. */
export function reportSummary(entries: readonly Entry[]): string {
  const said = entries.filter((entry) => !isEmpty(entry));
  const counts = (['mapped', 'approximated', 'meaningless'] as const).map((fate) => {
    const number = said.filter((entry) => entry.fate === fate).length;
    return `${number} ${fate === 'meaningless' ? 'without meaning here' : fate}`;
  });
  const empty = entries.length - said.length;
  if (empty === 0) return counts.join(', ');
  return [...counts, `${empty} empty: null, "", [] or {} in the file, and so not listed`].join(', ');
}

export function refusalLines(file: string, refusals: readonly Refusal[]): readonly string[] {
  const lines = refusals.map(({ line, column, code, message }) => {
    const place = line === undefined ? file : `${file}:${line}:${column}`;
    return `${place}: error ${code}: ${oneLine(message)}`;
  });
  const todos = new Map(refusals.map(({ code, todo }) => [code, todo]));
  return [
    ...lines,
    ...[...todos].map(([code, todo]) => `  to do about ${code}: ${oneLine(todo)}`),
    `${file}: nothing was imported, ${counted(refusals.length, 'error')}`,
  ];
}
