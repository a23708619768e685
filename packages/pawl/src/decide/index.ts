/** The door of decide: graphs as drivers. */
export { GraphDriver, type GraphSetup } from './graph-driver.ts';
