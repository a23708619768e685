/** The door `pawl`: everything that a user of the library needs. */
export type {
  ActOptions,
  AnswerOptions,
  DecisionOptions,
  Engine,
  EventsOptions,
  FunctionTools,
  ListRunsOptions,
  NamedFunction,
  OpenOptions,
  OutsideFailure,
  OutsideTasks,
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
  TaskOffer,
  UsageView,
  WaitsOptions,
  WaitView,
  Why,
  WorkerSettings,
} from './engine/index.ts';
export {
  Defect,
  type ErrorCode,
  isPawlError,
  OperationalError,
  PawlError,
  UsageError,
} from './errors/index.ts';
export {
  graph,
  type GraphBuilder,
  graphFrom,
  type GraphOptions,
  type GraphSurroundings,
  type GraphWorkflow,
  isGraphWorkflow,
  parseGraph,
} from './graph/index.ts';
export { pawl } from './pawl.ts';
export type {
  ApprovalDecision,
  ApprovalRequest,
  CallOptions,
  KindCallOptions,
  HttpOutput,
  HttpRequest,
  Settled,
  ShellOptions,
  ShellOutput,
  StepTools,
  Workflow,
  WorkflowContext,
  WorkflowOptions,
} from './replay/index.ts';
export { workflow } from './replay/index.ts';
export type {
  AnyWorkflow,
  CancelContext,
  ParkReason,
  RunStatus,
  StepStatus,
  StoredEvent,
} from './run/index.ts';
export { isWorkflow } from './run/index.ts';
export type { Clock, Duration, Json, Logger, Platform, Schema } from './std/index.ts';
export type {
  AnyKind,
  Failure,
  FailureClass,
  Kind,
  KindResult,
  Retry,
  SecretRef,
  StepContext,
} from './step/index.ts';
export { defineKind, RateLimitedError, secret, StepFailed, TerminalError } from './step/index.ts';
