/** A small lexer of TypeScript: enough to tell code from comments, strings, templates and regular expressions. */

export type TokenKind = 'word' | 'number' | 'string' | 'template' | 'regex' | 'mark' | 'comment';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string and of a template chunk only what stands between the quotes. */
  readonly text: string;
  readonly line: number;
  /** Position of the first character. */
  readonly start: number;
}

const WORD = /[A-Za-z_$#@\u00aa-\uffff][\w$\u00aa-\uffff]*/y;
const NUMBER = /\d[\w.]*/y;
const MARK = /=>|\.\.\.|\?\.(?!\d)|\?\?|&&|\|\||[^\s\w]/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const CHUNK = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
const SHEBANG = /^#![^\n]*/;

// After these a slash begins a regular expression; after every other word it divides.
const BEFORE_REGEX = new Set(
  'return typeof case in of instanceof new delete void throw else do await yield'.split(' '),
);

class Lexer {
  readonly tokens: Token[] = [];
  readonly #source: string;
  /** One entry an open brace: true where the brace is the `${` of a template. */
  readonly #braces: boolean[] = [];
  #at = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
    this.#skip(SHEBANG.exec(source)?.[0] ?? '');
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#next();
    return this.tokens;
  }

  #next(): void {
    const char = this.#source.charAt(this.#at);
    if (/\s/.test(char)) return this.#skip(char);
    if (char === '`') return this.#template();
    if (char === '}' && this.#braces.pop() === true) return this.#template();
    if (char === '{') this.#braces.push(false);
    const comment = this.#match(COMMENT);
    if (comment !== undefined) return this.#push('comment', comment);
    const string = this.#match(STRING);
    if (string !== undefined) return this.#push('string', string.slice(1, -1), string);
    const regex = char === '/' && this.#mayBeRegex() ? this.#match(REGEX) : undefined;
    if (regex !== undefined) return this.#push('regex', regex);
    const word = this.#match(WORD);
    if (word !== undefined) return this.#push('word', word);
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#push('number', number);
    this.#push('mark', this.#match(MARK) ?? char);
  }

  /** A chunk of a template, from a backtick or from the brace that closes an expression. */
  #template(): void {
    const open = this.#source.charAt(this.#at);
    if (open === '}') this.#push('mark', '}');
    else this.#skip(open);
    const chunk = this.#match(CHUNK) ?? '';
    this.#push('template', chunk);
    if (this.#source.startsWith('${', this.#at)) {
      this.#braces.push(true);
      this.#push('mark', '{', '${');
    } else {
      this.#skip('`');
    }
  }

  #mayBeRegex(): boolean {
    const last = this.tokens.findLast((token) => token.kind !== 'comment');
    if (last === undefined) return true;
    if (last.kind === 'word') return BEFORE_REGEX.has(last.text);
    return last.kind === 'mark' && ![')', ']', '}'].includes(last.text);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source)?.[0];
  }

  #push(kind: TokenKind, text: string, written = text): void {
    this.tokens.push({ kind, text, line: this.#line, start: this.#at });
    this.#skip(written);
  }

  #skip(written: string): void {
    for (const char of written) if (char === '\n') this.#line += 1;
    this.#at += written.length;
  }
}

/** All tokens of a source, comments included. */
export function tokensOf(source: string): Token[] {
  return new Lexer(source).run();
}

/** The tokens that run: everything but comments. */
export function codeOf(source: string): Token[] {
  return tokensOf(source).filter((token) => token.kind !== 'comment');
}

const CLOSERS: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** Whether a token is this mark (and not a string that looks like it). */
export function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text;
}

export function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

/** Index of the bracket that closes the one at `open`, or the last index where none does. */
export function closing(tokens: readonly Token[], open: number): number {
  const opener = tokens[open]?.text ?? '';
  const closer = CLOSERS[opener] ?? '';
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (isMark(token, opener)) depth += 1;
    if (isMark(token, closer)) depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length - 1;
}
