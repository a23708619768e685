/** The options of acts and lists, checked at the door: nothing is accepted and ignored. */
import { pawlError } from '../errors/index.ts';
import { RUN_STATUSES } from '../run/index.ts';
import type { ListRunsOptions, WaitView } from './api.ts';

/** Longest value of each option of an act, in characters. */
const LIMITS: Readonly<Record<string, number>> = { by: 256, comment: 16_384, reason: 16_384, dedupeId: 256 };
const WAIT_KINDS = ['sleep', 'signal', 'input', 'approval'];

/** @throws `OPTION_UNKNOWN`, `OPTION_INVALID` */
export function checkAct<Options extends object>(options: Options | undefined, verb: string): Options {
  const given = options ?? ({} as Options);
  if (typeof given !== 'object')
    throw pawlError('OPTION_INVALID', { where: verb, problem: 'the options are an object' });
  for (const [option, value] of Object.entries(given) as [string, unknown][]) {
    const limit = LIMITS[option];
    if (limit === undefined)
      throw pawlError('OPTION_UNKNOWN', {
        where: verb,
        option,
        hint: '',
        known: Object.keys(LIMITS).join(', '),
      });
    if (value === undefined) continue;
    if (!isText(value, limit) || (option === 'dedupeId' && value === '')) {
      throw pawlError('OPTION_INVALID', {
        where: `${verb}.${option}`,
        problem: `it must be a text of at most ${limit} characters`,
      });
    }
  }
  return given;
}

function isText(value: unknown, limit: number): boolean {
  return (
    typeof value === 'string' && value.length <= limit && value.isWellFormed() && !value.includes('\u0000')
  );
}

/** @throws `OPTION_INVALID` */
export function checkList(options: ListRunsOptions): ListRunsOptions {
  for (const status of options.status ?? []) {
    if (!RUN_STATUSES.includes(status)) {
      throw pawlError('OPTION_INVALID', {
        where: 'runs.list.status',
        problem: `"${status}" is none of ${RUN_STATUSES.join(', ')}`,
      });
    }
  }
  return options;
}

/** @throws `OPTION_INVALID` */
export function checkWaitKinds(kinds: readonly WaitView['kind'][] | undefined): void {
  for (const kind of kinds ?? []) {
    if (!WAIT_KINDS.includes(kind))
      throw pawlError('OPTION_INVALID', {
        where: 'waits.kinds',
        problem: `"${kind}" is none of ${WAIT_KINDS.join(', ')}`,
      });
  }
}
