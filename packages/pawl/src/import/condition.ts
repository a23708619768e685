/** Conditions of JamJet as CEL: paths, comparisons with literals, `in`, `and`, `or`, `not`. Missing is null. */
import type { Json } from '../std/index.ts';
import {
  type DataPath,
  type DataStyle,
  type Guarded,
  guarded,
  literalOf,
  pathOf,
  valueOrElse,
} from './data-path.ts';

export type ConditionReading =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly problem: string };

export interface Condition {
  /** CEL that gives true or false, whatever the data is. */
  readonly cel: string;
  /** Of `path == literal`: two that differ in the literal alone are never true together. */
  readonly equals?: { readonly path: string; readonly literal: string };
}

type Operand =
  | { readonly type: 'path'; readonly path: DataPath }
  | { readonly type: 'literal'; readonly value: Json };

/** Thrown inside, caught at the door: the text is no condition. */
class Unreadable extends Error {}

/** `path == JSON`, as the engine itself has it; everything else is read as documents write it. */
const STRICT = /^(\S+?)\s*(==|!=)\s*(.+)$/s;

export function readCondition(text: string, style: DataStyle): ConditionReading {
  try {
    return { ok: true, condition: strict(text.trim(), style) ?? new Parser(text, style).whole() };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, problem: error.message };
    if (error instanceof RangeError) return { ok: false, problem: 'it is nested too deep' };
    throw error;
  }
}

function strict(text: string, style: DataStyle): Condition | undefined {
  const [, left = '', operator = '', right = ''] = STRICT.exec(text) ?? [];
  const path = pathOf(left, style);
  if (path === undefined) return undefined;
  try {
    const operand: Operand = { type: 'literal', value: JSON.parse(right) as Json };
    return compared({ type: 'path', path }, operator, { operand, style });
  } catch {
    return undefined; // no JSON: the reader of documents knows quotes and words of Python
  }
}

/** Neither condition is ever true where the other one is. */
export function areExclusive(a: Condition, b: Condition): boolean {
  return a.equals !== undefined && a.equals.path === b.equals?.path && a.equals.literal !== b.equals.literal;
}

const TOKEN =
  /\s*(?:(==|!=|<=|>=|<|>|\(|\)|\[|\]|,|&&|\|\||!)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])|([\p{L}_$][\p{L}\p{N}_$-]*(?:\.[\p{L}\p{N}_$-]+)*))/uy;

const WORDS: Readonly<Record<string, Json>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  null: null,
  None: null,
};

interface Token {
  readonly text: string;
  readonly kind: 'sign' | 'string' | 'number' | 'word' | 'end';
  readonly at: number;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #style: DataStyle;
  #next = 0;

  constructor(text: string, style: DataStyle) {
    this.#tokens = tokensOf(text);
    this.#style = style;
  }

  whole(): Condition {
    const condition = this.#or();
    const token = this.#peek();
    if (token.kind !== 'end') throw unexpected(token);
    return condition;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #takes(...texts: readonly string[]): boolean {
    const token = this.#peek();
    const isIt = token.kind !== 'string' && texts.includes(token.text);
    if (isIt) this.#next++;
    return isIt;
  }

