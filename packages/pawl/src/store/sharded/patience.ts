/** How long one shard is waited for on behalf of all: a round over the shards is never longer than that. */
import { pawlError } from '../../errors/index.ts';
import type { Platform } from '../../std/index.ts';

export type ShardPlatform = Pick<Platform, 'setTimer' | 'logger' | 'newId'>;

/** Shorter than what a heartbeat may be late. */
const PATIENCE_MS = 5_000;

/** States: *answers* → (an answer takes too long, or fails) → *away* → *answers*; told once a change. */
export class Patience {
  readonly #platform: ShardPlatform;
  readonly #where: string;
  readonly #onBack: () => void;
  /** Asked for, given up, and not answered yet: until then nothing more is asked. */
  #late = 0;
  #isAway = false;

  constructor(platform: ShardPlatform, where: string, onBack: () => void) {
    this.#platform = platform;
    this.#where = where;
    this.#onBack = onBack;
  }

  /** @throws `STORE_UNAVAILABLE` where the answer does not come in time; what it says later is not heard */
  async wait<T>(ask: () => Promise<T>): Promise<T> {
    try {
      if (this.#late > 0) throw this.#tooLate();
      const answer = await this.#inTime(ask());
      this.#answers();
      return answer;
    } catch (error) {
      this.#fails(error);
      throw error;
    }
  }

  async #inTime<T>(asked: Promise<T>): Promise<T> {
    let stop = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      stop = this.#platform.setTimer(PATIENCE_MS, () => {
        this.#late += 1;
        const settled = (): void => void (this.#late -= 1);
        asked.then(settled, settled);
        reject(this.#tooLate());
      });
    });
    try {
      return await Promise.race([asked, late]);
    } finally {
      stop();
    }
  }

  #tooLate(): Error {
    return pawlError('STORE_UNAVAILABLE', {
      problem: `${this.#where} has not answered for ${PATIENCE_MS / 1_000} s`,
    });
  }

  #fails(error: unknown): void {
    if (!this.#isAway)
      this.#platform.logger.log('error', 'a cluster of the store does not answer; the others go on', {
        cluster: this.#where,
        error: String(error),
      });
    this.#isAway = true;
  }

  #answers(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#platform.logger.log('warn', 'the cluster of the store answers again', { cluster: this.#where });
    this.#onBack();
  }
}
