/** A problem of a graph: what is wrong, where in the document, and how bad it is. */
import { type ErrorCode, type ErrorParams, messageOf } from '../errors/index.ts';
import { nearest } from '../std/index.ts';
import { MAX_PROBLEMS } from './defaults.ts';

/** Keys and list places from the top of the document. */
export type DocumentPath = readonly (string | number)[];

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/**
 * `error`: it is no graph. `unsupported`: it is one, and this version would not enforce all of it, so it is refused at
 * registration. `warning`: it is legal, and hardly what was meant.
 */
export type Severity = 'error' | 'unsupported' | 'warning';

export interface Problem {
  readonly severity: Severity;
  readonly code: ErrorCode;
  /** `steps.review.with.argv[2]`; empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export interface Finding {
  readonly severity?: Severity;
  readonly path: DocumentPath;
  /** Where the document is not read far enough to know its paths. */
  readonly place?: Place;
  readonly params?: ErrorParams;
  /** A name that nobody knows, and those that were meant, for the hint of the message. */
  readonly near?: { readonly name: string; readonly known: Iterable<string> };
}

/** Collects problems; a document that is nothing but problems is reported up to a limit. */
export class ProblemList {
  readonly #locate: (path: DocumentPath) => Place | undefined;
  readonly #problems: Problem[] = [];
  #count = 0;
  #errors = 0;

  constructor(locate: (path: DocumentPath) => Place | undefined = () => undefined) {
    this.#locate = locate;
  }

  add(code: ErrorCode, { severity = 'error', path, place, params, near }: Finding): void {
    this.#count++;
    if (severity === 'error') this.#errors++;
    if (this.#problems.length >= MAX_PROBLEMS) return;
    const where = textOfPath(path);
    const hint = near === undefined ? '' : hintFor(near.name, near.known);
    const told = { where: where === '' ? 'the document' : where, hint, ...cut(params) };
    const message = messageOf(code, told);
    this.#problems.push({ severity, code, path: where, message, ...(place ?? this.#locate(path)) });
  }

  /** Whether what was found so far makes it no graph. */
  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** How many were found, also beyond the limit of what is listed. */
  get count(): number {
    return this.#count;
  }

  /** In the order of the document, where lines are known. */
  get list(): readonly Problem[] {
    return this.#problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  }
}

/** Longest text of the document that a message repeats. */
const MAX_QUOTED = 300;

function cut(params: ErrorParams = {}): ErrorParams {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' && value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}…` : value,
    ]),
  );
}

const PLAIN_KEY = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;

/** `steps.review.with.argv[2]`, keys that are no words in quotes. */
export function textOfPath(path: DocumentPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!PLAIN_KEY.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** Names that are compared with a mistyped one: in larger graphs only a sample, so that a thousand mistakes stay cheap. */
const MAX_COMPARED = 200;

/** ` (did you mean "review"?)`, or nothing. */
export function hintFor(name: string, known: Iterable<string>): string {
  const near = nearest(name.slice(0, 100), [...Iterator.from(known).take(MAX_COMPARED)]);
  return near === undefined ? '' : ` (did you mean "${near}"?)`;
}
