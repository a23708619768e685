/** Plans that once broke a rule, by a fault of the engine or of the simulation, made smaller: they are played in every test run. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Plan } from './plan/plan.ts';

export interface KeptCase {
  /** What was wrong. */
  readonly reason: string;
  readonly plan: Plan;
}

const folder = new URL('kept/', import.meta.url);

export const keptCases: readonly KeptCase[] = readdirSync(folder)
  .toSorted()
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as KeptCase);
