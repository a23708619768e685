/** The door of graphs: workflows as data. */
export { MAP_CONCURRENCY, MAX_MAP_ITEMS } from './defaults.ts';
export { type GraphDocument, readDocument } from './document.ts';
export type { Expression, ExpressionScope } from './expression.ts';
export type { MergeRule } from './fields.ts';
export { names } from './flow.ts';
export { functionsNamed, kindsNamed, type NameUsed, workflowsNamed } from './names-used.ts';
export { graph, type GraphBuilder } from './builder.ts';
export type { GraphOptions, GraphSurroundings } from './graph-options.ts';
export { type GraphWorkflow, graphFrom, isGraphWorkflow, parseGraph } from './graph-workflow.ts';
export type {
  Assignment,
  Graph,
  GraphEdge,
  GraphLoop,
  GraphState,
  GraphStep,
  StateKey,
  MapPlan,
  MapStrategy,
  Work,
} from './graph.ts';
export type { KindSpec } from './kind-spec.ts';
export { BUILT_IN_KINDS, kindTable } from './kind-table.ts';
export { EXHAUSTED, isGoodLabel } from './labels.ts';
export { answered } from './question.ts';
export { type DocumentPath, type Problem, ProblemList, textOfPath } from './problem.ts';
export { describeTemplateProblem } from './template.ts';
export { type Validation, type ValidationOptions, validateText, validateValue } from './validate.ts';
