/** Reads steps: each field checked and compiled, each mistake reported at its place. */
import { isPawlError } from '../errors/index.ts';
import { type Json, parseDuration } from '../std/index.ts';
import { parseRetry, type Retry, type RetryPolicy } from '../step/index.ts';
import { FINALIZE_DEADLINE_MS } from './defaults.ts';
import { readChoice } from './choice.ts';
import { readAssignment } from './assignment.ts';
import { readContract } from './contract.ts';
import type { ExpressionChecker } from './expression.ts';
import { isRecord } from './expression-types.ts';
import { type JoinField, LATER_STEP_FIELDS, type StepFields, stepSchema } from './fields.ts';
import type { GraphState, GraphStep } from './graph.ts';
import type { KindSpec } from './kind-spec.ts';
import type { DocumentPath, ProblemList } from './problem.ts';
import { type Question, withoutQuestions } from './question.ts';
import { readReduction } from './reduction.ts';
import { readFields } from './report-issues.ts';
import { compileTemplate } from './template.ts';
import type { SchemaCompilation, ValueSchema } from './value-schema.ts';
import { checkWith } from './with-fields.ts';

export interface StepSetting {
  readonly kinds: ReadonlyMap<string, KindSpec>;
  readonly retries: Readonly<Record<string, unknown>>;
  readonly state: GraphState;
  /** For `with`, where there is no output yet. */
  readonly before: ExpressionChecker;
  /** For `save`, after the outcome. */
  readonly after: ExpressionChecker;
  /** For `expression` of a `reduce` step, which speaks of its items. */
  readonly overItems: ExpressionChecker;
  readonly compileSchema: (source: Json) => SchemaCompilation;
  readonly problems: ProblemList;
}

/** Stands for a kind that nobody knows, so that the rest of its step is judged all the same. */
export const UNKNOWN_KIND: KindSpec = {
  name: '',
  labels: [],
  queue: 'general',
  opens: 'step',
  required: [],
};

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
  const kind = readKind(fields.kind, path, setting);
  const given = (fields.with ?? {}) as Readonly<Record<string, Json>>;
  const placed = { ...setting, kind, path: [...path, 'with'] };
  checkWith(given, placed);
  const questions = readQuestions(given, placed);
  const step: GraphStep = {
    index,
    name,
    kind,
    title: fields.title,
    with: readTemplate(withoutQuestions(given, questions), placed),
    save: readAssignment(fields.save, { checker: setting.after, path: [...path, 'save'], ...setting }),
    join: joinOf(fields.join),
    ...limitsOf(fields, { ...setting, path }),
    isAtMostOnce: fields.atMostOnce ?? false,
    isRepeatable: fields.repeatable ?? false,
    outputSchema: readSchema(fields.outputSchema as Json | undefined, [...path, 'outputSchema'], setting),
    finalize: fields.finalize,
    choice: kind.name === 'condition' ? readChoice(given, placed) : undefined,
    questions,
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

interface Placed extends StepSetting {
  readonly path: DocumentPath;
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

/** The branches of a condition are expressions themselves, and no templates. */
function readTemplate(
  given: Json,
  { kind, before, problems, path }: Placed & { readonly kind: KindSpec },
): GraphStep['with'] {
  const value = kind.name === 'condition' ? {} : given;
  return compileTemplate(value, before, (found) => {
    const { source, problem, position } = found;
    const params = { expression: source, problem, position };
    problems.add('EXPRESSION_INVALID', { path: [...path, ...found.path], params });
  });
}

function joinOf(join: JoinField | undefined): GraphStep['join'] {
  if (join === undefined || join === 'all') return 'all';
  if (join === 'any') return { count: 1, cancelsLosers: false };
  return { count: join.count, cancelsLosers: join.losers === 'cancel' };
}

type StepLimits = Pick<GraphStep, 'retry' | 'timeoutMs' | 'deadlineMs'>;

function limitsOf(fields: StepFields, placed: Placed): StepLimits {
  const { path, problems } = placed;
  const timeoutMs = readDuration(fields.timeout, [...path, 'timeout'], problems);
  const given = readDuration(fields.deadline, [...path, 'deadline'], problems);
  const deadlineMs = given ?? (fields.finalize === undefined ? undefined : FINALIZE_DEADLINE_MS);
  return { retry: retryOf(fields, placed), timeoutMs, deadlineMs };
}

export function readDuration(
  duration: string | number | undefined,
  path: DocumentPath,
  problems: ProblemList,
): number | undefined {
  if (duration === undefined) return undefined;
  return attempt(() => parseDuration(duration, path.join('.')), path, problems);
}

function retryOf({ retry, onExhausted }: StepFields, placed: Placed): RetryPolicy | undefined {
  if (retry === undefined && onExhausted === undefined) return undefined;
  const { retries, path, problems } = placed;
  const isOwn = typeof retry === 'string' && Object.hasOwn(retries, retry);
  const meant = (isOwn ? retries[retry] : retry) as Retry | undefined;
  const policy = attempt(() => parseRetry(meant, path.join('.')), [...path, 'retry'], problems);
  return policy && { ...policy, onExhausted: onExhausted ?? policy.onExhausted };
}

/** What the parsers of other rooms refuse becomes a problem at its place. */
export function attempt<T>(parse: () => T, path: DocumentPath, problems: ProblemList): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!isPawlError(error)) throw error;
    problems.add(error.code, { path, params: error.params });
    return undefined;
  }
}

export interface SchemaSetting {
  readonly compileSchema: (source: Json) => SchemaCompilation;
  readonly problems: ProblemList;
}

export function readSchema(
  source: Json | undefined,
  path: DocumentPath,
  { compileSchema, problems }: SchemaSetting,
): ValueSchema | undefined {
  if (source === undefined) return undefined;
  const compiled = compileSchema(source);
  if (compiled.ok) return compiled.schema;
  problems.add('FIELD_INVALID', { path, params: { problem: compiled.problem } });
  return undefined;
}
