/** What a run must give, computed from its workflow and its input. */
import type { AskedRun } from './world.ts';

/** The output; undefined where it depends on what came from outside. */
export function expectedOf({ workflow, input, output }: AskedRun): unknown {
  switch (workflow) {
    case 'chain': {
      const { steps } = input as { steps: number };
      return (steps * (steps - 1)) / 2;
    }
    case 'tree':
      return ['first', (input as { items: number }).items, 'flaky', 1, true, false, 'last'];
    case 'remote':
      return (input as { steps: number }).steps;
    case 'once':
      return 'paid';
    default:
      return output;
  }
}
