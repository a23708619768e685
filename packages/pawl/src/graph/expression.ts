/** The expression port: a text is compiled and checked once, and evaluated as often as needed, within limits. */
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { findValueProblem, type Json } from '../std/index.ts';
import {
  MAX_EXPRESSION_DEPTH,
  MAX_EXPRESSION_LENGTH,
  MAX_EXPRESSION_NODES,
  MAX_EXPRESSION_RESULT,
} from './defaults.ts';
import { metered } from './expression-meter.ts';
import { type Shape, shapeProblem, stepsNamed } from './expression-shape.ts';
import type { ValueType } from './expression-types.ts';

/** What expressions speak of. `output` is the source's own, where there is one; `item` and `index` are those of a map. */
export interface ExpressionScope {
  readonly input: unknown;
  readonly state: unknown;
  readonly steps: unknown;
  readonly run: unknown;
  readonly output?: unknown;
  /** What a `reduce` step makes one value of. */
  readonly items?: unknown;
  readonly item?: unknown;
  readonly index?: unknown;
}

/** Where the text is wrong, counted from 0. */
export interface ExpressionProblem {
  readonly problem: string;
  readonly position: number;
}

export type Evaluation =
  | { readonly ok: true; readonly value: Json }
  | ({ readonly ok: false } & ExpressionProblem);

export interface Expression {
  readonly source: string;
  /** Steps that it names; undefined: none. */
  readonly steps?: readonly string[] | undefined;
  /** The answer as plain JSON; a failure is data. */
  evaluate(scope: ExpressionScope): Evaluation;
}

export type Compilation =
  /** `type`: what CEL says that it gives, such as `list<string>`; `dyn` where nobody can say. */
  | { readonly ok: true; readonly expression: Expression; readonly type: string }
  | ({ readonly ok: false } & ExpressionProblem);

/** The names and types that a text is checked against. */
export interface ExpressionTypes extends Shape {
  readonly input: ValueType;
  readonly state: ValueType;
  /** Undefined where there is no output to speak of. */
  readonly output: ValueType | undefined;
  /** Undefined where there are no items to speak of. */
  readonly items?: ValueType | undefined;
  /** Undefined where there is no item, and no index, to speak of. */
  readonly item?: ValueType | undefined;
}

/** Compiles texts for one set of types. */
export interface ExpressionChecker {
  /** `wanted` bool: the text must give true or false. */
  compile(source: string, wanted?: 'bool'): Compilation;
}

const MATH: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const NULLABLE = ['double', 'string', 'bool', 'list', 'map'];

/** Numbers of JSON are doubles, literals without a point are integers: both meet in every operator. */
const numeric = makeNumeric();

function makeNumeric(): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    limits: { maxDepth: MAX_EXPRESSION_DEPTH, maxAstNodes: MAX_EXPRESSION_NODES },
  });
  for (const [operator, compute] of Object.entries(MATH)) {
    const handler = (a: number | bigint, b: number | bigint): number => compute(Number(a), Number(b));
    environment.registerOperator(`double ${operator} int: double`, handler);
    environment.registerOperator(`int ${operator} double: double`, handler);
  }
  environment.registerOperator('double % double: double', (a: number, b: number) => a % b);
  environment.registerOperator('double == int: bool', (a: number, b: bigint) => a === Number(b));
  // A declared key without a first value is null: it may be asked whether it is.
  for (const type of NULLABLE)
    environment.registerOperator(`${type} == null: bool`, (a: unknown) => a === null);
  environment.registerFunction('truthy(dyn): bool', isTruthy);
  return environment;
}

/** As Python has it: null, false, 0, and whatever is empty are not. */
function isTruthy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null)
    return (Array.isArray(value) ? value : Object.keys(value)).length > 0;
  return Boolean(value);
}

const NAMES = ['input', 'state', 'steps', 'run', 'output', 'items', 'item', 'index'] as const;

/** One environment for every evaluation: values are checked against what they are, not against what was declared. */
const evaluating = NAMES.reduce((made, name) => made.registerVariable(name, 'dyn'), numeric.clone());

export function checkerFor(types: ExpressionTypes): ExpressionChecker {
  const checking = numeric.clone();
  for (const name of ['input', 'state'] as const) declare(checking, name, types[name]);
  checking.registerVariable('steps', 'map').registerVariable('run', 'map');
  for (const name of ['output', 'items'] as const) {
    const type = types[name];
    if (type !== undefined) declare(checking, name, type);
  }
  if (types.item !== undefined) {
    declare(checking, 'item', types.item);
    declare(checking, 'index', 'double');
  }
  return {
    compile(source, wanted) {
      if (source.length > MAX_EXPRESSION_LENGTH)
        return refuse(`it is longer than ${MAX_EXPRESSION_LENGTH} characters`);
      const checked = check(checking, source);
      if (checked.problem !== undefined)
        return refuse(
          `${checked.problem}${bracesHint(source)}${hyphenHint(source, types)}`,
          checked.position,
        );
      const misshapen = shapeProblem(checked.ast, types);
      if (misshapen) return { ok: false, ...misshapen };
      if (wanted === 'bool' && checked.type !== 'bool' && checked.type !== 'dyn')
        return refuse(`it gives ${checked.type}, not true or false`);
      const steps = source.includes('steps') ? stepsNamed(checked.ast) : undefined;
      return { ok: true, expression: { source, steps, evaluate: evaluatorOf(source) }, type: checked.type };
    },
  };
}

