/** A beat that one loop waits for and several parties give. */
import { type Deferred, deferred, type Platform } from '../../std/index.ts';

/** Each beat resolves the promises that were taken before it. */
export class Pulse {
  #next: Deferred<void> = deferred();

  /** Take it before looking at the state that the beat is about: then no change slips between. */
  next(): Promise<void> {
    return this.#next.promise;
  }

  beat(): void {
    const { resolve } = this.#next;
    this.#next = deferred();
    resolve();
  }
}

/** Whether nothing beats for so long. */
export async function staysQuiet(platform: Platform, next: Promise<void>, ms: number): Promise<boolean> {
  const quiet = deferred<boolean>();
  const stop = platform.setTimer(ms, () => quiet.resolve(true));
  const isQuiet = await Promise.race([quiet.promise, next.then(() => false)]);
  stop();
  return isQuiet;
}
