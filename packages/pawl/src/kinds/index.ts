/** The door of the built-in step kinds. */
export { conditionKind } from './condition/kind.ts';
export { functionKind } from './function/kind.ts';
export {
  functionProblem,
  type FunctionRegistry,
  functionRegistry,
  type FunctionTools,
  type NamedFunction,
} from './function/registry.ts';
export { joinKind } from './join/kind.ts';
export { parallelKind } from './parallel/kind.ts';
export { httpKind } from './http/kind.ts';
export type { HttpInput } from './http/input.ts';
export type { HttpOutput } from './http/output.ts';
export { reduceKind } from './reduce/kind.ts';
export { shellKind } from './shell/kind.ts';
export type { ShellInput } from './shell/input.ts';
export type { ShellOutput } from './shell/output.ts';
export type { Finding, VerifyOutput } from './verify/finding.ts';
export { verifyKind } from './verify/kind.ts';
