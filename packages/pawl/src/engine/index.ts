/** The door of the engine: what users open and hold. */
export type {
  ActOptions,
  AnswerOptions,
  DecisionOptions,
  Engine,
  EventsOptions,
  ListRunsOptions,
  OpenOptions,
  ResumeOptions,
  RunDiff,
  RunDiffSide,
  RunDifference,
  RunGraph,
  RunGraphEdge,
  RunGraphNode,
  RunGraphOptions,
  RunHandle,
  RunSummary,
  RunView,
  StartOptions,
  StepView,
  UsageView,
  WaitsOptions,
  WaitView,
  Why,
  WorkerSettings,
} from './api.ts';
export type { OutsideFailure, OutsideTasks, TaskOffer } from './outside-api.ts';
export { gateCommand } from './gate-command.ts';
export { checkOpenOptions, type EngineParts, openEngine } from './open.ts';
export { nodePlatform, stderrLogger } from './platform.ts';
export { stepViews } from './step-views.ts';
export type { FunctionTools, NamedFunction } from '../kinds/index.ts';
