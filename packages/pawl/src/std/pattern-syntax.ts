/** Regular expressions of JavaScript in the words of RE2, and how large what they stand for can be. */

/** What a text of JavaScript (flag u) comes to: all of `needed` and nothing of `banned` must match. */
export interface Translated {
  readonly needed: readonly string[];
  readonly banned: readonly string[];
}

/** The parts of a pattern. Classes are one part, as JavaScript ends them: at the first bracket. */
const TOKEN =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\(?:u\{[\da-fA-F]+\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|k<[^>]*>|[pP]\{[^}]*\}|[^])|\[(?:\\[^]|[^\]\\])*\]|\(\?(?:<[^=!>][^>]*>|<?[=!]|[a-zA-Z-]*:?)|\{\d+(?:,\d*)?\}|[^]/gu;

export function tokensOf(source: string): readonly string[] {
  return source.match(TOKEN) ?? [];
}

/**
 * At least as many states as a pattern needs once its repeats are written out; what is nested in an odd way counts too often.
 * Knowing that costs its length, making them costs their number.
 */
export function statesOf(tokens: readonly string[]): number {
  const outer: Level[] = [];
  let level: Level = { sum: 1, last: 0 };
  for (const token of tokens) {
    if (token.startsWith('(')) {
      outer.push(level);
      level = { sum: 1, last: 0 };
    } else if (token === ')') {
      const { sum } = level;
      level = outer.pop() ?? { sum: 0, last: 0 };
      level = { sum: level.sum + sum, last: sum };
    } else {
      const times = timesOf(token);
      level = times === undefined ? { sum: level.sum + 1, last: 1 } : repeated(level, times);
    }
  }
  return outer.reduce((sum, one) => sum + one.sum, level.sum);
}

interface Level {
  readonly sum: number;
  /** Of the part that a repeat would mean. */
  readonly last: number;
}

function repeated({ sum, last }: Level, times: number): Level {
  const added = last * Math.max(0, times - 1);
  return { sum: sum + added, last: last + added };
}

function timesOf(token: string): number | undefined {
  const counted = /^\{(\d+)(?:,(\d*))?\}$/.exec(token);
  return counted ? Math.max(Number(counted[1]), Number(counted[2] ?? 0)) : undefined;
}

/** What a pattern of JavaScript means to RE2, or what it holds that cannot be matched in linear time. */
export function translate(tokens: readonly string[]): Translated | string {
  const needed: string[] = [];
  const banned: string[] = [];
  let at = tokens[0] === '^' ? 1 : 0;
  while (at > 0 && isLookAhead(tokens[at]) && !hasChoice(tokens)) {
    const end = closingOf(tokens, at);
    const inner = translated(tokens.slice(at + 1, end));
    if (typeof inner !== 'string') return inner.problem;
    (tokens[at] === '(?=' ? needed : banned).push(`^(?:${inner})`);
    at = end + 1;
  }
  const rest = translated(tokens.slice(at));
  if (typeof rest !== 'string') return rest.problem;
  needed.push(at > 0 ? `^${rest}` : rest);
  return { needed, banned };
}

function isLookAhead(token: string | undefined): boolean {
  return token === '(?=' || token === '(?!';
}

/** Whether a `|` stands outside of all groups: a `^` in front then belongs to its first side alone. */
function hasChoice(tokens: readonly string[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (token.startsWith('(')) depth++;
    else if (token === ')') depth--;
    else if (token === '|' && depth === 0) return true;
  }
  return false;
}

/** Of the group that begins there; JavaScript has seen to it that it is closed. */
function closingOf(tokens: readonly string[], from: number): number {
  let depth = 0;
  for (let at = from; ; at++) {
    const token = tokens[at] as string;
    if (token.startsWith('(')) depth++;
    else if (token === ')' && --depth === 0) return at;
  }
}

interface Untranslatable {
  readonly problem: string;
}

function translated(tokens: readonly string[]): string | Untranslatable {
  let text = '';
  for (const token of tokens) {
    const found = wordOf(token);
    if (typeof found !== 'string') return found;
    text += found;
  }
  return text;
}

/** White space of JavaScript, and what is none. */
const SPACE = String.raw`\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const NO_SPACE = String.raw`\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;
const ANY = String.raw`\x{0}-\x{10ffff}`;

const WORDS: Readonly<Record<string, string>> = {
  '.': String.raw`[^\n\r\x{2028}\x{2029}]`,
  '(': '(?:',
  '[]': `[^${ANY}]`,
  '[^]': `[${ANY}]`,
  '\\s': `[${SPACE}]`,
  '\\S': `[${NO_SPACE}]`,
};

function wordOf(token: string): string | Untranslatable {
  const word = WORDS[token];
  if (word !== undefined) return word;
  if (token.startsWith('[')) return classOf(token);
  if (/^\\[k1-9]/.test(token)) return { problem: 'back references are not offered' };
  if (token.startsWith('\\')) return escapeOf(token);
  if (token.startsWith('(?')) return groupOf(token);
  return token;
}

/** Names of groups mean something to back references alone. */
function groupOf(token: string): string | Untranslatable {
  if (token === '(?:' || token.endsWith('>')) return '(?:';
  if (token.endsWith('=') || token.endsWith('!')) return { problem: LOOK_AROUND };
  return { problem: `${token} is not offered` };
}

const LOOK_AROUND = 'look-around is offered only as look-ahead at its very beginning, as in ^(?=.*x)';

function classOf(token: string): string {
  const isNegated = token.startsWith('[^');
  let text = isNegated ? '[^' : '[';
  for (const part of tokensOf(token.slice(isNegated ? 2 : 1, -1))) {
    if (part === '\\s') text += SPACE;
    else if (part === '\\S') text += NO_SPACE;
    else if (part === '\\b') text += String.raw`\x{8}`;
    else if (!part.startsWith('\\')) text += part.replaceAll('[', String.raw`\[`);
    else text += escapeOf(part);
  }
  return `${text}]`;
}

function escapeOf(token: string): string {
  const what = token[1] as string;
  if (what === '0') return String.raw`\x{0}`;
  if (what === 'c') return hex((token.codePointAt(2) as number) % 32);
  if (what === 'p' || what === 'P') return token.replace(/(?<=\{)(?:Script|sc|General_Category|gc)=/, '');
  if (what !== 'u' && what !== 'x') return token;
  const codes = [...token.matchAll(/[\da-fA-F]{2,}/g)].map(([digits]) => Number.parseInt(digits, 16));
  return hex(
    codes.length === 2 ? (String.fromCharCode(...codes).codePointAt(0) as number) : (codes[0] as number),
  );
}

function hex(code: number): string {
  return String.raw`\x{${code.toString(16)}}`;
}
