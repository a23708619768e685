/** Rules for calls that reach around the platform, the terminal or a test's own signals. */
import { platform, terminals } from '../../../architecture/rooms.mjs';
import { isMark, type Token } from '../tokens.ts';
import { findTokens, isCode, isTestFile, type Rule, src } from './rule.ts';

// What stands instead is part of the message: a rule that only forbids teaches nothing.
const BANNED_CALLS: Record<string, string> = {
  'Date . now': 'platform.clock.now()',
  'Math . random': 'platform.random()',
  'performance . now': 'platform.clock.monotonic()',
  setTimeout: 'platform.setTimer()',
  setInterval: 'platform.setTimer() from its own callback',
  setImmediate: 'platform.nextTurn()',
  randomUUID: 'platform.newId()',
};
const TERMINAL_CALLS: Record<string, string> = {
  'process . exit': 'throw, or return an exit code to the command line',
  'process . stdout': 'return the value; the command line prints it',
  console: 'platform.logger.log()',
};

function bannedCall(
  banned: Record<string, string>,
): (tokens: readonly Token[], index: number) => string | undefined {
  return (tokens, index) => {
    const token = tokens[index];
    if (token?.kind !== 'word' || isMark(tokens[index - 1], '.')) return undefined;
    const member = `${token.text} . ${tokens[index + 2]?.text ?? ''}`;
    const name = isMark(tokens[index + 1], '.') && Object.hasOwn(banned, member) ? member : token.text;
    const isKey = isMark(tokens[index + 1], ':');
    return Object.hasOwn(banned, name) && !isKey
      ? `${name.replaceAll(' ', '')}: use ${banned[name]}`
      : undefined;
  };
}

export const callRules: Rule[] = [
  {
    name: 'the clock, chance and timers come from the platform',
    check(file) {
      const inner = file.path.slice(src.length);
      const isAsked = file.path.startsWith(src) && !isTestFile(file) && !Object.hasOwn(platform, inner);
      return isAsked ? findTokens(file, bannedCall(BANNED_CALLS)) : [];
    },
  },
  {
    name: 'only the command line talks to a terminal',
    check(file) {
      const inner = file.path.slice(src.length);
      const isTerminal =
        terminals.some((room) => inner.startsWith(`${room}/`)) || Object.hasOwn(platform, inner);
      const isAsked = file.path.startsWith(src) && !isTestFile(file) && !isTerminal;
      return isAsked ? findTokens(file, bannedCall(TERMINAL_CALLS)) : [];
    },
  },
  {
    name: 'a test waits for signals and never sleeps',
    check(file) {
      if (!isCode(file) || !isTestFile(file)) return [];
      return findTokens(file, (tokens, index) => {
        const token = tokens[index];
        if (token?.kind === 'string' && /^(?:node:)?timers/.test(token.text))
          return 'wait for a condition: vi.waitFor, expect.poll';
        if (token?.kind !== 'word' || isMark(tokens[index - 1], '.')) return undefined;
        const isSleep =
          /^(?:setTimeout|setInterval|sleep)$/.test(token.text) && isMark(tokens[index + 1], '(');
        return isSleep
          ? `${token.text}: wait for a condition (vi.waitFor, expect.poll) or move an injected clock`
          : undefined;
      });
    },
  },
];
