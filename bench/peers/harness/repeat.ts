/** Work that is repeated for a while. */

export interface Repetition {
  readonly ms: number;
  /** However long they take. */
  readonly atLeast: number;
  readonly atMost?: number;
}

/** Times of each, in ms. */
export async function repeat(
  { ms, atLeast, atMost = Infinity }: Repetition,
  work: () => Promise<void>,
): Promise<readonly number[]> {
  const times: number[] = [];
  const endAt = performance.now() + ms;
  while (times.length < atMost && (times.length < atLeast || performance.now() < endAt)) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}
