/** One door for YAML and JSON: text in, a plain value and the place of each of its parts out, with limits. */
import {
  Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
  YAMLParseError,
  type YAMLSeq,
} from 'yaml';
import { findValueProblem, type Json } from '../std/index.ts';
import { MAX_DEPTH, MAX_DOCUMENT_LENGTH, MAX_PARSE_ERRORS, MAX_VALUES } from './defaults.ts';
import { readPlainText } from './plain-text.ts';
import { type DocumentPath, type Place, ProblemList } from './problem.ts';

export interface GraphDocument {
  /** Undefined where its form is wrong: then the problems say how. */
  readonly value: Json | undefined;
  readonly problems: ProblemList;
}

/** Reads a document. Everything that is wrong with its form is in its problems; nothing is thrown. */
export function readDocument(text: string): GraphDocument {
  const plain = text.length > MAX_DOCUMENT_LENGTH ? undefined : readPlainText(text);
  if (plain === undefined || findValueProblem(plain.value)) return readYaml(text);
  return { value: plain.value, problems: new ProblemList((path) => plain.placeOf(path)) };
}

/** The reader of the library: any YAML, and what is wrong with it. */
export function readYaml(text: string): GraphDocument {
  const yaml = parse(text);
  const { document, lines } = yaml;
  const problems = new ProblemList((path) => placeOf(yaml, path));
  for (const { message, pos } of [...document.errors, ...document.warnings].slice(0, MAX_PARSE_ERRORS)) {
    const problem = wordsFor(message.replace(/(?: at line \d+, column \d+:?)?(?:\n[^]*)?$/, ''));
    problems.add('DOCUMENT_INVALID', { path: [], place: placeAt(lines, pos[0]), params: { problem } });
  }
  const reader = new Reader(problems);
  const value = problems.hasErrors ? null : reader.read(document.contents, []);
  return { value: problems.hasErrors ? undefined : value, problems };
}

/** What the library says to programmers, said to whoever wrote the document. */
function wordsFor(message: string): string {
  if (/call stack|Stack overflow/i.test(message)) return 'it is nested too deep';
  return message.replace(/; please use YAML\.\S+$/, ': one graph a file');
}

/** A value that a program made, read under the same rules as a document. */
export function documentOf(value: unknown): GraphDocument {
  const problems = new ProblemList();
  const found = findValueProblem(value);
  if (found)
    problems.add('DOCUMENT_INVALID', { path: [], params: { problem: `${found.path}: ${found.problem}` } });
  return { value: found ? undefined : (JSON.parse(JSON.stringify(value)) as Json), problems };
}

/** Numbers and true are texts, as keys. */
function nameOf(value: unknown): string | undefined {
  return typeof value === 'object' ? undefined : `${value as string | number | boolean}`;
}

interface Yaml {
  readonly document: Document;
  readonly lines: LineCounter;
}

function parse(text: string): Yaml {
  const lines = new LineCounter();
  return { document: parseWith(text, lines), lines };
}

function parseWith(text: string, lineCounter: LineCounter): Document {
  if (text.length > MAX_DOCUMENT_LENGTH) {
    lineCounter.addNewLine(0);
    return broken(`it is longer than ${MAX_DOCUMENT_LENGTH} characters`);
  }
  // The parser's own check for unique keys compares each key with each other one; the reader uses a set.
  return parseDocument(text, { lineCounter, uniqueKeys: false, logLevel: 'error', resolveKnownTags: false });
}

function broken(problem: string): Document {
  const document = new Document();
  document.errors.push(new YAMLParseError([0, 0], 'IMPOSSIBLE', problem));
  return document;
}

/** States: *reading* → *stopped* at the first limit that was passed, so that a bomb costs no more than its limit. */
class Reader {
  readonly #problems: ProblemList;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #values = 0;
  #isStopped = false;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  read(node: unknown, path: DocumentPath): Json {
    if (this.#isStopped) return null;
    if (++this.#values > MAX_VALUES) return this.#stop(path, `it has more than ${MAX_VALUES} values`);
    if (path.length > MAX_DEPTH) return this.#stop(path, `it is nested deeper than ${MAX_DEPTH} levels`);
    if (isAlias(node)) return this.#readAlias(node.source, path);
    if (isScalar(node)) return this.#readScalar(node, path);
    if (isMap(node) || isSeq(node)) return this.#readCollection(node, path);
    return null;
  }

  #stop(path: DocumentPath, problem: string): null {
    this.#isStopped = true;
    return this.#refuse(path, problem);
  }

  #refuse(path: DocumentPath, problem: string): null {
    this.#problems.add('DOCUMENT_INVALID', { path, params: { problem } });
    return null;
  }

  #readAlias(name: string, path: DocumentPath): Json {
    const target = this.#anchors.get(name);
    if (target === undefined || this.#open.has(target))
      return this.#refuse(path, `"*${name}" stands for nothing that comes before it`);
    return this.read(target, path);
  }

  #readScalar(node: Node & { value: unknown; source?: string }, path: DocumentPath): Json {
    this.#note(node);
    const { value } = node;
    const found = findValueProblem(value);
    if (found) return this.#refuse(path, found.problem);
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      return this.#refuse(path, `${String(value)} is too large a number; write it as text`);
    return value as Json;
  }

  #note(node: Node & { anchor?: string }): void {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
  }

  #readCollection(node: YAMLMap | YAMLSeq, path: DocumentPath): Json {
    this.#note(node);
    this.#open.add(node);
    const value = isSeq(node)
      ? node.items.map((item, index) => this.read(item, [...path, index]))
      : this.#readMap(node, path);
    this.#open.delete(node);
    return value;
  }

  #readMap(node: YAMLMap, path: DocumentPath): Json {
    const entries = new Map<string, Json>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? nameOf(key.value) : undefined;
      if (name === undefined) this.#refuse(path, 'a key must be text');
      else if (name === '__proto__') this.#refuse(path, 'the key __proto__ is not allowed');
      else if (entries.has(name)) this.#refuse([...path, name], 'the key is there twice');
      else entries.set(name, this.read(value, [...path, name]));
    }
    return Object.fromEntries(entries);
  }
}

/** Where a part stands; where it is missing, the part around it. */
function placeOf({ document, lines }: Yaml, path: DocumentPath): Place | undefined {
  let node: unknown = document.contents;
  let place = startOf(node, lines);
  for (const part of path) {
    const { anchorNode, inner } = partOf(node, part);
    place = startOf(anchorNode, lines) ?? place;
    node = inner;
  }
  return place;
}

/** The key of an entry is where people look for it; an item of a list stands for itself. */
function partOf(node: unknown, part: string | number): { anchorNode: unknown; inner: unknown } {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && nameOf(key.value) === part);
    return { anchorNode: pair?.key, inner: pair?.value };
  }
  const item: unknown = isSeq(node) ? node.items[Number(part)] : undefined;
  return { anchorNode: item, inner: item };
}

function startOf(node: unknown, lines: LineCounter): Place | undefined {
  const range = (node as Node | undefined)?.range;
  return range ? placeAt(lines, range[0]) : undefined;
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
