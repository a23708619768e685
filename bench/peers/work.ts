/** What every step of every peer does: next to nothing, while the time between steps is noted. */

export interface Work {
  /** The body of step `n`, counted from 0. */
  step(n: number): Promise<{ readonly n: number }>;
  /** The times between the end of a step and the start of the next one since the last call, in ms; runs must not overlap. */
  takeGaps(): readonly number[];
}

/** `onStep` is called before the step's own work, with its number. */
export function createWork(onStep?: (n: number) => Promise<void>): Work {
  let gaps: number[] = [];
  let endedAt = 0;
  return {
    step: async (n) => {
      if (n > 0 && endedAt > 0) gaps.push(performance.now() - endedAt);
      if (onStep !== undefined) await onStep(n);
      endedAt = performance.now();
      return { n };
    },
    takeGaps: () => {
      const taken = gaps;
      gaps = [];
      endedAt = 0;
      return taken;
    },
  };
}

export function sumOf(outputs: readonly { readonly n: number }[]): number {
  return outputs.reduce((sum, { n }) => sum + n, 0);
}
