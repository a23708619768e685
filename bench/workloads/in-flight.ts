/** Keeps a number of jobs going at the same time until all are done. */
export async function inFlight(
  total: number,
  width: number,
  job: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) await job(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
