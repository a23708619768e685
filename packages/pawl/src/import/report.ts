/** The report of an import: what became of every field, and what is refused because it cannot mean the same. */
import { catalogue, type ErrorCode, type ErrorParams } from '../errors/index.ts';
import { type DocumentPath, type Problem, type ProblemList, textOfPath } from '../graph/index.ts';
import type { Json } from '../std/index.ts';

/**
 * `mapped`: it means the same here. `approximated`: it means nearly the same, and the note says how. `meaningless`: it has no
 * meaning here, and the note says why. `refused`: it cannot mean the same here, and there is no graph.
 */
export type Fate = 'mapped' | 'approximated' | 'meaningless' | 'refused';

export interface Entry {
  /** In the file that was read; empty for what follows from the file as a whole. */
  readonly path: string;
  readonly fate: Fate;
  /** Where it went in the graph. */
  readonly to?: string;
  readonly note?: string;
}

/** What was refused, with the place in the file and what to do. */
export interface Refusal extends Problem {
  readonly todo: string;
}

/** A name that was not found, and those that were meant. */
export interface Near {
  readonly name: string;
  readonly known: Iterable<string>;
}

/** Collects entries and refusals; at the end it makes sure that no value of the file is without an entry. */
export class Report {
  readonly #problems: ProblemList;
  readonly #entries = new Map<string, Entry>();
  readonly #notes = new Map<string, Entry>();

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  add(path: DocumentPath, entry: Omit<Entry, 'path'>): void {
    const where = textOfPath(path);
    this.#entries.set(where, { path: where, ...entry });
  }

  has(path: DocumentPath): boolean {
    return this.#entries.has(textOfPath(path));
  }

  /** What follows from the file without standing in it, and is not quite as it is there. */
  note(note: string, to: string): void {
    this.#notes.set(`${to} ${note}`, { path: '', fate: 'approximated', to, note });
  }

  /** What follows from the file without standing in it, and is as it is there. */
  follows(note: string, to: string): void {
    this.#notes.set(`${to} ${note}`, { path: '', fate: 'mapped', to, note });
  }

  refuse(code: ErrorCode, path: DocumentPath, more: { params?: ErrorParams; near?: Near } = {}): void {
    this.#problems.add(code, { path, ...more });
    this.add(path, { fate: 'refused', note: code });
  }

  get isRefused(): boolean {
    return this.#problems.hasErrors;
  }

  /** In the order of the file. */
  get refusals(): readonly Refusal[] {
    return this.#problems.list.map((problem) => ({ ...problem, todo: catalogue[problem.code].todo }));
  }

  /** The entries, one at least for each value of the file: what nobody looked at is reported as such. */
  entriesFor(value: Json): readonly Entry[] {
    const found: Entry[] = [...this.#notes.values()];
    const walk = (part: Json, path: DocumentPath): void => {
      const where = textOfPath(path);
      const entry = this.#entries.get(where);
      if (entry) found.push(entry);
      else if (isLeaf(part)) found.push(unread(part, where));
      // What is refused as a whole says nothing of its parts.
      if (!isLeaf(part) && (!entry || entry.fate === 'refused'))
        for (const [key, inner] of partsOf(part)) walk(inner, [...path, key]);
    };
    walk(value, []);
    return found;
  }
}

function isLeaf(part: Json): boolean {
  return typeof part !== 'object' || part === null || Object.keys(part).length === 0;
}

function partsOf(part: Json): readonly (readonly [string | number, Json])[] {
  return Array.isArray(part) ? [...part.entries()] : Object.entries(part as { [key: string]: Json });
}

function unread(part: Json, path: string): Entry {
  const isEmpty = part === null || part === '' || typeof part === 'object';
  return isEmpty
    ? { path, fate: 'mapped', note: 'empty' }
    : { path, fate: 'meaningless', note: 'no field that this importer knows' };
}
