/** The door of the engine: what users open and hold. */
export type {
  ActOptions,
  Engine,
  EventsOptions,
  ListRunsOptions,
  OpenOptions,
  RunHandle,
  RunSummary,
  RunView,
  StartOptions,
  StepView,
  UsageView,
  WaitView,
  Why,
  WorkerSettings,
} from './api.ts';
export { checkOpenOptions, type EngineParts, openEngine } from './open.ts';
export { nodePlatform, stderrLogger } from './platform.ts';
