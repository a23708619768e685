/** Reads what is done: the kind, its `with`, retries and limits, of a step of the graph and of the items of a map alike. */
import { type Json, parseLimit } from '../std/index.ts';
import { parseRetry, type Retry, type RetryPolicy } from '../step/index.ts';
import { attempt } from './attempt.ts';
import { readChoice } from './choice.ts';
import { readContract } from './contract.ts';
import type { ExpressionChecker } from './expression.ts';
import type { ValueType } from './expression-types.ts';
import type { ItemFields } from './fields.ts';
import type { GraphState, Work } from './graph.ts';
import type { KindSpec } from './kind-spec.ts';
import type { DocumentPath, ProblemList } from './problem.ts';
import { type Question, withoutQuestions } from './question.ts';
import { readReduction } from './reduction.ts';
import { readSchema, type SchemaSetting } from './schema.ts';
import { compileTemplate, type Template } from './template.ts';
import { checkWith } from './with-fields.ts';

export interface StepSetting extends SchemaSetting {
  readonly kinds: ReadonlyMap<string, KindSpec>;
  readonly retries: Readonly<Record<string, unknown>>;
  readonly state: GraphState;
  /** For `with`, where there is no output yet. */
  readonly before: ExpressionChecker;
  /** For `save`, after the outcome. */
  readonly after: ExpressionChecker;
  /** For the work of a map's items, which speaks of `item` and `index` too. */
  readonly beforeItem: (item: ValueType) => ExpressionChecker;
  /** For `expression` of a `reduce` step, which speaks of its items. */
  readonly overItems: ExpressionChecker;
}

/** Stands for a kind that nobody knows, so that the rest of its step is judged all the same. */
export const UNKNOWN_KIND: KindSpec = {
  name: '',
  labels: [],
  queue: 'general',
  opens: 'step',
  required: [],
};

export interface Placed extends StepSetting {
  readonly path: DocumentPath;
}

export interface WorkSetting extends Placed {
  readonly name: string;
  /** Where the fields give none. */
  readonly deadlineMs: number | undefined;
}

/** Everything but what ties a step to others. */
export function readWork(fields: ItemFields, setting: WorkSetting): Work {
  const { name, path } = setting;
  const kind = readKind(fields.kind, path, setting);
  const given = (fields.with ?? {}) as Readonly<Record<string, Json>>;
  const inWith = { ...setting, kind, path: [...path, 'with'] };
  checkWith(given, inWith);
  checkAttempts(fields, kind, setting);
  const questions = readQuestions(given, inWith);
  return {
    name,
    kind,
    title: fields.title,
    with: readTemplate(withoutQuestions({ ...templatesIn(given, kind) }, questions), inWith),
    ...limitsOf(fields, setting),
    isAtMostOnce: fields.atMostOnce ?? false,
    isRepeatable: fields.repeatable ?? false,
    ...readQueue(fields, kind, setting),
    outputSchema: readSchema(fields.outputSchema as Json | undefined, [...path, 'outputSchema'], setting),
    choice: kind.name === 'condition' ? readChoice(given, inWith) : undefined,
    questions,
  };
}

function readKind(name: string, path: DocumentPath, { kinds, problems }: StepSetting): KindSpec {
  const kind = kinds.get(name);
  if (kind === undefined) {
    const at = [...path, 'kind'];
    problems.add('STEP_KIND_UNKNOWN', {
      path: at,
      params: { kind: name },
      near: { name, known: kinds.keys() },
    });
  } else if (kind.isLater)
    problems.add('NOT_SUPPORTED_YET', { severity: 'unsupported', path: [...path, 'kind'] });
  return kind ?? UNKNOWN_KIND;
}

export const OF_ATTEMPTS = [
  'retry',
  'timeout',
  'deadline',
  'heartbeat',
  'onExhausted',
  'atMostOnce',
  'repeatable',
] as const;

/** Where a wait says how long it lasts. */
const OWN_LIMITS: Readonly<Record<string, string>> = {
  approval: 'deadline',
  input: 'deadline',
  escalate: 'deadline',
  signal: 'timeout',
};

