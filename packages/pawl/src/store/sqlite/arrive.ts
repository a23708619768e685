/** Arrivals: events from outside a run's holder, which make the run due and hold back conclusions that have not seen them. */
import { isTerminal, isWokenByArrival, type RunRef } from '../../run/index.ts';
import type { Batch, PreparedArrival, PreparedEvent } from '../index.ts';
import type { Group } from './group.ts';
import { type Head, set } from './head.ts';
import { insertAnswer } from './queries/insert-answer.ts';
import { selectAnswer } from './queries/select-answer.ts';
import { unmetRequirement } from './requirement.ts';

/** Events that make any unfinished run due, whoever sends them. */
const WAKES_ALWAYS: ReadonlySet<string> = new Set(['run.cancel_requested', 'run.resumed']);

/** Appends events as an arrival and makes the run due by the rule of `wakes`, judged by its status before them. */
export function arrive(
  group: Group,
  head: Head,
  arrived: { events: readonly PreparedEvent[]; wakes: Batch['wakes'] },
): void {
  const { status } = head;
  group.append(head, arrived.events);
  if (arrived.events.length > 0) head.arrivedSeq = head.lastSeq;
  if (arrived.wakes === undefined || isTerminal(head.status)) return;
  if (arrived.wakes === 'arrival' && !isWokenByArrival(status)) return;
  set(head, 'dueAt', Math.min(head.dueAt ?? group.now, group.now));
}

/** Takes arrivals at other runs; those that do not fit (gone, ended, requirement unmet, sent before) are left out. */
export function arriveElsewhere(group: Group, arrivals: readonly PreparedArrival[]): RunRef[] {
  const touched: RunRef[] = [];
  for (const { arrival, events } of arrivals) {
    const head = group.head(arrival.run);
    if (head === undefined || isTerminal(head.status)) continue;
    if (arrival.dedupeId !== undefined && group.db.get(selectAnswer, head.num, arrival.dedupeId)) continue;
    if (unmetRequirement(group, head, arrival.requires) !== undefined) continue;
    const isUrgent = events.some(({ event }) => WAKES_ALWAYS.has(event.type));
    arrive(group, head, { events, wakes: isUrgent ? 'always' : 'arrival' });
    if (arrival.dedupeId !== undefined)
      group.db.run(insertAnswer, head.num, arrival.dedupeId, group.now, null);
    touched.push({ tenant: arrival.run.tenant, runId: head.id, num: head.num });
  }
  return touched;
}