  #or(): Condition {
    return this.#joined(['or', '||'], '||', () => this.#and());
  }

  #and(): Condition {
    return this.#joined(['and', '&&'], '&&', () => this.#not());
  }

  #joined(words: readonly string[], sign: string, part: () => Condition): Condition {
    const parts = [part()];
    while (this.#takes(...words)) parts.push(part());
    if (parts.length === 1) return parts[0] as Condition;
    return { cel: parts.map(({ cel }) => `(${cel})`).join(` ${sign} `) };
  }

  #not(): Condition {
    if (this.#takes('not', '!')) return negated(this.#not());
    if (!this.#takes('(')) return this.#comparison();
    const inner = this.#or();
    if (!this.#takes(')')) throw unexpected(this.#peek());
    return inner;
  }

  #comparison(): Condition {
    const left = this.#operand();
    const style = this.#style;
    const { text, kind } = this.#peek();
    if (kind === 'sign' && /^[=!<>]=?$/.test(text) && text !== '!') {
      this.#next++;
      return compared(left, text, { operand: this.#operand(), style });
    }
    if (this.#takes('in')) return contained(left, this.#operand(), style);
    if (!this.#takes('not')) return truth(left, style);
    if (!this.#takes('in')) throw unexpected(this.#peek());
    return negated(contained(left, this.#operand(), style));
  }

  #operand(): Operand {
    const token = this.#take();
    if (token.kind === 'string') return { type: 'literal', value: unquoted(token.text) };
    if (token.kind === 'number') return { type: 'literal', value: Number(token.text) };
    if (token.text === '[' && token.kind === 'sign') return { type: 'literal', value: this.#list() };
    if (token.kind !== 'word') throw unexpected(token);
    if (Object.hasOwn(WORDS, token.text)) return { type: 'literal', value: WORDS[token.text] as Json };
    const path = pathOf(token.text, this.#style);
    if (path === undefined)
      throw new Unreadable(`"${token.text}" is neither a literal nor a path of the state`);
    return { type: 'path', path };
  }

  #list(): Json {
    const list: Json[] = [];
    while (!this.#takes(']')) {
      const item = this.#operand();
      if (item.type === 'path') throw new Unreadable('a list may hold literals alone');
      list.push(item.value);
      if (!this.#takes(',') && this.#peek().text !== ']') throw unexpected(this.#peek());
    }
    return list;
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new Unreadable(`"${text.slice(at).trim().slice(0, 20)}" cannot be read`);
    const [, sign, string, number, word] = match;
    const kind = sign ? 'sign' : string ? 'string' : number ? 'number' : 'word';
    tokens.push({ text: sign ?? string ?? number ?? (word as string), kind, at });
  }
  return [...tokens, { text: 'its end', kind: 'end', at: text.length }];
}

function unexpected({ text, kind }: Token): Unreadable {
  return new Unreadable(kind === 'end' ? 'it ends too early' : `"${text}" is not expected here`);
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/gs, (_all, letter: string) => ESCAPES[letter] ?? letter);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function negated({ cel }: Condition): Condition {
  return { cel: `!(${cel})` };
}

function all(guards: readonly string[], last: string): string {
  return [...guards, last].join(' && ');
}

function truth(operand: Operand, style: DataStyle): Condition {
  if (operand.type === 'literal') throw new Unreadable('a literal alone is no condition');
  const { guards, value } = guarded(operand.path, style);
  return { cel: all(guards, `truthy(${value})`) };
}

interface Right {
  readonly operand: Operand;
  readonly style: DataStyle;
}

const MIRRORED: Readonly<Record<string, string>> = {
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

function compared(left: Operand, operator: string, { operand: right, style }: Right): Condition {
  if (left.type === 'path' && right.type === 'path')
    return comparedPaths(guarded(left.path, style), operator, guarded(right.path, style));
  if (left.type === 'path' && right.type === 'literal')
    return comparedTo(guarded(left.path, style), operator, right.value);
  if (left.type === 'literal' && right.type === 'path')
    return comparedTo(guarded(right.path, style), MIRRORED[operator] as string, left.value);
  throw new Unreadable('two literals are no condition');
}

function comparedTo({ guards, value }: Guarded, operator: string, literal: Json): Condition {
  const text = literalOf(literal);
  if (operator === '==' || operator === '!=') {
    const isEqual = literal === null ? isNull({ guards, value }) : all(guards, `${value} == ${text}`);
    if (operator === '==') return { cel: isEqual, equals: { path: value, literal: text } };
    if (literal === null) return { cel: all(guards, `${value} != null`) };
    return { cel: guards.length === 0 ? `${value} != ${text}` : `!(${isEqual})` };
  }
  const type = typeof literal === 'number' ? 'double' : typeof literal === 'string' ? 'string' : undefined;
  if (type === undefined) throw new Unreadable(`${text} has no order`);
  return { cel: all([...guards, `type(${value}) == ${type}`], `${value} ${operator} ${text}`) };
}

function isNull({ guards, value }: Guarded): string {
  const isEmpty = `${value} == null`;
  return guards.length === 0 ? isEmpty : `!(${guards.join(' && ')}) || ${isEmpty}`;
}

function comparedPaths(left: Guarded, operator: string, right: Guarded): Condition {
  if (operator === '==' || operator === '!=')
    return { cel: `(${valueOrElse(left, 'null')}) ${operator} (${valueOrElse(right, 'null')})` };
  const types = ['double', 'string'].map(
    (type) => `type(${left.value}) == ${type} && type(${right.value}) == ${type}`,
  );
  const guards = [...left.guards, ...right.guards, `(${types.join(' || ')})`];
  return { cel: all(guards, `${left.value} ${operator} ${right.value}`) };
}

function contained(item: Operand, holder: Operand, style: DataStyle): Condition {
  if (item.type === 'path' && holder.type === 'literal') {
    if (!Array.isArray(holder.value)) throw new Unreadable('`in` needs a list');
    const { guards, value } = guarded(item.path, style);
    return { cel: all(guards, `${value} in ${literalOf(holder.value)}`) };
  }
  if (item.type === 'path' || holder.type === 'literal')
    throw new Unreadable('`in` needs a literal on one side, and a path of the state on the other');
  const { guards, value } = guarded(holder.path, style);
  const text = literalOf(item.value);
  const isInside = [`type(${value}) == list && ${text} in ${value}`];
  if (typeof item.value === 'string') {
    isInside.push(`type(${value}) == map && ${text} in ${value}`);
    isInside.push(`type(${value}) == string && ${value}.contains(${text})`);
  }
  return { cel: all(guards, `(${isInside.join(' || ')})`) };
}
