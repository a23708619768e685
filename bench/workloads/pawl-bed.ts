/** Pawl as a side of a workload: one engine with one workflow on a database file of its own. */
import { join } from 'node:path';
import { type AnyWorkflow, type Engine, type OpenOptions, pawl } from '../../packages/pawl/src/index.ts';
import type { Sample, Side } from '../harness/workload.ts';

export const PAWL_FILE = 'pawl.db';

export function storeAt(folder: string): string {
  return `sqlite:${join(folder, PAWL_FILE)}`;
}

export function pawlSide(
  workflow: AnyWorkflow,
  measure: (engine: Engine) => Promise<Sample>,
  more: Pick<OpenOptions, 'functions'> = {},
): Side {
  return async ({ folder }) => {
    const engine = await pawl.open({ store: storeAt(folder), workflows: [workflow], ...more });
    return { measure: () => measure(engine), close: () => engine.close() };
  };
}
