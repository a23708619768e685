/** Many seeds, one after the other, and what came of them. */
import { runSeed, type SeedOptions } from './run-seed.ts';
import type { Violation } from './rules/violation.ts';

export interface SeedsRequest extends SeedOptions {
  readonly from: number;
  readonly seeds: number;
  /** Stops at the first seed that breaks a rule. */
  readonly isFirstEnough?: boolean;
  readonly onFailure: (seed: number, violation: Violation) => Promise<void> | void;
}

export interface SeedsSum {
  readonly seeds: number;
  /** Steps of all worlds. */
  readonly steps: number;
  readonly crashes: number;
  readonly failures: number;
}

export async function runSeeds(request: SeedsRequest): Promise<SeedsSum> {
  const sum = { seeds: 0, steps: 0, crashes: 0, failures: 0 };
  for (let seed = request.from; seed < request.from + request.seeds; seed++) {
    const { violation, steps, crashes } = await runSeed(seed, request);
    sum.seeds++;
    sum.steps += steps;
    sum.crashes += crashes;
    if (!violation) continue;
    sum.failures++;
    await request.onFailure(seed, violation);
    if (request.isFirstEnough) break;
  }
  return sum;
}
