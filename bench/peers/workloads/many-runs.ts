/** W2 and W5: many short runs at the same time, and what their steps take on the disk. */
import { inFlight } from '../../workloads/in-flight.ts';
import { bytesAfter, bytesBefore } from '../harness/bytes.ts';
import { type Measure, runIds } from '../harness/measurement.ts';
import { createWork } from '../work.ts';

export const MANY_RUNS = 5_000;
const WARM_RUNS = 1_000;
const STEPS = 3;
const WIDTH = 100;
/** The warm-up of a peer whose runs are all started at once, and the least that is measured of it. */
const BATCH = 200;

interface Round {
  readonly runs: number;
  readonly width: number;
  /** No more runs are started afterwards. */
  readonly forMs: number;
}

export const manyRuns: Measure = async ({ peer, place, ms }) => {
  const session = await peer.open({ place, work: createWork(), concurrency: WIDTH });
  const before = await bytesBefore(place);
  const newId = runIds('many');
  const work = async ({
    runs,
    width,
    forMs,
  }: Round): Promise<{ readonly done: number; readonly ms: number }> => {
    const start = performance.now();
    let done = 0;
    await inFlight(runs, width, async () => {
      if (performance.now() - start > forMs) return;
      await session.run({ id: newId(), steps: STEPS });
      done += 1;
    });
    return { done, ms: performance.now() - start };
  };
  const isBatch = peer.startsAllAtOnce === true;
  const warm = await work({
    runs: isBatch ? BATCH : WARM_RUNS,
    width: isBatch ? BATCH : WIDTH,
    forMs: isBatch ? Infinity : ms,
  });
  const fitting = Math.round((warm.done * ms * 2) / warm.ms);
  const batch = Math.min(MANY_RUNS, Math.max(BATCH, fitting));
  const { done, ms: took } = await work(
    isBatch
      ? { runs: batch, width: batch, forMs: Infinity }
      : { runs: MANY_RUNS, width: WIDTH, forMs: ms * 2 },
  );
  await session.close();
  const bytes = (await bytesAfter(place)) - before;
  return {
    rate: (done * STEPS) / (took / 1_000),
    runs: done,
    bytes: bytes / ((warm.done + done) * STEPS),
  };
};
