/** What the types of CEL cannot say about an expression: which steps there are, which fields they have, which calls can hang. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { compileRe2, MatchWork } from '../std/index.ts';
import { hintFor } from './problem.ts';

export interface Shape {
  /** The steps that may be referred to. */
  readonly steps: ReadonlySet<string>;
}

/** What `steps.x` holds. */
const STEP_FIELDS = ['status', 'outcome', 'output', 'failure', 'attempt', 'visit', 'usage'];

interface Found {
  readonly problem: string;
  readonly position: number;
}

/** The first reference or call of the tree that cannot be. */
export function shapeProblem(ast: ASTNode, shape: Shape): Found | undefined {
  const found = problemAt(ast, shape);
  if (found !== undefined) return { problem: found, position: ast.range.start };
  return partsOf(ast.args)
    .map((part) => shapeProblem(part, shape))
    .find((inner) => inner !== undefined);
}

/** The steps that an expression speaks of by name. */
export function stepsNamed(ast: ASTNode): readonly string[] {
  const member = memberOf(ast);
  const inner = partsOf(ast.args).flatMap(stepsNamed);
  return member !== undefined && isSteps(member.of) ? [member.name, ...inner] : inner;
}

/** The nodes among the arguments of a node, lists of them included. */
function partsOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap((part: unknown) => partsOf(part));
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : [];
}

function problemAt(node: ASTNode, shape: Shape): string | undefined {
  if (node.op === 'rcall' && node.args[0] === 'matches') return patternProblem(node.args[2][0]);
  if (node.op === 'map' && node.args.some(([key]) => key.op === 'value' && key.args === '__proto__'))
    return 'the key __proto__ is not allowed';
  const member = memberOf(node);
  if (member === undefined) return undefined;
  if (isSteps(member.of)) return unknownStep(member.name, shape);
  const outer = memberOf(member.of);
  const isField = outer !== undefined && isSteps(outer.of);
  return isField && !STEP_FIELDS.includes(member.name)
    ? `a step has no "${member.name}"${hintFor(member.name, STEP_FIELDS)}, only ${STEP_FIELDS.join(', ')}`
    : undefined;
}

/** What is known before anything runs costs nothing later, and nobody who gives a text can choose it. */
function patternProblem(pattern: ASTNode | undefined): string | undefined {
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string')
    return 'the pattern of matches() must be written out as a text';
  const compiled = compileRe2(pattern.args, new MatchWork());
  return compiled.ok ? undefined : `the pattern of matches() cannot be used: ${compiled.problem}`;
}

function unknownStep(name: string, { steps }: Shape): string | undefined {
  return steps.has(name) ? undefined : `there is no step "${name}"${hintFor(name, steps)}`;
}

interface Member {
  readonly of: ASTNode;
  readonly name: string;
}

/** `a.b` and `a["b"]`. */
function memberOf(node: ASTNode): Member | undefined {
  if (node.op === '.') return { of: node.args[0], name: node.args[1] };
  if (node.op !== '[]') return undefined;
  const key = node.args[1];
  return key.op === 'value' && typeof key.args === 'string'
    ? { of: node.args[0], name: key.args }
    : undefined;
}

function isSteps(node: ASTNode): boolean {
  return node.op === 'id' && node.args === 'steps';
}
