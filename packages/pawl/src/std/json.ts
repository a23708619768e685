/** What a value in the journal may be: plain JSON, checked with the path of what is not. */

/** A JSON value as it comes back from the journal. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A value that cannot be recorded, with the path of the offending part (`$.items[2].when`). */
export interface ValueProblem {
  readonly path: string;
  readonly problem: string;
}

const MAX_DEPTH = 200;

/**
 * Finds the first part of `value` that JSON would lose or change: NaN, Infinity, -0 is accepted as 0, Date, Map, Set,
 * class instances, functions, symbols, BigInt, cycles, lone surrogates and NUL in text, depth over 200. Undefined properties are
 * dropped by JSON and so are allowed; an undefined element of a list becomes null, as JSON has it.
 */
export function findValueProblem(value: unknown): ValueProblem | undefined {
  return problemOf(value, '$', []);
}

function problemOf(value: unknown, path: string, ancestors: object[]): ValueProblem | undefined {
  switch (typeof value) {
    case 'string':
      return textProblem(value, path);
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : { path, problem: `${String(value)} is not a JSON number` };
    case 'object':
      return value === null ? undefined : objectProblem(value, path, ancestors);
    case 'undefined':
      return { path, problem: 'undefined cannot be recorded here' };
    case 'bigint':
      return { path, problem: 'a BigInt cannot be recorded; convert it to a string' };
    case 'function':
      return { path, problem: 'a function cannot be recorded' };
    case 'symbol':
      return { path, problem: 'a symbol cannot be recorded' };
  }
}

function textProblem(text: string, path: string): ValueProblem | undefined {
  if (!text.isWellFormed()) return { path, problem: 'the text holds a lone surrogate' };
  if (text.includes('\u0000')) return { path, problem: 'the text holds a NUL character' };
  return undefined;
}

function objectProblem(value: object, path: string, ancestors: object[]): ValueProblem | undefined {
  if (ancestors.includes(value)) return { path, problem: 'the value contains itself' };
  if (ancestors.length >= MAX_DEPTH) return { path, problem: `nested deeper than ${MAX_DEPTH} levels` };
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function' && isPlain(value)) {
    return { path, problem: 'an object with toJSON cannot be recorded' };
  }
  ancestors.push(value);
  const problem = Array.isArray(value)
    ? listProblem(value, path, ancestors)
    : recordProblem(value, path, ancestors);
  ancestors.pop();
  return problem;
}

function listProblem(list: readonly unknown[], path: string, ancestors: object[]): ValueProblem | undefined {
  for (let index = 0; index < list.length; index++) {
    if (!(index in list)) return { path: `${path}[${index}]`, problem: 'the list has a hole' };
    if (list[index] === undefined) continue;
    const problem = problemOf(list[index], `${path}[${index}]`, ancestors);
    if (problem) return problem;
  }
  return undefined;
}

function recordProblem(value: object, path: string, ancestors: object[]): ValueProblem | undefined {
  if (!isPlain(value)) {
    const name = value.constructor?.name || 'class instance';
    return { path, problem: `a ${name} cannot be recorded; make it plain data` };
  }
  for (const symbol of Object.getOwnPropertySymbols(value)) {
    return { path, problem: `the symbol key ${String(symbol)} cannot be recorded` };
  }
  for (const key of Object.keys(value)) {
    const part = (value as Record<string, unknown>)[key];
    if (part === undefined) continue;
    const at = isPlainKey(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
    const problem =
      textProblem(key, at) ??
      (key === '__proto__'
        ? { path: at, problem: 'the key __proto__ is not allowed' }
        : problemOf(part, at, ancestors));
    if (problem) return problem;
  }
  return undefined;
}

/** A list, or an object without a class. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function isPlainKey(key: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(key);
}

/** JSON with the keys of every object sorted: two equal values give the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sortedCopy(part) : part)) ?? 'null';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedCopy(value: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, value[key]])); // an assignment would lose the key __proto__
}
