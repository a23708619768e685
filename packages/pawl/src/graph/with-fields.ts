/** The fields of `with` that a kind takes, and gates that nobody could ever pass. */
import { type Json, parseDuration, parseInstant, parseLimit } from '../std/index.ts';
import { attempt } from './attempt.ts';
import { isRecord } from './expression-types.ts';
import type { KindSpec } from './kind-spec.ts';
import type { DocumentPath } from './problem.ts';
import { checkSchema, type SchemaSetting } from './schema.ts';

export interface WithSetting extends SchemaSetting {
  readonly kind: KindSpec;
  readonly path: DocumentPath;
}

export function checkWith(given: Readonly<Record<string, Json>>, setting: WithSetting): void {
  const { kind, path, problems } = setting;
  if (kind.name === 'condition') return; // its branches are read with their expressions
  for (const field of kind.required)
    if (!Object.hasOwn(given, field))
      problems.add('WITH_FIELD_MISSING', { path, params: { kind: kind.name, field } });
  if (kind.optional !== undefined) checkNames(given, [...kind.required, ...kind.optional], setting);
  if (kind.name === 'approval') checkApprovers(given.approvers, setting);
  if (kind.name === 'function') checkFunction(given.function, setting);
  checkTimes(given, setting);
  if (kind.name === 'signal' || kind.name === 'input')
    checkSchema(given.schema, [...path, 'schema'], setting);
  if (kind.name === 'sleep' && Object.keys(given).length !== 1)
    problems.add('FIELD_INVALID', { path, params: { problem: 'give either `for` or `until`' } });
}

function checkNames(
  given: Readonly<Record<string, Json>>,
  known: readonly string[],
  { path, problems }: WithSetting,
): void {
  for (const field of Object.keys(given)) {
    if (known.includes(field)) continue;
    problems.add('FIELD_UNKNOWN', {
      path: [...path, field],
      params: { field },
      near: { name: field, known },
    });
  }
}

/** Times of each kind, and how each is read; a signal may be asked for and not waited for. */
const TIMES: Readonly<Record<string, Readonly<Record<string, typeof parseDuration>>>> = {
  sleep: { for: parseDuration },
  signal: { timeout: parseDuration },
  approval: { deadline: parseLimit },
  input: { deadline: parseLimit },
  escalate: { deadline: parseLimit },
};

/** What is written out is judged now; what a template gives, when the step runs. */
function checkTimes(given: Readonly<Record<string, Json>>, { kind, path, problems }: WithSetting): void {
  for (const [field, parse] of Object.entries(TIMES[kind.name] ?? {})) {
    const value = given[field];
    if (value === undefined || isTemplate(value)) continue;
    attempt(() => parse(value as string, [...path, field].join('.')), [...path, field], problems);
  }
  const { until } = given;
  if (kind.name !== 'sleep' || until === undefined || isTemplate(until)) return;
  if (typeof until === 'string' && parseInstant(until) !== undefined) return;
  const problem = 'must be a time such as 2026-01-31T09:00:00Z';
  problems.add('FIELD_INVALID', { path: [...path, 'until'], params: { problem } });
}

function isTemplate(value: Json): boolean {
  return typeof value === 'string' && value.includes('{{');
}

function checkFunction(name: Json | undefined, { path, problems }: WithSetting): void {
  if (name === undefined || (typeof name === 'string' && name !== '')) return;
  problems.add('FIELD_INVALID', {
    path: [...path, 'function'],
    params: { problem: 'must be the name of a function' },
  });
}

/** A list of names; a role or a quorum is part of the format, and cannot be held to yet. */
function checkApprovers(approvers: Json | undefined, { path, problems }: WithSetting): void {
  const at = [...path, 'approvers'];
  if (isRecord(approvers)) problems.add('NOT_SUPPORTED_YET', { severity: 'unsupported', path: at });
  if (Array.isArray(approvers) && approvers.length === 0) problems.add('APPROVAL_IMPOSSIBLE', { path: at });
}
