/**
 * The fast reader of documents: JSON, and YAML as most people write it: maps and lists in blocks or in brackets, texts, numbers,
 * comments. Whatever else a text holds (anchors, tags, folded texts, mistakes), it leaves to the library, and so it never
 * has to say what is wrong. What it reads, it reads as the library does.
 */
import type { Json } from '../std/index.ts';
import { MAX_DEPTH, MAX_VALUES } from './defaults.ts';
import type { DocumentPath, Place } from './problem.ts';

export interface PlainText {
  readonly value: Json;
  /** Where a part stands; where it is missing, the part around it. */
  placeOf(path: DocumentPath): Place;
}

/** Undefined where the library has to read it. */
export function readPlainText(text: string): PlainText | undefined {
  if (FOREIGN.test(text)) return undefined;
  try {
    return new PlainReader(text).read();
  } catch {
    return undefined; // whatever stopped it, the library has the last word
  }
}

class NotPlain extends Error {}

/** Line breaks of other systems and characters that are none: the library knows what becomes of them. */
const FOREIGN = /[^\P{Cc}\t\n]|[\u2028\u2029\ufeff\ufffe\uffff]/u;

/** The rest of a line, which is nothing or a comment; then lines that are empty or comments. */
const LINE_END = / *(?: #[^\n]*)?\n(?: *(?:#[^\n]*)?\n)*/y;
const BLANK_LINES = /(?: *(?:#[^\n]*)?\n)*/y;
const SPACES = / */y;
const FLOW_SPACE = /[ \n\t]*/y;

const BLOCK_KEY =
  /(?:([A-Za-z_$][\w$.-]*)|("(?:[^"\\\n\t]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*"|'(?:[^'\n\t]|'')*')):(?=[ \n])/y;
const FLOW_KEY =
  /(?:([A-Za-z_$][\w$.-]*):(?=[ \n])|("(?:[^"\\\n\t]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*"|'(?:[^'\n\t]|'')*')[ \n\t]*:)/y;
const QUOTED = /"(?:[^"\\\n\t]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*"|'(?:[^'\n\t]|'')*'/y;
/** A text without quotes begins with what means nothing by itself. */
const BLOCK_TEXT = /[\w$./(\u00c0-\ud7ff][^\n\t]*|-\d[^\n\t]*/y;
const FLOW_TEXT = /[\w$./(\u00c0-\ud7ff][^\n\t,[\]{}]*|-\d[^\n\t,[\]{}]*/y;
const LITERAL = /\|(-?)\n/y;

const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:[eE][-+]?\d{1,2})?$/;
/** What is a number, or a word with a meaning, in one of its other forms. */
const SPECIAL =
  /^(?:[-+]?(?:\d+|\.\d+|\d+\.\d*)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[\da-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN|true|True|TRUE|false|False|FALSE|null|Null|NULL)$/;

const WORDS: ReadonlyMap<string, Json> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** A key that is a number changes its place among the others, and one of these words is read as what it means. */
const FOREIGN_KEY = /^\d+$|^(?:true|false|null|__proto__)$/i;

/** Reads from the first character to the last; gives up at the first that it does not know. */
class PlainReader {
  readonly #text: string;
  /** Where the parts of each map and list stand, in their order; for a map the keys do. */
  readonly #places = new Map<object, readonly number[]>();
  #at = 0;
  #lineStart = 0;
  /** Of the line at which the reader stands; -1 at the end of the text. */
  #indent = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text.endsWith('\n') ? text : `${text}\n`;
  }

  read(): PlainText {
    this.#skip(BLANK_LINES);
    this.#beginLine();
    const start = this.#at;
    const isFlow = this.#isAt('{') || this.#isAt('[');
    if (!isFlow && this.#indent !== 0) throw new NotPlain();
    const value = isFlow ? this.#flow(-1, 0) : this.#map(0, 0);
    if (isFlow) this.#endLine();
    if (this.#indent !== -1) throw new NotPlain();
    const lines = new Lines(this.#text);
    return { value, placeOf: (path) => lines.placeAt(this.#offsetOf(path, { value, start })) };
  }

  #offsetOf(path: DocumentPath, root: { readonly value: Json; readonly start: number }): number {
    let { value, start } = root as { value: Json | undefined; start: number };
    for (const part of path) {
      if (typeof value !== 'object' || value === null) return start;
      const index = Array.isArray(value) ? Number(part) : Object.keys(value).indexOf(String(part));
      const place = this.#places.get(value)?.[index];
      if (place === undefined) return start;
      start = place;
      value = (value as { readonly [part: string]: Json })[part];
    }
    return start;
  }

  #isAt(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) throw new NotPlain();
    this.#at = pattern.lastIndex;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #endLine(): void {
    this.#skip(LINE_END);
    this.#beginLine();
  }

  #beginLine(): void {
    this.#lineStart = this.#at;
    this.#skip(SPACES);
    this.#indent = this.#at === this.#text.length ? -1 : this.#at - this.#lineStart;
  }

  /** Counts a value, at a depth. */
  #count(depth: number): void {
    if (++this.#values > MAX_VALUES || depth >= MAX_DEPTH) throw new NotPlain();
  }

  #map(indent: number, depth: number): Json {
    this.#count(depth);
    const map: Record<string, Json> = {};
    const places: number[] = [];
    for (;;) {
      const at = this.#at;
      const name = this.#key(BLOCK_KEY, map);
      this.#skip(SPACES);
      const isNested = this.#isAt('\n') || this.#isAt('#');
      map[name] = isNested ? this.#nested(indent, depth + 1) : this.#inline(indent, depth + 1);
      places.push(at);
      if (this.#indent < indent) break;
      if (this.#indent > indent) throw new NotPlain();
    }
    this.#places.set(map, places);
    return map;
  }

  #key(pattern: RegExp, map: object): string {
    const match = this.#match(pattern);
    if (!match) throw new NotPlain();
    const name = match[1] ?? unquoted(match[2] as string);
    if (FOREIGN_KEY.test(name) || Object.hasOwn(map, name)) throw new NotPlain();
    return name;
  }

  /** The value of a key whose line ends there. */
  #nested(indent: number, depth: number): Json {
    if (this.#isAt('#')) this.#at--; // a comment begins with the space before it
    this.#endLine();
    const isList = this.#isAt('- ');
    if (this.#indent > indent)
      return isList ? this.#list(this.#indent, depth) : this.#map(this.#indent, depth);
    if (this.#indent === indent && isList) return this.#list(indent, depth);
    this.#count(depth);
    return null;
  }

  #list(indent: number, depth: number): Json {
    this.#count(depth);
    const list: Json[] = [];
    const places: number[] = [];
    while (this.#indent === indent && this.#isAt('- ')) {
      this.#at += 2;
      this.#skip(SPACES);
      places.push(this.#at);
      BLOCK_KEY.lastIndex = this.#at;
      const isMap = BLOCK_KEY.test(this.#text);
      list.push(isMap ? this.#map(this.#at - this.#lineStart, depth + 1) : this.#inline(indent, depth + 1));
    }
    this.#places.set(list, places);
    return list;
  }

  /** A value on the line of its key or its dash, and the end of that line. */
  #inline(indent: number, depth: number): Json {
    const literal = this.#match(LITERAL);
    if (literal) return this.#literal(indent, { depth, isStripped: literal[1] === '-' });
    const value =
      this.#isAt('{') || this.#isAt('[') ? this.#flow(indent, depth) : this.#scalar(BLOCK_TEXT, depth);
    this.#endLine();
    return value;
  }

  #scalar(pattern: RegExp, depth: number): Json {
    this.#count(depth);
    const quoted = this.#match(QUOTED);
    if (quoted) return unquoted(quoted[0]);
    const start = this.#at;
    const match = this.#match(pattern);
    if (!match) throw new NotPlain();
    const comment = match[0].indexOf(' #');
    const text = (comment === -1 ? match[0] : match[0].slice(0, comment)).trimEnd();
    if (text.includes(': ') || text.endsWith(':')) throw new NotPlain();
    this.#at = start + text.length;
    return resolved(text);
  }

  /** `|`: the lines that are indented further, as they are. */
  #literal(
    indent: number,
    { depth, isStripped }: { readonly depth: number; readonly isStripped: boolean },
  ): Json {
    this.#count(depth);
    this.#beginLine();
    const inner = this.#indent;
    if (inner <= indent || this.#isAt('\n')) throw new NotPlain();
    const lines: string[] = [];
    while (this.#indent >= inner || this.#isAt('\n')) {
      if (this.#isAt('\n') && this.#indent > 0) throw new NotPlain(); // spaces alone may be part of the text
      const end = this.#text.indexOf('\n', this.#at);
      lines.push(this.#text.slice(Math.min(this.#lineStart + inner, end), end));
      this.#at = end + 1;
      this.#beginLine();
    }
    if (this.#indent > indent) throw new NotPlain();
    const text = lines.join('\n').replace(/\n*$/, '');
    // Comments that follow are none of the text.
    this.#at = this.#lineStart;
    this.#skip(BLANK_LINES);
    this.#beginLine();
    return isStripped ? text : `${text}\n`;
  }

  /** `{…}` or `[…]`; its lines are indented further than the block around it. */
  #flow(indent: number, depth: number): Json {
    this.#count(depth);
    const isMap = this.#isAt('{');
    const close = isMap ? '}' : ']';
    const value: Json[] | Record<string, Json> = isMap ? {} : [];
    const places: number[] = [];
    this.#at++;
    this.#flowSpace(indent);
    while (!this.#isAt(close)) {
      if (places.length > 0) this.#comma(indent);
      places.push(this.#at);
      if (Array.isArray(value)) value.push(this.#flowValue(indent, depth + 1));
      else {
        const name = this.#key(FLOW_KEY, value);
        this.#flowSpace(indent);
        value[name] = this.#flowValue(indent, depth + 1);
      }
      this.#flowSpace(indent);
    }
    this.#at++;
    this.#places.set(value, places);
    return value;
  }

  #flowValue(indent: number, depth: number): Json {
    return this.#isAt('{') || this.#isAt('[') ? this.#flow(indent, depth) : this.#scalar(FLOW_TEXT, depth);
  }

  #comma(indent: number): void {
    if (!this.#isAt(',')) throw new NotPlain();
    this.#at++;
    this.#flowSpace(indent);
  }

  /** In a block the lines of what is in brackets are indented further, and a tab is no indentation. */
  #flowSpace(indent: number): void {
    const from = this.#at;
    this.#skip(FLOW_SPACE);
    if (indent === -1 || from === this.#at) return;
    const space = this.#text.slice(from, this.#at);
    const lineBreak = space.lastIndexOf('\n');
    if (space.includes('\t')) throw new NotPlain();
    if (lineBreak === -1) return;
    this.#lineStart = from + lineBreak + 1;
    if (this.#at - this.#lineStart <= indent) throw new NotPlain();
  }
}

function unquoted(text: string): string {
  if (text.startsWith('"')) return JSON.parse(text) as string;
  return text.slice(1, -1).replaceAll("''", "'");
}

function resolved(text: string): Json {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!SPECIAL.test(text)) return text;
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  const isExact = Number.isFinite(number) && !Object.is(number, -0);
  if (!isExact || (Number.isInteger(number) && !Number.isSafeInteger(number))) throw new NotPlain();
  return number;
}

/** Finds the line of an offset. */
class Lines {
  readonly #text: string;
  /** Filled at the first question: most documents are right, and nobody asks. */
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  placeAt(offset: number): Place {
    const starts = (this.#starts ??= this.#find());
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  }

  #find(): number[] {
    const starts = [0];
    for (let at = this.#text.indexOf('\n'); at !== -1; at = this.#text.indexOf('\n', at + 1))
      starts.push(at + 1);
    return starts;
  }
}
