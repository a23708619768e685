/** Resolves the unknown fate of a commit: after a claim by the same holder nothing of the old epoch can land. */
import type { RunRef } from '../run/index.ts';
import type { SessionHost } from './host.ts';

const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 5_000;

/** What a holder knows of a run that it claims again. */
interface Held {
  readonly run: RunRef;
  readonly epoch: number;
  /** How far its log was read, and when the store wrote that. */
  readonly state: { readonly lastSeq: number; readonly lastAt: number };
  readonly isOver: () => boolean;
}

export interface Reclaimed {
  readonly epoch: number;
  /** The log does not hold what was read of it: what is remembered belongs to a history that is gone. */
  readonly isSetBack: boolean;
}

/** The new epoch, as soon as the store answers; undefined where the run is somebody else's, or the session is over. */
export async function claimAgain(host: SessionHost, held: Held): Promise<Reclaimed | undefined> {
  let { epoch } = held;
  let isDoubtful = false;
  const claimed = await patiently(host, held, async () => {
    if (isDoubtful) epoch = (await epochHere(host, held.run)) ?? epoch; // a claim whose answer was lost may have landed
    isDoubtful = true;
    return await host.store.reclaim(held.run, host.workerId, epoch);
  });
  const isSame = claimed && (await patiently(host, held, () => isInLog(host, held)));
  host.journal.fateSettled();
  if (claimed === undefined || isSame === undefined) {
    if (!held.isOver()) sayLost(host, held.run, 'it was taken while the fate of a commit was unknown');
    return undefined;
  }
  if (!isSame) sayLost(host, held.run, 'history was set back');
  return { epoch: claimed.row.epoch, isSetBack: !isSame };
}

/** The epoch under which the store names this worker; undefined where it names another one, or none. */
async function epochHere(
  { store, workerId }: SessionHost,
  { tenant, runId }: RunRef,
): Promise<number | undefined> {
  const row = await store.getRun(tenant, runId);
  return row?.holder === workerId ? row.epoch : undefined;
}

/** Asks until the store answers; undefined where nobody wants to know any more. */
async function patiently<T>(
  host: SessionHost,
  { isOver }: Held,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  for (let delayMs = FIRST_DELAY_MS; !isOver(); delayMs = Math.min(LAST_DELAY_MS, delayMs * 2)) {
    try {
      return await ask();
    } catch {
      // the store is away: the journal has said so, and it is tried until it is back
      await new Promise<void>((resolve) => void host.platform.setTimer(delayMs, resolve));
    }
  }
  return undefined;
}

/** Whether the last event that was read stands where it was read. */
async function isInLog({ store }: SessionHost, { run, state: { lastSeq, lastAt } }: Held): Promise<boolean> {
  if (lastSeq === 0) return true;
  const [event] = await store.readEvents(run, lastSeq - 1, 1);
  return event?.at === lastAt;
}

export function sayLost({ platform, workerId }: SessionHost, run: RunRef, detail: string): void {
  const { runId, tenant } = run;
  const message = 'this run was lost to another holder; its work here stops';
  platform.logger.log('warn', message, { runId, tenant, workerId, detail });
}

/** Whether the store still names this holder and epoch: asked before something fires after a long silence of our own. */
export async function isStillHeld(host: SessionHost, run: RunRef, epoch: number): Promise<boolean> {
  const row = await untilAnswered(host, () => host.store.getRun(run.tenant, run.runId));
  const isHeld = row?.holder === host.workerId && row.epoch === epoch;
  if (!isHeld) sayLost(host, run, 'it was taken while this worker was silent');
  return isHeld;
}

/** Nothing fires before it answers. @throws what the store says when the engine is closed */
export async function untilAnswered<T>(host: SessionHost, ask: () => Promise<T>): Promise<T> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(LAST_DELAY_MS, delayMs * 2)) {
    try {
      return await ask();
    } catch (error) {
      if (host.journal.isClosed) throw error;
      await new Promise<void>((resolve) => void host.platform.setTimer(delayMs, resolve));
    }
  }
}
