/** A workflow of steps one after the other that notes the time between them. */
import { workflow } from '../../packages/pawl/src/index.ts';

/**
 * `gaps` gets, for each run, the times between the end of one step's function and the start of the next one's, in ms; runs of it
 * must not overlap.
 */
export function sequence() {
  let gaps: number[] = [];
  const steps = workflow({ name: 'sequence' }, async (ctx, input: { steps: number }) => {
    gaps = [];
    let endedAt: number | undefined;
    for (let n = 0; n < input.steps; n++) {
      await ctx.step(`s${n}`, () => {
        if (endedAt !== undefined) gaps.push(performance.now() - endedAt);
        const output = { n };
        endedAt = performance.now();
        return output;
      });
    }
    return input.steps;
  });
  return { workflow: steps, gaps: () => gaps };
}
