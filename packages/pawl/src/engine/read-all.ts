/** Reads a whole log, page by page. */
import type { RunRef, StoredEvent } from '../run/index.ts';
import type { Store } from '../store/index.ts';

const PAGE = 1_000;

export async function readAll(store: Store, run: RunRef): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await store.readEvents(run, events.length, PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}
