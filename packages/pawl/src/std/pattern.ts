/** Regular expressions in linear time: no pattern and no text can make a match hang, and what cannot be matched so is refused. */
import { createRequire } from 'node:module';
import type * as Re2 from 're2js';
import { statesOf, tokensOf, translate, type Translated } from './pattern-syntax.ts';

/** Of one pattern, in characters. */
export const MAX_PATTERN_LENGTH = 1_000;

/** States of one pattern, its repeats written out. */
export const MAX_PATTERN_STATES = 2_000;

/** Of all matches of one check: states of the pattern times characters of the text. */
export const MAX_MATCH_WORK = 100_000_000;

export interface Pattern {
  /** Whether the text holds a match. @throws where that would cost more than its check may */
  readonly test: (text: string) => boolean;
}

export type PatternCompilation =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly problem: string };

/** What the matches of one check have cost so far, at worst. */
export class MatchWork {
  #left = MAX_MATCH_WORK;

  renew(): void {
    this.#left = MAX_MATCH_WORK;
  }

  /** @throws past the limit, whatever the answer would be */
  spend(work: number): void {
    this.#left -= work;
    if (this.#left < 0)
      throw new Error(
        `matching takes more than ${MAX_MATCH_WORK} steps: the text is too long for its pattern`,
      );
  }
}

/** Loaded at the first pattern: most runs have none. */
const load = createRequire(import.meta.url);

/** A pattern of JavaScript (flag u), as JSON Schema has it: no back references, and no look-around but look-ahead at the beginning. */
export function compilePattern(source: string, work: MatchWork): PatternCompilation {
  try {
    RegExp(source, 'u');
  } catch (error) {
    return refused((error as Error).message);
  }
  const tokens = tokensOf(source);
  const meant = translate(tokens);
  return typeof meant === 'string' ? refused(meant) : compiled(source, { tokens, meant, work });
}

/** A pattern of RE2, as CEL has it. */
export function compileRe2(source: string, work: MatchWork): PatternCompilation {
  return compiled(source, { tokens: tokensOf(source), meant: { needed: [source], banned: [] }, work });
}

interface Meaning {
  readonly tokens: readonly string[];
  readonly meant: Translated;
  readonly work: MatchWork;
}

function compiled(source: string, { tokens, meant, work }: Meaning): PatternCompilation {
  if (source.length > MAX_PATTERN_LENGTH)
    return refused(`it is longer than ${MAX_PATTERN_LENGTH} characters`);
  if (statesOf(tokens) > MAX_PATTERN_STATES) return refused(TOO_LARGE);
  try {
    // The type says which module this is, and the call is what loads it.
    const { RE2JS } = load('re2js') as typeof Re2;
    const needed = meant.needed.map((text) => RE2JS.compile(text));
    const banned = meant.banned.map((text) => RE2JS.compile(text));
    const states = [...needed, ...banned].reduce((sum, one) => sum + one.programSize(), 0);
    if (states > 2 * MAX_PATTERN_STATES) return refused(TOO_LARGE);
    const test = (text: string): boolean => {
      work.spend(states * (text.length + 1));
      return needed.every((one) => one.test(text)) && !banned.some((one) => one.test(text));
    };
    return { ok: true, pattern: { test } };
  } catch (error) {
    return refused((error as Error).message.replace(/^error parsing regexp: /, ''));
  }
}

const TOO_LARGE = `its repeats come to more than ${MAX_PATTERN_STATES} states`;

function refused(problem: string): PatternCompilation {
  return { ok: false, problem };
}
