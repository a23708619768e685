/** Resolves the unknown fate of a commit: after a claim by the same holder nothing of the old epoch can land. */
import type { RunRef } from '../run/index.ts';
import type { SessionHost } from './host.ts';

const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 5_000;

/** The new epoch, as soon as the store answers; undefined where the run is somebody else's, or the session is over. */
export async function claimAgain(
  host: SessionHost,
  held: { readonly run: RunRef; readonly epoch: number; readonly isOver: () => boolean },
): Promise<number | undefined> {
  for (let delayMs = FIRST_DELAY_MS; !held.isOver(); delayMs = Math.min(LAST_DELAY_MS, delayMs * 2)) {
    try {
      const claimed = await host.store.reclaim(held.run, host.workerId, held.epoch);
      host.journal.fateSettled();
      return claimed?.row.epoch;
    } catch {
      // the store is away: the journal has said so, and the claim is tried until it is back
      await new Promise<void>((resolve) => void host.platform.setTimer(delayMs, resolve));
    }
  }
  return undefined;
}

/** Whether the store still names this holder and epoch: asked before something fires after a long silence of our own. */
export async function isStillHeld(host: SessionHost, run: RunRef, epoch: number): Promise<boolean> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(LAST_DELAY_MS, delayMs * 2)) {
    try {
      const row = await host.store.getRun(run.tenant, run.runId);
      return row?.holder === host.workerId && row.epoch === epoch;
    } catch (error) {
      if (host.journal.isClosed) throw error;
      await new Promise<void>((resolve) => void host.platform.setTimer(delayMs, resolve)); // nothing fires before it answers
    }
  }
}
