/** The sets of histories that are kept of a format: one of functions, one of graphs, one of steps on other workers, each a database of its own. */
import type { AnyWorkflow, NamedFunction } from 'pawl';
import { functions, graphShapes, graphs } from './graph-shapes.ts';
import { type Shape, shapes, workflows } from './shapes.ts';
import { taskGraphs, taskShapes } from './task-shapes.ts';

export interface HistorySet {
  readonly name: string;
  /** The first format that has it. */
  readonly since: number;
  /** The database as a script. */
  readonly script: string;
  /** What `runs.get` said of its runs. */
  readonly views: string;
  readonly shapes: readonly Shape[];
  readonly workflows: readonly AnyWorkflow[];
  readonly functions: Readonly<Record<string, NamedFunction>>;
}

export const sets: readonly HistorySet[] = [
  {
    name: 'functions',
    since: 1,
    script: 'journal.sql',
    views: 'runs.json',
    shapes,
    workflows,
    functions: {},
  },
  {
    name: 'graphs',
    since: 1,
    script: 'graphs.sql',
    views: 'graphs.json',
    shapes: graphShapes,
    workflows: graphs,
    functions,
  },
  {
    name: 'tasks',
    since: 2,
    script: 'tasks.sql',
    views: 'tasks.json',
    shapes: taskShapes,
    workflows: taskGraphs,
    functions,
  },
];
