/** Work on a store that may have several places: on each by itself. */
import type { RunRef } from '../run/index.ts';
import type { Store } from './store.ts';

/** The place of a run; the store itself where there is one place only. */
export function partOf(store: Store, run: RunRef & { readonly num: number }): Store {
  return store.parts?.of(run) ?? store;
}

/** Does the same in every place. @throws what the first of them said, where it could be done in none */
export async function inEachPart(store: Store, act: (part: Store) => Promise<void>): Promise<void> {
  if (store.parts === undefined) return await act(store);
  const done = await Promise.allSettled(store.parts.all.map((part) => act(part)));
  const problems = done.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (problems.length === done.length) throw problems[0];
}