/** What waits, and a run of its own, has no attempts: it would be accepted and ignored. */
function checkAttempts(
  fields: ItemFields & { readonly finalize?: unknown },
  kind: KindSpec,
  { path, problems }: Placed,
): void {
  if (fields.atMostOnce === true && fields.repeatable === true)
    problems.add('FIELD_INVALID', {
      path: [...path, 'repeatable'],
      params: { problem: 'a step is either repeatable or atMostOnce' },
    });
  if (kind.opens === 'step') return;
  const limit = OWN_LIMITS[kind.name];
  for (const name of OF_ATTEMPTS) {
    if (fields[name] === undefined || (name === 'deadline' && fields.finalize !== undefined)) continue;
    const isLimit = (name === 'timeout' || name === 'deadline') && limit !== undefined;
    const hint = isLimit ? `: write \`${limit}\` in its \`with\`` : '';
    const problem = `a step of kind ${kind.name} has no attempts${hint}`;
    problems.add('FIELD_INVALID', { path: [...path, name], params: { problem } });
  }
}

/** What waits for people or for a run of its own is no work for a queue. */
function readQueue(
  { queue, dispatch }: ItemFields,
  kind: KindSpec,
  { path, problems }: Placed,
): Pick<Work, 'queue' | 'isDispatched'> {
  const named = queue !== undefined ? 'queue' : dispatch === true ? 'dispatch' : undefined;
  if (named !== undefined && kind.opens !== 'step')
    problems.add('FIELD_INVALID', {
      path: [...path, named],
      params: { problem: `a step of kind ${kind.name} is no work for a queue` },
    });
  return { queue, isDispatched: dispatch };
}

const NO_QUESTIONS: readonly Question[] = [];

/** What the kinds ask that have rules of their own for what is inside `with`. */
function readQuestions(
  given: Readonly<Record<string, Json>>,
  { kind, before, overItems, ...placed }: Placed & { readonly kind: KindSpec },
): readonly Question[] {
  if (kind.name === 'reduce') return readReduction(given, { ...placed, checker: overItems });
  if (kind.name === 'verify') return readContract(given, { ...placed, checker: before });
  return NO_QUESTIONS;
}

/** What is resolved before a visit. The branches of a condition are expressions; what runs for an item is resolved for each. */
function templatesIn(
  given: Readonly<Record<string, Json>>,
  { name }: KindSpec,
): Readonly<Record<string, Json>> {
  if (name === 'condition') return {};
  if (name !== 'map') return given;
  const { items = null, concurrency, minSuccess } = given;
  return {
    items,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(minSuccess === undefined ? {} : { minSuccess }),
  };
}

export interface TemplateSetting {
  readonly before: ExpressionChecker;
  readonly path: DocumentPath;
  readonly problems: ProblemList;
}

export function readTemplate(value: Json, setting: TemplateSetting): Template {
  const { before, path, problems } = setting;
  return compileTemplate(value, before, (found) => {
    const { source, problem, position } = found;
    const params = { expression: source, problem, position };
    problems.add('EXPRESSION_INVALID', { path: [...path, ...found.path], params });
  });
}

type WorkLimits = Pick<Work, 'retry' | 'timeoutMs' | 'deadlineMs' | 'heartbeatMs'>;

function limitsOf(fields: ItemFields, setting: WorkSetting): WorkLimits {
  const { path, problems } = setting;
  const timeoutMs = readDuration(fields.timeout, [...path, 'timeout'], problems);
  const given = readDuration(fields.deadline, [...path, 'deadline'], problems);
  const heartbeatMs = readDuration(fields.heartbeat, [...path, 'heartbeat'], problems);
  return { retry: retryOf(fields, setting), timeoutMs, deadlineMs: given ?? setting.deadlineMs, heartbeatMs };
}

export function readDuration(
  duration: string | number | undefined,
  path: DocumentPath,
  problems: ProblemList,
): number | undefined {
  if (duration === undefined) return undefined;
  return attempt(() => parseLimit(duration, path.join('.')), path, problems);
}

function retryOf({ retry, onExhausted }: ItemFields, placed: Placed): RetryPolicy | undefined {
  if (retry === undefined && onExhausted === undefined) return undefined;
  const { retries, path, problems } = placed;
  const isOwn = typeof retry === 'string' && Object.hasOwn(retries, retry);
  const meant = (isOwn ? retries[retry] : retry) as Retry | undefined;
  const policy = attempt(() => parseRetry(meant, [...path, 'retry'].join('.')), [...path, 'retry'], problems);
  return policy && { ...policy, onExhausted: onExhausted ?? policy.onExhausted };
}