/** What is a template elsewhere is taken for a map. */
function bracesHint(source: string): string {
  return /^\s*\{\{/.test(source) ? ' (this is an expression: write it without {{ }})' : '';
}

/** `steps.give-up` is a subtraction to CEL. */
function hyphenHint(source: string, { steps }: Shape): string {
  const meant = source.includes('steps.')
    ? [...steps].find((name) => name.includes('-') && source.includes(`steps.${name}`))
    : undefined;
  return meant === undefined ? '' : ` (write steps["${meant}"])`;
}

/** Fields are declared where all of them are names that CEL can write; else the whole is a map. */
function declare(environment: Environment, name: string, type: ValueType): void {
  if (typeof type === 'string') environment.registerVariable(name, type);
  else environment.registerVariable({ name, schema: type });
}

type Checked =
  | { readonly problem?: undefined; readonly ast: ASTNode; readonly type: string }
  | { readonly problem: string; readonly position: number };

function check(environment: Environment, source: string): Checked {
  try {
    const parsed = environment.parse(source);
    const { valid, type = 'dyn', error } = parsed.check();
    return valid ? { ast: parsed.ast, type } : problemOf(error);
  } catch (error) {
    return problemOf(error);
  }
}

interface Located {
  readonly summary?: string;
  readonly message?: string;
  readonly range?: { readonly start: number };
}

function problemOf(error: unknown): { readonly problem: string; readonly position: number } {
  const { summary, message, range } = error as Located;
  return { problem: summary ?? String(message), position: range?.start ?? 0 };
}

function refuse(problem: string, position = 0): { ok: false } & ExpressionProblem {
  return { ok: false, problem, position };
}

/** Compiled at the first use: a graph of ten thousand steps is validated without it. */
function evaluatorOf(source: string): Expression['evaluate'] {
  let evaluate: ((scope: ExpressionScope) => unknown) | undefined;
  return (scope) => {
    try {
      evaluate ??= metered(evaluating, source);
      return jsonOf(evaluate(scope));
    } catch (error) {
      const found = problemOf(error);
      if (!evaluate || !found.problem.startsWith(MISTAKEN)) return { ok: false, ...found };
      return evaluatedAsMaps(evaluate, scope);
    }
  };
}

/** CEL takes an object for one of a class where it has a key `constructor`; data may have such a key, and classes are never there. */
const MISTAKEN = 'Unsupported type';

function evaluatedAsMaps(evaluate: (scope: ExpressionScope) => unknown, scope: ExpressionScope): Evaluation {
  try {
    const parts = Object.entries(scope).map(([name, value]) => [name, withMaps(value)]);
    return jsonOf(evaluate(Object.fromEntries(parts) as ExpressionScope));
  } catch (error) {
    return { ok: false, ...problemOf(error) };
  }
}

/** A copy in which objects with such a key are maps. */
function withMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMaps);
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, withMaps(part)] as const);
  return Object.hasOwn(value, 'constructor') ? new Map(entries) : Object.fromEntries(entries);
}

/** A fresh copy, so that nothing that is recorded shares a part with the state. */
function jsonOf(value: unknown): Evaluation {
  const room = { left: MAX_EXPRESSION_RESULT };
  const plain = withoutBigInts(value, room);
  if (room.left < 0) return refuse(`it gives more than ${MAX_EXPRESSION_RESULT} characters`);
  const found = findValueProblem(plain);
  return found
    ? refuse(`it gives no JSON: ${found.path}: ${found.problem}`)
    : { ok: true, value: plain as Json };
}

/** Whole numbers of CEL are big; those that a JSON number cannot hold stay as they are, and are refused. */
function withoutBigInts(value: unknown, room: { left: number }): unknown {
  room.left -= typeof value === 'string' ? value.length : 1;
  if (room.left < 0) return null; // the rest is not looked at
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map((part) => withoutBigInts(part, room));
  const entries =
    value instanceof Map ? [...value] : isPlainObject(value) ? Object.entries(value) : undefined;
  return entries
    ? Object.fromEntries(entries.map(([key, part]) => [key, withoutBigInts(part, room)]))
    : value;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
