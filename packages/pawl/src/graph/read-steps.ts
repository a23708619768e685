/** Reads steps: each field checked and compiled, each mistake reported at its place. */
import type { Json } from '../std/index.ts';
import { readAssignment } from './assignment.ts';
import { FINALIZE_DEADLINE_MS } from './defaults.ts';
import { isRecord } from './expression-types.ts';
import { type JoinField, LATER_STEP_FIELDS, type StepFields, stepSchema } from './fields.ts';
import type { GraphStep } from './graph.ts';
import { readMap } from './read-map.ts';
import { readWork, type StepSetting } from './read-work.ts';
import { readFields } from './report-issues.ts';

export function readStep(
  name: string,
  value: Json,
  setting: StepSetting & { readonly index: number },
): GraphStep {
  const path = ['steps', name];
  const { problems, index } = setting;
  if (!isRecord(value)) problems.add('FIELD_INVALID', { path, params: { problem: 'must be a step' } });
  const raw = isRecord(value) ? value : {};
  const rules = { schema: stepSchema, path, later: LATER_STEP_FIELDS };
  const fields: StepFields = readFields(raw, rules, problems) ?? {
    kind: typeof raw.kind === 'string' ? raw.kind : '',
  };
  const deadlineMs = fields.finalize === undefined ? undefined : FINALIZE_DEADLINE_MS;
  const placed = { ...setting, name, path, deadlineMs };
  const work = readWork(fields, placed);
  const step: GraphStep = {
    index,
    ...work,
    save: readAssignment(fields.save, { ...setting, checker: setting.after, path: [...path, 'save'] }),
    join: joinOf(fields.join),
    finalize: fields.finalize,
    map: work.kind.name === 'map' ? readMap(fields, { ...placed, deadlineMs: work.deadlineMs }) : undefined,
    outgoing: [],
    incoming: [],
    loops: [],
    get ending() {
      return ending;
    },
  };
  const ending = {
    path: `steps.${name}`,
    from: step,
    to: undefined,
    labels: 'good',
    when: undefined,
    isElse: false,
    loop: undefined,
    leaves: [],
  } as const;
  return step;
}

function joinOf(join: JoinField | undefined): GraphStep['join'] {
  if (join === undefined || join === 'all') return 'all';
  if (join === 'any') return { count: 1, cancelsLosers: false };
  return { count: join.count, cancelsLosers: join.losers === 'cancel' };
}
