/** Finds every function of a source, with its length and its parameters. */
import { closing, codeOf, isMark, isWord, type Token } from './tokens.ts';

export interface FoundFunction {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
  /** Parameters that declare a field (`constructor(private x)`). */
  readonly fieldParameters: number;
  /** True for the block of a `describe`, which groups tests and is no function in the reader's eye. */
  readonly isGroup: boolean;
}

const NOT_A_METHOD = new Set(
  'if for while switch catch with return function await typeof import super'.split(' '),
);
const BEFORE_METHOD = new Set(['{', '}', ',', ';', '*']);
const METHOD_WORDS = new Set(
  'async get set static public private protected readonly override abstract'.split(' '),
);
const FIELD_WORDS = new Set('public private protected readonly override'.split(' '));
// After one of these a type goes on, so a brace opens an object type and not a body.
const TYPE_GOES_ON = new Set([
  ':',
  '|',
  '&',
  '<',
  ',',
  '(',
  '[',
  '=>',
  '?',
  'extends',
  'is',
  'keyof',
  'infer',
]);
// Before the last word of a type; formatted code has its parentheses, so `a: b => c` is not lost by this.
const ENDS_A_TYPE = new Set([':', '|', '&', '.', 'is', 'keyof', 'typeof', 'readonly', 'asserts']);

/** Functions, methods, accessors, constructors and arrows that have a body, in the order of their parameters. */
export function functionsOf(source: string): FoundFunction[] {
  const tokens = codeOf(source);
  const found: FoundFunction[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const one = isMark(tokens[index], '(') ? withParameters(tokens, index) : bareArrow(tokens, index);
    if (one !== undefined) found.push(one);
  }
  return found;
}

/** A function whose parameters stand in the parentheses at `open`. */
function withParameters(tokens: readonly Token[], open: number): FoundFunction | undefined {
  const close = closing(tokens, open);
  const head = headOf(tokens, open);
  const after = isMark(tokens[close + 1], ':') && head.mayHaveType ? endOfType(tokens, close + 2) : close + 1;
  if (isMark(tokens[after], '=>')) {
    return describeIt(tokens, { ...head, start: open, open, close, end: endOfArrow(tokens, after + 1) });
  }
  if (!head.isNamed || !isMark(tokens[after], '{')) return undefined;
  return describeIt(tokens, { ...head, open, close, end: closing(tokens, after) });
}

/** `x => …`: one parameter without parentheses. */
function bareArrow(tokens: readonly Token[], index: number): FoundFunction | undefined {
  if (tokens[index]?.kind !== 'word' || !isMark(tokens[index + 1], '=>')) return undefined;
  if (ENDS_A_TYPE.has(tokens[index - 1]?.text ?? '')) return undefined; // the type before the arrow: `(x): T => …`
  const end = endOfArrow(tokens, index + 2);
  return describeIt(tokens, {
    name: nameBefore(tokens, index),
    start: index,
    open: index,
    close: index,
    end,
  });
}

interface Head {
  readonly name: string;
  readonly start: number;
  /** Whether what stands before the parentheses can only be a declared function or method. */
  readonly isNamed: boolean;
  readonly mayHaveType: boolean;
}

function headOf(tokens: readonly Token[], open: number): Head {
  const nameAt = isMark(tokens[open - 1], '>') ? openingAngle(tokens, open - 1) - 1 : open - 1;
  const name = tokens[nameAt];
  const before = tokens[(isMark(name, ']') ? openingSquare(tokens, nameAt) : nameAt) - 1];
  if (isWord(name, 'function') || isWord(before, 'function')) {
    const text = isWord(name, 'function') ? nameBefore(tokens, nameAt) : (name?.text ?? '');
    return { name: text, start: nameAt, isNamed: true, mayHaveType: true };
  }
  if (isMark(name, '*') && isWord(before, 'function')) {
    return { name: 'function', start: nameAt, isNamed: true, mayHaveType: true };
  }
  const canStart = before === undefined || METHOD_WORDS.has(before.text) || BEFORE_METHOD.has(before.text);
  const isKey = name?.kind === 'word' || name?.kind === 'string' || isMark(name, ']');
  if (isKey && name !== undefined && canStart && !NOT_A_METHOD.has(name.text)) {
    return { name: name.text, start: nameAt, isNamed: canStart, mayHaveType: canStart };
  }
  const isChoice = isMark(tokens[open - 1], '?');
  return { name: nameBefore(tokens, nameAt + 1), start: open, isNamed: false, mayHaveType: !isChoice };
}

/** The name that a function expression is given: `name = (…`, `name: (…`, or the call it is handed to. */
function nameBefore(tokens: readonly Token[], index: number): string {
  let at = index - 1;
  while (at >= 0 && (isWord(tokens[at], 'async') || isMark(tokens[at], '('))) at -= 1;
  if (isMark(tokens[at], '=') || isMark(tokens[at], ':')) at -= 1;
  return tokens[at]?.kind === 'word' ? (tokens[at]?.text ?? '') : 'a function';
}

