/** The door of the replay driver: functions as workflows. */
export { type Ambient, currentAmbient, runAs } from './ambient.ts';
export { MAX_DEPTH } from './child-calls.ts';
export type {
  ApprovalDecision,
  ApprovalRequest,
  Branch,
  CallOptions,
  KindCallOptions,
  HttpOutput,
  HttpRequest,
  InputOptions,
  MapOptions,
  ParallelOptions,
  Reconciled,
  RunUsage,
  Settled,
  ShellOptions,
  ShellOutput,
  SignalOptions,
  StepTools,
  WorkflowContext,
} from './context.ts';
export { type DriverSetup, type LogSurvey, ReplayDriver } from './driver.ts';
export { checkLabels } from './labels.ts';
export type { RunFacts } from './site.ts';
export {
  type FunctionWorkflow,
  type Workflow,
  workflow,
  type WorkflowFunction,
  type WorkflowOptions,
} from './workflow.ts';
