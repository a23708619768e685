/** What a batch that was committed says of its run. */
import type { StoredEvent } from '../run/index.ts';
import type { Batch, NewRun } from '../store/index.ts';

/** The log of a run that was just created. */
export function storedEvents(newRun: NewRun, at: number): readonly StoredEvent[] {
  return newRun.events.map((event, index) => ({ ...event, seq: index + 1, at }));
}

/** Why a run ended in an outsider's commit, for whoever looks at its abort signal. */
export function endReason(batch: Batch): string {
  const asked = batch.events.find((event) => event.type === 'run.cancel_requested');
  return asked?.data.reason === undefined ? 'cancelled' : `cancelled: ${asked.data.reason}`;
}
