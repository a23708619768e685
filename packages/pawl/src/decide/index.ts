/** The door of decide: graphs as drivers. */
export { GraphDriver, type GraphSetup } from './graph-driver.ts';
export type { RunDriver } from './run-driver.ts';
export type { GraphDelivery } from './step-view.ts';
