/** Validation: a document in, a graph or every problem of it out, in time that grows with its size alone. */
import { type Json, schemaCompiler } from '../std/index.ts';
import { readAssignment } from './assignment.ts';
import { attempt } from './attempt.ts';
import { branchNames } from './choice.ts';
import { MAX_CONCURRENT_STEPS, MAX_DISPATCH, STEP_LIMIT_FACTOR } from './defaults.ts';
import { digestOf } from './digest.ts';
import { documentOf, type GraphDocument, readDocument } from './document.ts';
import { checkerFor, type ExpressionChecker, type ExpressionTypes } from './expression.ts';
import { DYNAMIC, isRecord, typeOfSchema, type ValueType } from './expression-types.ts';
import { LATER_TOP_FIELDS, type TopFields, topSchema } from './fields.ts';
import { checkJoins, checkReach, checkWork, type Flow, routedSteps, startOf } from './flow.ts';
import type { Graph, GraphLimits, GraphStep } from './graph.ts';
import type { CustomKind } from './kind-spec.ts';
import { kindTable } from './kind-table.ts';
import { functionsIn } from './names-used.ts';
import { type LoopDraft, nestLoops, shapeLoops } from './loops.ts';
import { warn } from './oddities.ts';
import type { Problem, ProblemList } from './problem.ts';
import { readEdges } from './read-edges.ts';
import { readState } from './read-state.ts';
import { readStep } from './read-steps.ts';
import { readDuration, type StepSetting, UNKNOWN_KIND } from './read-work.ts';
import { readFields } from './report-issues.ts';
import { readSchema, type SchemaSetting } from './schema.ts';
import { parseRetry } from '../step/index.ts';

export interface Validation {
  /** Undefined where there are errors. It may still hold what is refused at registration: see `problems`. */
  readonly graph: Graph | undefined;
  readonly problems: readonly Problem[];
  /** How many problems there are, also beyond those that are listed. */
  readonly count: number;
}

export interface ValidationOptions {
  /** Kinds besides the built-in ones: what `defineKind` returns. */
  readonly kinds?: readonly CustomKind[];
  /** The names of all functions that there will be; without them none is missed. */
  readonly functions?: readonly string[];
}

/** Validates the text of a graph, YAML or JSON: problems have lines. */
export function validateText(text: string, options: ValidationOptions = {}): Validation {
  return validateDocument(readDocument(text), options);
}

/** Validates a graph that a program made. */
export function validateValue(value: unknown, options: ValidationOptions = {}): Validation {
  return validateDocument(documentOf(value), options);
}

/** Validates a document that was read; problems that were found before are part of what is found. */
export function validateDocument({ value, problems }: GraphDocument, options: ValidationOptions): Validation {
  if (value !== undefined && !isRecord(value))
    problems.add('DOCUMENT_INVALID', {
      path: [],
      params: { problem: 'a graph is an object with `pawl: 1`' },
    });
  const graph = isRecord(value) ? compile(value, options, problems) : undefined;
  return {
    graph: problems.hasErrors ? undefined : graph,
    problems: problems.list,
    count: problems.count,
  };
}

function compile(
  source: Readonly<Record<string, Json>>,
  { kinds = [], functions }: ValidationOptions,
  problems: ProblemList,
): Graph {
  const rules = { schema: topSchema, path: [], later: LATER_TOP_FIELDS };
  const read = readFields(source, rules, problems);
  const top: TopFields = read ?? salvage(source);
  const checkers = checkersFor(top, source);
  const retries = top.retries ?? {};
  checkRetries(retries, problems);
  if (functions) checkFunctions(source, functions, problems);
  const schemas: SchemaSetting = { compileSchema: schemaCompiler(), problems };
  const state = readState(top, source.input, schemas);
  const setting: StepSetting = {
    kinds: kindTable(kinds),
    retries,
    state,
    ...checkers,
    ...schemas,
  };
  const steps = Object.entries(top.steps).map(([name, value], index) =>
    readStep(name, value as Json, { ...setting, index }),
  );
  const byName = new Map(steps.map((step) => [step.name, step]));
  const flow: Flow = { steps, byName, routed: routedSteps(source, { byName, problems }) };
  const loops = readEdges((top.edges ?? []) as Json[], {
    ...flow,
    branches: new Map(steps.map((step) => [step, branchNames(step.choice)])),
    unknown: new Set(steps.filter((step) => step.kind === UNKNOWN_KIND)),
    checker: checkers.after,
    problems,
  });
  const start = checkFlow(flow, loops, { named: listOf(top.start), given: top.steps, problems });
  return {
    name: top.workflow,
    version: top.version,
    digest: digestOf(source),
    title: top.title,
    description: top.description,
    labels: top.labels ?? {},
    steps,
    loops,
    start,
    finalizers: steps.filter((step) => step.finalize !== undefined),
    state,
    input: readSchema(source.input, ['input'], schemas),
    output: readAssignment(top.output, { checker: checkers.before, path: ['output'], problems }),
    outputSchema: readSchema(source.outputSchema, ['outputSchema'], schemas),
    deadlineMs: readDuration(top.deadline, ['deadline'], problems),
    onFailure: top.onFailure ?? 'cancel',
    limits: limitsOf(top, steps),
    source,
  };
}

