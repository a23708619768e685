/** The door of graphs: workflows as data. */
export type { Graph } from './graph.ts';
export type { Problem } from './problem.ts';
export { type Validation, type ValidationOptions, validateText } from './validate.ts';
