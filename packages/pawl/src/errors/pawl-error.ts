/** The error that every door of Pawl throws: a code of the catalogue, a message that names the thing, what to do next. */
import { catalogue, type ErrorCode } from './catalogue.ts';

/** Who must act: the caller (`usage`), the operator (`operational`), us (`defect`), or the workflow (`failure`). */
export type ErrorFamily = 'usage' | 'operational' | 'defect' | 'failure';

export type ErrorParams = Readonly<Record<string, string | number>>;

/** Base of the three families; catch it to handle everything that Pawl throws, and look at `code`. */
export class PawlError extends Error {
  readonly code: ErrorCode;
  readonly family: ErrorFamily;
  /** What to do about it, one sentence. */
  readonly todo: string;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams, options?: { cause?: unknown }) {
    super(fill(catalogue[code].message, params), options);
    this.name = new.target.name;
    this.code = code;
    this.family = catalogue[code].family;
    this.todo = fill(catalogue[code].todo, params);
    this.params = params;
  }
}

/** The caller asked for something that cannot be: nothing was changed. */
export class UsageError extends PawlError {}

/** The surroundings failed (file, disk, database, other process): an operator can mend it. */
export class OperationalError extends PawlError {}

/** Pawl broke one of its own rules: please report it. */
export class Defect extends PawlError {}

/** The error of a code, in the class of its family; `params` fill the placeholders of its message. */
export function pawlError(
  code: ErrorCode,
  params: ErrorParams = {},
  options?: { cause?: unknown },
): PawlError {
  const family: ErrorFamily = catalogue[code].family;
  if (family === 'operational') return new OperationalError(code, params, options);
  if (family === 'defect') return new Defect(code, params, options);
  return new UsageError(code, params, options);
}

function fill(template: string, params: ErrorParams): string {
  return template.replace(/\{(\w+)\}/g, (_all, name: string) => String(params[name] ?? `{${name}}`));
}

/** The message of a catalogue code, filled: for failures, which are data and not thrown by us. */
export function messageOf(code: ErrorCode, params: ErrorParams = {}): string {
  return fill(catalogue[code].message, params);
}

export function isPawlError(error: unknown): error is PawlError {
  return error instanceof PawlError;
}
