/** A part of the file that is read: its value, its place, and what is said of it in the report. */
import type { ErrorCode, ErrorParams } from '../errors/index.ts';
import type { DocumentPath } from '../graph/index.ts';
import { type Json, parseDuration } from '../std/index.ts';
import type { Near, Report } from './report.ts';

export type Fields = { [key: string]: Json };

/** The fields of a step. */
export type StepFields = Fields & { kind: string };

/** Missing parts are parts too: whoever asks for a field gets one, and looks whether it is there. */
export class Part {
  readonly value: Json | undefined;
  readonly path: DocumentPath;
  readonly report: Report;

  constructor(value: Json | undefined, path: DocumentPath, report: Report) {
    this.value = value;
    this.path = path;
    this.report = report;
  }

  /** Null and an empty text are nothing. */
  get isThere(): boolean {
    return this.value !== undefined && this.value !== null && this.value !== '';
  }

  get isRecord(): boolean {
    return isFields(this.value);
  }

  /** Of what is no object, none. */
  get fields(): Fields {
    return isFields(this.value) ? this.value : {};
  }

  at(key: string): Part {
    const { value } = this;
    const inner = isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return new Part(inner, [...this.path, key], this.report);
  }

  /** The first of these fields that is there. */
  find(...keys: readonly string[]): Part {
    const found = keys.map((key) => this.at(key));
    return found.find((part) => part.isThere) ?? (found[0] as Part);
  }

  /** The items of a list; a value that is none is refused. */
  items(): readonly Part[] {
    const { value } = this;
    if (!this.isThere) return [];
    if (!Array.isArray(value)) return this.#misshapen('a list', []);
    return value.map((item, index) => new Part(item, [...this.path, index], this.report));
  }

  entries(): readonly (readonly [string, Part])[] {
    const { value } = this;
    if (!this.isThere) return [];
    if (!isFields(value)) return this.#misshapen('an object', []);
    return Object.keys(value).map((key) => [key, this.at(key)] as const);
  }

  text(): string | undefined {
    const { value } = this;
    if (!this.isThere) return undefined;
    return typeof value === 'string' ? value : this.#misshapen('text', undefined);
  }

  /** Of a name or a version, which YAML may have read as a number. */
  word(): string | undefined {
    return typeof this.value === 'number' ? String(this.value) : this.text();
  }

  number(): number | undefined {
    const { value } = this;
    if (!this.isThere) return undefined;
    return typeof value === 'number' ? value : this.#misshapen('a number', undefined);
  }

  flag(): boolean | undefined {
    const { value } = this;
    if (!this.isThere) return undefined;
    return typeof value === 'boolean' ? value : this.#misshapen('true or false', undefined);
  }

  texts(): readonly string[] {
    return this.items().flatMap((item) => item.text() ?? []);
  }

  /** A duration: seconds, `{ secs }`, or a text such as `48h`. */
  duration(unit: 's' | 'ms' | 'h' = 's'): string | undefined {
    const { value } = this;
    if (!this.isThere) return undefined;
    const amount = isFields(value) ? value['secs'] : value;
    const duration = typeof amount === 'number' ? `${amount}${unit}` : amount;
    return typeof duration === 'string' && isDuration(duration)
      ? duration
      : this.#misshapen('a duration', undefined);
  }

  get isReported(): boolean {
    return this.report.has(this.path);
  }

  /** It means the same there. */
  to(target: string, note?: string): this {
    this.report.add(this.path, { fate: 'mapped', to: target, ...(note === undefined ? {} : { note }) });
    return this;
  }

  /** It means nearly the same there. */
  nearly(target: string, note: string): this {
    this.report.add(this.path, { fate: 'approximated', to: target, note });
    return this;
  }

  /** It has no meaning here. */
  without(note: string): this {
    if (this.isThere) this.report.add(this.path, { fate: 'meaningless', note });
    return this;
  }

  refuse(code: ErrorCode, params: ErrorParams = {}, near?: Near): void {
    this.report.refuse(code, this.path, { params, ...(near === undefined ? {} : { near }) });
  }

  /** It cannot mean the same here. */
  differs(problem: string): void {
    this.refuse('IMPORT_DIFFERS', { problem });
  }

  #misshapen<Nothing>(wanted: string, nothing: Nothing): Nothing {
    this.refuse('IMPORT_SHAPE', { problem: `must be ${wanted}` });
    return nothing;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDuration(text: string): boolean {
  try {
    return parseDuration(text, '') >= 0;
  } catch {
    return false;
  }
}