/** What waits in a queue of its own may be executed by a worker that has other functions. */
function checkFunctions(
  source: Readonly<Record<string, Json>>,
  functions: readonly string[],
  problems: ProblemList,
): void {
  for (const { path, name, queue } of functionsIn(source))
    if (queue === undefined && !functions.includes(name))
      problems.add('FUNCTION_UNKNOWN', { path, params: { name }, near: { name, known: functions } });
}

/** Where a field of the top is wrong, steps and edges are judged all the same. */
function salvage(source: Readonly<Record<string, Json>>): TopFields {
  return {
    pawl: 1,
    workflow: '',
    version: '',
    steps: isRecord(source.steps) ? source.steps : {},
    edges: Array.isArray(source.edges) ? source.edges : [],
    ...(isRecord(source.retries) ? { retries: source.retries as TopFields['retries'] } : {}),
  };
}

function listOf(start: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof start === 'string' ? [start] : start;
}

interface FlowSetting {
  readonly named: readonly string[] | undefined;
  /** The steps as they were written. */
  readonly given: TopFields['steps'];
  readonly problems: ProblemList;
}

function checkFlow(
  flow: Flow,
  loops: readonly LoopDraft[],
  { named, given, problems }: FlowSetting,
): readonly GraphStep[] {
  checkWork(flow, problems);
  shapeLoops(loops, problems);
  const start = startOf(flow, named, problems);
  // A name that was mistyped leaves holes in the flow: what follows from them is no news.
  if (!problems.hasErrors) checkReach(flow, start, problems);
  checkJoins(flow, problems);
  if (problems.hasErrors) return start;
  nestLoops(loops, flow.steps);
  warn(flow.steps, given, problems);
  return start;
}

function checkRetries(retries: Readonly<Record<string, unknown>>, problems: ProblemList): void {
  for (const [name, policy] of Object.entries(retries))
    attempt(() => parseRetry(policy as object, `retries.${name}`), ['retries', name], problems);
}

interface Checkers {
  readonly before: ExpressionChecker;
  readonly beforeItem: (item: ValueType) => ExpressionChecker;
  readonly after: ExpressionChecker;
  readonly overItems: ExpressionChecker;
}

function checkersFor(top: TopFields, source: Readonly<Record<string, Json>>): Checkers {
  const input = typeOfSchema(source.input);
  const types: ExpressionTypes = {
    input,
    state: stateType(top, input),
    output: undefined,
    steps: new Set(Object.keys(top.steps)),
  };
  const byItem = new Map<ValueType, ExpressionChecker>();
  const beforeItem = (item: ValueType): ExpressionChecker => {
    const checker = byItem.get(item) ?? checkerFor({ ...types, item });
    byItem.set(item, checker);
    return checker;
  };
  return {
    before: checkerFor(types),
    beforeItem,
    after: checkerFor({ ...types, output: DYNAMIC }),
    overItems: checkerFor({ ...types, items: DYNAMIC }),
  };
}

/** Without a declaration any key may be there. */
function stateType({ state, stateFrom }: TopFields, input: ValueType): ValueType {
  if (state === undefined || (stateFrom === 'input' && typeof input === 'string')) return 'map';
  const declared = Object.entries(state).map(([key, schema]) => [key, typeOfSchema(schema as Json)] as const);
  const inherited = stateFrom === 'input' && typeof input !== 'string' ? input : {};
  return { ...inherited, ...Object.fromEntries(declared) };
}

function limitsOf({ limits = {} }: TopFields, steps: readonly GraphStep[]): GraphLimits {
  let visits = 0;
  for (const { loops } of steps) visits += loops.reduce((product, { max }) => product * max, 1);
  return {
    maxConcurrentSteps: limits.maxConcurrentSteps ?? MAX_CONCURRENT_STEPS,
    maxDispatch: limits.maxDispatch ?? MAX_DISPATCH,
    maxSteps: limits.maxSteps ?? Math.min(STEP_LIMIT_FACTOR * visits, Number.MAX_SAFE_INTEGER),
  };
}
