/** Finds what a pure or deterministic source must not touch: clocks, chance, timers, the process, the outside. */
import type { HouseFile } from './files.ts';
import { codeOf, isMark, isWord, type Token } from './tokens.ts';
import type { Law, Purity } from './walls.ts';
import { isTest, roomOf } from './walls.ts';

interface Found {
  readonly name: string;
  readonly line: number;
}

// What replaces each name is part of the message: a rule that only forbids teaches nothing.
const CLOCKS: Record<string, string> = {
  'Date.now': 'take the time as an argument',
  'new Date()': 'take the time as an argument',
  performance: 'take the time as an argument',
};
const CHANCE: Record<string, string> = {
  'Math.random': 'take a seed or a number as an argument',
  randomUUID: 'take the id as an argument',
  randomBytes: 'take a seed as an argument',
  randomInt: 'take a seed as an argument',
  getRandomValues: 'take a seed as an argument',
};
const OUTSIDE: Record<string, string> = {
  setTimeout: 'return a due time; the worker sets timers',
  setInterval: 'return a due time; the worker sets timers',
  setImmediate: 'leave turns to the platform',
  fetch: 'put the wire into clients',
  process: 'take what you need as an argument',
  globalThis: 'name what you need, and take it as an argument',
  console: 'return the fact; the caller logs',
};
const ASYNC: Record<string, string> = {
  async: 'return a decision; the caller waits',
  await: 'return a decision; the caller waits',
  queueMicrotask: 'return a decision; the caller waits',
};

const BANNED: Record<Purity, Record<string, string>> = {
  pure: { ...CLOCKS, ...CHANCE, ...OUTSIDE, ...ASYNC },
  deterministic: { ...CLOCKS, ...CHANCE, ...OUTSIDE },
  open: {},
};

/** Every impurity of pure and deterministic rooms, one line each; tests are not asked. Paths are relative to src. */
export function impurities(files: readonly HouseFile[], law: Law): string[] {
  return files.flatMap((file) => {
    const room = law.rooms[roomOf(file.path, law) ?? ''];
    if (room === undefined || isTest(file.path)) return [];
    const name = file.path.slice(file.path.indexOf('/') + 1);
    const excused = room.impure?.[name]?.uses ?? [];
    const banned = BANNED[room.purity];
    return touchesOf(file.text)
      .filter((one) => Object.hasOwn(banned, one.name) && !excused.includes(one.name))
      .map((one) => `${file.path}:${one.line} ${one.name} in a ${room.purity} room: ${banned[one.name]}`);
  });
}

/** The names of this list that a source touches, with their lines. */
function touchesOf(source: string): Found[] {
  const tokens = codeOf(source);
  return tokens.flatMap((token, index) => {
    const name = token.kind === 'word' ? nameAt(tokens, index) : undefined;
    return name === undefined ? [] : [{ name, line: token.line }];
  });
}

const MEMBERS: Record<string, string> = { Date: 'now', Math: 'random' };
const ALONE = new Set(
  Object.keys(BANNED.pure).filter((name) => /^\w+$/.test(name) && !['async', 'await'].includes(name)),
);

function nameAt(tokens: readonly Token[], index: number): string | undefined {
  const text = tokens[index]?.text ?? '';
  const next = tokens[index + 1];
  if (isProperty(tokens, index))
    return /^(?:random|getRandom)/.test(text) && ALONE.has(text) ? text : undefined;
  if (text in MEMBERS && isMark(next, '.') && isWord(tokens[index + 2], MEMBERS[text] ?? '')) {
    return `${text}.${MEMBERS[text]}`;
  }
  if (text === 'Date') return isMoment(tokens, index) ? 'new Date()' : undefined;
  if (text === 'await') return text;
  if (text === 'async')
    return next?.kind === 'word' || isMark(next, '(') || isMark(next, '*') ? text : undefined;
  return ALONE.has(text) && !isMark(next, ':') ? text : undefined;
}

/** `x.fetch`, `{ process: … }` and `process?: …` are names of our own. */
function isProperty(tokens: readonly Token[], index: number): boolean {
  const previous = tokens[index - 1];
  const isOptionalKey = isMark(tokens[index + 1], '?') && isMark(tokens[index + 2], ':');
  return isMark(previous, '.') || isMark(previous, '?.') || isOptionalKey;
}

/** `new Date()` and `Date()` read the clock; `new Date(x)` does not. */
function isMoment(tokens: readonly Token[], index: number): boolean {
  const isNew = isWord(tokens[index - 1], 'new');
  if (!isMark(tokens[index + 1], '(')) return isNew;
  return !isNew || isMark(tokens[index + 2], ')');
}
