/** The fields of `with` that a kind takes, and gates that nobody could ever pass. */
import type { Json } from '../std/index.ts';
import { isRecord } from './expression-types.ts';
import type { KindSpec } from './kind-spec.ts';
import type { DocumentPath, ProblemList } from './problem.ts';

export interface WithSetting {
  readonly kind: KindSpec;
  readonly path: DocumentPath;
  readonly problems: ProblemList;
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