function openingSquare(tokens: readonly Token[], close: number): number {
  return tokens.slice(0, close).findLastIndex((token) => isMark(token, '['));
}

function openingAngle(tokens: readonly Token[], close: number): number {
  let depth = 0;
  for (let index = close; index > 0; index -= 1) {
    if (isMark(tokens[index], '>')) depth += 1;
    if (isMark(tokens[index], '<')) depth -= 1;
    if (depth === 0) return index;
    if (isMark(tokens[index], ';')) break;
  }
  return close;
}

/** Index of the first token after the type that begins at `start`. */
function endOfType(tokens: readonly Token[], start: number): number {
  let index = start;
  while (index < tokens.length) {
    const token = tokens[index];
    const mayOpen = index === start || TYPE_GOES_ON.has(tokens[index - 1]?.text ?? '');
    if (isMark(token, '{') && !mayOpen) return index;
    if (isMark(token, '=>') && !isFunctionType(tokens, index, start)) return index;
    if ([';', ',', '}', ')', ']', '='].some((mark) => isMark(token, mark))) return index;
    if (isMark(token, '<')) index = closingAngle(tokens, index);
    else if (['{', '(', '['].some((mark) => isMark(token, mark))) index = closing(tokens, index);
    index += 1;
  }
  return index;
}

/** Whether the arrow belongs to the type itself: `(): (x: A) => B {`, where its parameters are part of the type. */
function isFunctionType(tokens: readonly Token[], arrow: number, start: number): boolean {
  if (!isMark(tokens[arrow - 1], ')')) return false;
  let depth = 0;
  for (let index = arrow - 1; index >= start; index -= 1) {
    if (isMark(tokens[index], ')')) depth += 1;
    if (isMark(tokens[index], '(')) depth -= 1;
    if (depth === 0) return index === start || TYPE_GOES_ON.has(tokens[index - 1]?.text ?? '');
  }
  return false;
}

function closingAngle(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    if (isMark(tokens[index], '<')) depth += 1;
    if (isMark(tokens[index], '>')) depth -= 1;
    if (depth === 0) return index;
    if (isMark(tokens[index], ';')) return open;
  }
  return open;
}

function endOfArrow(tokens: readonly Token[], start: number): number {
  if (isMark(tokens[start], '{')) return closing(tokens, start);
  let index = start;
  while (index < tokens.length) {
    const token = tokens[index];
    if ([',', ';', ')', ']', '}'].some((mark) => isMark(token, mark))) return index - 1;
    if (['{', '(', '['].some((mark) => isMark(token, mark))) index = closing(tokens, index);
    index += 1;
  }
  return tokens.length - 1;
}

interface Span {
  readonly name: string;
  readonly start: number;
  readonly open: number;
  readonly close: number;
  readonly end: number;
}

function describeIt(tokens: readonly Token[], span: Span): FoundFunction {
  const line = tokens[span.start]?.line ?? 0;
  const list = tokens.slice(span.open + 1, span.close);
  const parameters = span.open === span.close ? [list] : parametersOf(list);
  const callee = tokens[span.start - 1];
  return {
    name: span.name,
    line,
    lines: (tokens[span.end]?.line ?? line) - line + 1,
    parameters: withoutOptions(parameters.filter((one) => !isWord(one[0], 'this'))).length,
    fieldParameters: parameters.filter(
      (one) => FIELD_WORDS.has(one[0]?.text ?? '') && one[1]?.kind === 'word',
    ).length,
    isGroup: isMark(callee, ',') && isDescribe(tokens, span.start),
  };
}

/** Three parameters, and the options object last: a trailing `options` does not count. */
function withoutOptions(parameters: readonly Token[][]): readonly Token[][] {
  return isWord(parameters.at(-1)?.[0], 'options') ? parameters.slice(0, -1) : parameters;
}

/** Whether the function at `start` is the second argument of `describe(name, …)` or `describe.each(…)(name, …)`. */
function isDescribe(tokens: readonly Token[], start: number): boolean {
  const open = tokens.slice(0, start).findLastIndex((token) => isMark(token, '('));
  const before = tokens.slice(Math.max(0, open - 12), open).map((token) => token.text);
  return before.at(-1) === 'describe' || (before.at(-1) === ')' && before.includes('describe'));
}

function parametersOf(list: readonly Token[]): Token[][] {
  const parameters: Token[][] = [[]];
  let depth = 0;
  for (const token of list) {
    if (token.kind === 'mark' && '([{<'.includes(token.text)) depth += 1;
    if (token.kind === 'mark' && ')]}>'.includes(token.text)) depth -= 1;
    if (depth === 0 && isMark(token, ',')) parameters.push([]);
    else parameters.at(-1)?.push(token);
  }
  return parameters.filter((one) => one.length > 0);
}
