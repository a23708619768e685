/** Keeps a worker in touch with its store: the net under the wake-ups, the watch for the dead, and a store that fails for a while. */
import type { Platform, StopTimer } from '../std/index.ts';
import type { Store } from '../store/index.ts';
import { DeathWatch } from './death-watch.ts';
import { DEATH_LOOK_MS, POLL_MS, ROUND_MS } from './defaults.ts';

export interface RoundsSetup {
  readonly store: Store;
  readonly platform: Platform;
  readonly workerId: string;
  /** Looks for runs and tasks, soon. */
  readonly look: () => void;
  /** Holds what the store knows of this worker against its memory. */
  readonly compare: () => Promise<void>;
}

/** States: *open* → *draining* (looks no more) → *closed* (says nothing of failures either). */
export class Rounds {
  readonly deaths: DeathWatch;
  readonly #setup: RoundsSetup;
  #state: 'open' | 'draining' | 'closed' = 'open';
  #isFailing = false;
  /** What the store said of other processes' commits at the last round, and when that was (monotonic). */
  #changes: number | undefined;
  /** A call of the store failed: it may have landed all the same, and the next round looks everywhere. */
  #isUncertain = false;
  #roundAt = Number.NEGATIVE_INFINITY;
  #stopPoll: StopTimer | undefined;
  #stopDeath: StopTimer | undefined;
  #stopNotice: StopTimer | undefined;

  constructor(setup: RoundsSetup) {
    this.#setup = setup;
    this.deaths = new DeathWatch(setup.store, setup.platform, setup.workerId);
  }

  async open(): Promise<void> {
    await this.deaths.refresh();
    await this.deaths.sweep();
    this.#watchDeaths();
    this.#poll();
  }

  #poll(): void {
    const { platform } = this.#setup;
    const delayMs = Math.round(POLL_MS * (0.8 + 0.4 * platform.random()));
    this.#stopPoll = platform.setTimer(delayMs, () => {
      void this.guarded(() => this.#round()).then(() => this.#watchDeaths());
      this.#poll();
    });
  }

  /** Looks everywhere, where another process has written since the last round; each minute in any case. */
  async #round(): Promise<void> {
    const { store, platform, look, compare } = this.#setup;
    const changes = await store.changes();
    const now = platform.clock.monotonic();
    const isNews = changes === undefined || changes !== this.#changes || this.#isUncertain;
    if (!isNews && now - this.#roundAt < ROUND_MS) return;
    this.#isUncertain = false;
    this.#changes = changes;
    this.#roundAt = now;
    look();
    await this.deaths.refresh();
    await this.deaths.sweep();
    await compare();
  }

  /** A peer that has just begun to hold runs is watched from its first commits on. */
  noticePeers(): void {
    if (this.#stopDeath || this.#stopNotice) return;
    this.#stopNotice = this.#setup.platform.setTimer(DEATH_LOOK_MS, () => {
      this.#stopNotice = undefined;
      void this.guarded(() => this.deaths.refresh()).then(() => this.#watchDeaths());
    });
  }

  /** Dead processes are looked for only while somebody else holds runs or tasks. */
  #watchDeaths(): void {
    this.#stopDeath?.();
    this.#stopDeath = undefined;
    if (!this.deaths.isNeeded || this.#state !== 'open') return;
    this.#stopDeath = this.#setup.platform.setTimer(DEATH_LOOK_MS, () => {
      void this.guarded(async () => {
        if ((await this.deaths.dead()).length > 0) this.#setup.look();
        await this.deaths.refresh();
      }).then(() => this.#watchDeaths());
    });
  }

  /** A worker outlives its store: a failure is logged once a change of state, and what failed comes again with the next round. */
  async guarded(round: () => Promise<void>): Promise<void> {
    const { platform, workerId, look } = this.#setup;
    try {
      await round();
      if (this.#isFailing) platform.logger.log('info', 'the store answers claims again', { workerId });
      this.#isFailing = false;
    } catch (error) {
      if (this.#state === 'closed') return;
      this.#isUncertain = true;
      if (!this.#isFailing)
        platform.logger.log('error', 'the store does not answer claims; trying again', {
          workerId,
          error: String(error),
        });
      this.#isFailing = true;
      platform.setTimer(Math.round(500 + 500 * platform.random()), look);
    }
  }

  drain(): void {
    this.#state = 'draining';
    for (const stop of [this.#stopPoll, this.#stopDeath, this.#stopNotice]) stop?.();
  }

  close(): void {
    this.drain();
    this.#state = 'closed';
  }
}
