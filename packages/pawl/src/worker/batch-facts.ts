/** What a batch that was committed says of its run. */
import type { NewEvent, StoredEvent } from '../run/index.ts';
import type { Batch, NewRun } from '../store/index.ts';

/** The log of a run that was just created. */
export function storedEvents(newRun: NewRun, at: number): readonly StoredEvent[] {
  return newRun.events.map((event, index) => ({ ...event, seq: index + 1, at }));
}

/** How much a batch has to write: characters of payload. */
export function lengthOf({ events, conclusion, creates, arrivals }: Batch): number {
  let length = payloadOf(events);
  for (const made of creates ?? []) length += payloadOf(made.events);
  for (const arrival of arrivals ?? []) length += payloadOf(arrival.events);
  if (conclusion === undefined) return length;
  for (const made of conclusion.creates ?? []) length += payloadOf(made.events);
  for (const arrival of conclusion.arrivals ?? []) length += payloadOf(arrival.events);
  return length + payloadOf(conclusion.events);
}

function payloadOf(events: readonly NewEvent[]): number {
  let length = 0;
  for (const event of events) if ('payload' in event) length += event.payload?.length ?? 0;
  return length;
}

/** Why a run ended in an outsider's commit, for whoever looks at its abort signal. */
export function endReason(batch: Batch): string {
  const asked = batch.events.find((event) => event.type === 'run.cancel_requested');
  return asked?.data.reason === undefined ? 'cancelled' : `cancelled: ${asked.data.reason}`;
}
