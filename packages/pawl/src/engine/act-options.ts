/** The options of acts and lists, checked at the door: nothing is accepted and ignored. */
import { pawlError } from '../errors/index.ts';
import { RUN_STATUSES } from '../run/index.ts';
import { checkOptions, checkText, checkWhole } from '../std/index.ts';
import type { ListRunsOptions, WaitsOptions } from './api.ts';

/** Most runs, or waits, in one answer. */
export const MAX_LIST = 1_000;
/** Longest text to look for. */
const MAX_FILTER = 256;

/** Longest value of each option of an act, in characters. */
const LIMITS = { by: 256, comment: 16_384, reason: 16_384, outcome: 64, dedupeId: 256 } as const;
const ACTS = {
  signal: ['by', 'dedupeId'],
  approve: ['by', 'comment', 'dedupeId'],
  reject: ['by', 'comment', 'dedupeId'],
  answer: ['by', 'outcome', 'dedupeId'],
  cancel: ['by', 'reason', 'dedupeId'],
  pause: ['by', 'dedupeId'],
  resume: ['by', 'maxSteps', 'dedupeId'],
  retry: ['by', 'dedupeId'],
} as const;
const WAIT_KINDS = ['sleep', 'signal', 'input', 'approval'];

export type Act = keyof typeof ACTS;

/** @throws `OPTION_UNKNOWN`, `OPTION_INVALID` */
export function checkAct<Options extends object>(options: Options | undefined, verb: Act): Options {
  checkOptions(options, { where: verb, known: ACTS[verb] });
  const given: Options & { readonly [Option in keyof typeof LIMITS]?: unknown } = options ?? ({} as Options);
  for (const option of Object.keys(LIMITS) as (keyof typeof LIMITS)[])
    checkText(given[option], `${verb}.${option}`, LIMITS[option]);
  if (given.dedupeId === '')
    throw pawlError('OPTION_INVALID', { where: `${verb}.dedupeId`, problem: 'it must not be empty' });
  return given;
}

const LIST_OPTIONS = ['status', 'workflow', 'parentRunId', 'before', 'limit'];

/** @throws `OPTION_UNKNOWN`, `OPTION_INVALID` */
export function checkList(options: ListRunsOptions): ListRunsOptions {
  const where = 'runs.list';
  checkOptions(options, { where, known: LIST_OPTIONS });
  const { status = [], workflow, parentRunId, before, limit } = options;
  for (const [option, text] of Object.entries({ workflow, parentRunId, before }))
    checkText(text, `${where}.${option}`, MAX_FILTER);
  checkWhole(limit, `${where}.limit`, { from: 1, to: MAX_LIST });
  checkAmong(status, `${where}.status`, RUN_STATUSES);
  return options;
}

/** @throws `OPTION_UNKNOWN`, `OPTION_INVALID` */
export function checkWaits(options: WaitsOptions): void {
  checkOptions(options, { where: 'waits', known: ['runId', 'kinds'] });
  checkText(options.runId, 'waits.runId', MAX_FILTER);
  checkAmong(options.kinds ?? [], 'waits.kinds', WAIT_KINDS);
}

function checkAmong(values: unknown, where: string, known: readonly string[]): void {
  if (!Array.isArray(values)) throw pawlError('OPTION_INVALID', { where, problem: 'it is a list' });
  for (const value of values) {
    if (known.includes(value as string)) continue;
    throw pawlError('OPTION_INVALID', {
      where,
      problem: `"${String(value)}" is none of ${known.join(', ')}`,
    });
  }
}
