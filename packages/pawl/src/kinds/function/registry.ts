/** The functions that graphs may call by name. */
import { messageOf, pawlError } from '../../errors/index.ts';
import { type Json, nearest, type RunLog } from '../../std/index.ts';
import type { UsageReport } from '../../step/index.ts';

/** What a function gets besides its input. */
export interface FunctionTools {
  readonly runId: string;
  /** The step's path in the run: its identity. */
  readonly path: string;
  /** This try of the step, from 1. */
  readonly attempt: number;
  /** The same for every attempt: send it to whoever can recognize a repetition. */
  readonly idempotencyKey: string;
  /** Aborted on timeout, cancel and loss of the lease. */
  readonly signal: AbortSignal;
  /** Adds what was used; recorded with the outcome. */
  readonly report: (usage: UsageReport) => void;
  /** Records progress that people can watch. */
  readonly progress: (data: Json) => void;
  /** A sign of life, for steps with a `heartbeat`. `progress` is one too. */
  readonly heartbeat: () => void;
  readonly log: RunLog;
}

/** Code of the user that a graph calls by name. What it returns is the output of the step; a throw fails it. */
export type NamedFunction = (input: never, tools: FunctionTools) => unknown;

export type FunctionRegistry = ReadonlyMap<string, NamedFunction>;

const MAX_NAME_LENGTH = 200;

/**
 * Reads the functions that somebody hands over.
 * @throws `OPTION_INVALID` for what is no function, and for a name that is empty or too long.
 */
export function functionRegistry(
  given: Readonly<Record<string, NamedFunction>>,
  where = 'open.functions',
): FunctionRegistry {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw pawlError('OPTION_INVALID', { where, problem: 'it must be an object { name: function }' });
  for (const [name, fn] of Object.entries(given)) {
    if (typeof fn !== 'function')
      throw pawlError('OPTION_INVALID', { where: `${where}.${name}`, problem: 'it must be a function' });
    if (name === '' || name.length > MAX_NAME_LENGTH || !name.isWellFormed() || name.includes('\u0000'))
      throw pawlError('OPTION_INVALID', { where, problem: `${JSON.stringify(name)} is no name` });
  }
  return new Map(Object.entries(given));
}

/** What is wrong with a name that a graph calls, with the nearest known one; undefined where it is registered. */
export function functionProblem(registry: FunctionRegistry, name: string): string | undefined {
  if (registry.has(name)) return undefined;
  const near = nearest(name.slice(0, MAX_NAME_LENGTH), [...registry.keys()]);
  const hint = near === undefined ? '' : ` (did you mean "${near}"?)`;
  return messageOf('FUNCTION_UNKNOWN', { name, hint });
}
