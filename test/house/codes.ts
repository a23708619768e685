/** Finds the error codes that a source throws, writes into a failure, or compares with. */
import { closing, codeOf, isMark, type Token } from './tokens.ts';

export interface UsedCode {
  readonly code: string;
  readonly line: number;
}

const CODE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
// Functions that take a code: `pawlError`, `messageOf`, and those whose name ends in one of these words.
const TAKES_CODE = /^(?:pawlError|messageOf|failureCode|\w*[fF]ailure(?:Of|With)?|\w*(?:Error|Defect))$/;

export function usedCodes(source: string): UsedCode[] {
  const tokens = codeOf(source);
  const spans = callsThatTakeCodes(tokens);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'string' || !CODE.test(token.text)) return [];
    const isArgument = spans.some(([open, close]) => index > open && index < close);
    return isArgument || isCodeValue(tokens, index) ? [{ code: token.text, line: token.line }] : [];
  });
}

/** From the opening parenthesis to the end of the arguments that may be a code: before the first object. */
function callsThatTakeCodes(tokens: readonly Token[]): [open: number, close: number][] {
  return tokens.flatMap((token, index): [number, number][] => {
    const isCall = token.kind === 'word' && TAKES_CODE.test(token.text) && isMark(tokens[index + 1], '(');
    if (!isCall) return [];
    const close = closing(tokens, index + 1);
    const object = tokens.findIndex((one, at) => at > index && at < close && isMark(one, '{'));
    return [[index + 1, object === -1 ? close : object]];
  });
}

/** `code: 'X'`, and `x.code === 'X'`. */
function isCodeValue(tokens: readonly Token[], index: number): boolean {
  const before = tokens.slice(Math.max(0, index - 4), index).map((token) => token.text);
  if (before.at(-1) === ':') return before.at(-2) === 'code';
  return before.at(-1) === '=' && before.includes('code');
}
