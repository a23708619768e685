/** Step paths: a step's identity in its run, `scope/name#occurrence`; never its position. */
import { pawlError } from '../errors/index.ts';

/** The path of a step, wait or child, such as `review/item:2/search` or `lint#2`. */
export type StepPath = string;

/** No separators of paths, no white space, no control characters, no half characters. */
const NAME = /^[^/#:\s\p{Cc}\p{Cs}]{1,64}$/u;

export function isName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name);
}

/** @throws `NAME_INVALID` for a name that cannot be part of a path. */
export function requireName(name: unknown, what: string): string {
  if (isName(name)) return name;
  throw pawlError('NAME_INVALID', { name: String(name), what });
}

/** The path of a name in a scope (the empty scope is the run itself), from its occurrence 1. */
export function pathOf(scope: StepPath, name: string, occurrence: number): StepPath {
  const own = occurrence === 1 ? name : `${name}#${occurrence}`;
  return scope === '' ? own : `${scope}/${own}`;
}

/** Whether `path` lies inside `scope` (a scope is not inside itself). */
export function isInside(path: StepPath, scope: StepPath): boolean {
  return path.length > scope.length && path.startsWith(scope) && path[scope.length] === '/';
}
