/** Draws the rooms of the law for ARCHITECTURE.md; `node architecture/draw.mjs --write` puts the picture there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { entries, rooms } from './rooms.mjs';

export const BEGIN = '<!-- rooms: drawn from architecture/rooms.mjs by `npm run docs` -->';
export const END = '<!-- rooms: end -->';

const source = (name) => fileURLToPath(new URL(`../packages/pawl/src/${name}`, import.meta.url));
const document = fileURLToPath(new URL('../ARCHITECTURE.md', import.meta.url));

/** Rooms that have been built: the picture shows the house, the law also the plan. */
function builtRooms() {
  return Object.keys(rooms).filter(
    (name) => existsSync(source(`${name}/index.ts`)) || existsSync(source(`${name}/main.ts`)),
  );
}

/** Rooms by height: a room stands one above the highest room that it imports. */
function floors(names) {
  const heights = new Map();
  const heightOf = (name) => {
    if (!heights.has(name)) {
      const below = importsOf(name).filter((other) => names.includes(other));
      heights.set(name, below.length === 0 ? 0 : 1 + Math.max(...below.map(heightOf)));
    }
    return heights.get(name);
  };
  const found = [];
  for (const name of names) (found[heightOf(name)] ??= []).push(name);
  return found.toReversed();
}

/** What a room may import, with the doors of the package replaced by the rooms behind them. */
function importsOf(name) {
  return [...new Set(rooms[name].imports.flatMap((other) => entries[other]?.imports ?? [other]))];
}

function row(name, names) {
  const below = rooms[name].imports.filter((other) => names.includes(other) || other in entries);
  return `| \`${name}\` | ${rooms[name].title} | ${rooms[name].purity} | ${below.map((one) => `\`${one}\``).join(' ') || '–'} |`;
}

/** The text between the markers, as it has to be. */
export function picture() {
  const names = builtRooms();
  const stack = floors(names).map((floor) => `  ${floor.map((name) => `[ ${name} ]`).join(' ')}`);
  const table = [
    '| room | what it is | purity | may import |',
    '|---|---|---|---|',
    ...names.map((name) => row(name, names)),
  ];
  const text = ['```text', 'doors', ...stack, 'ground', '```'];
  return [BEGIN, '', ...text, '', ...table, '', END].join('\n');
}

/** The document with a fresh picture between its markers. */
export function withPicture(text) {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end === -1) throw new Error(`ARCHITECTURE.md needs the lines ${BEGIN} and ${END}`);
  return text.slice(0, begin) + picture() + text.slice(end + END.length);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--write')) console.log(picture());
  else if (existsSync(document)) writeFileSync(document, withPicture(readFileSync(document, 'utf8')));
}
