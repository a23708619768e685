/** Data of the most frequent events as a short list in place of an object: half the bytes of a long log. */
import type { EventData, EventType, NewEvent } from '../../run/index.ts';

/**
 * JSON text of an event's data: a list where the event is an ordinary one of its type, else the object as it is. The order
 * inside a list is part of the format, and never changes.
 */
export function packData(event: NewEvent): string {
  return JSON.stringify(listOf(event) ?? event.data);
}

function listOf(event: NewEvent): unknown[] | undefined {
  if (event.type === 'step.completed') return completedList(event.data);
  if (event.type === 'run.started') return startedList(event.data);
  return event.type === 'run.created' ? createdList(event.data) : undefined;
}

/** The data that a text stands for, before its schema has seen it. */
export function unpackData(type: EventType, text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return value;
  const list: readonly unknown[] = value;
  if (type === 'step.completed') return completedOf(list);
  if (type === 'run.started') return { workerId: list[0] };
  if (type !== 'run.created') return value; // the schema refuses it
  const [workflow, version, digest, kind] = list;
  return { workflow, version, digest, trigger: { kind } };
}

/** `[endedAt, durationMs, idle between start and run, after.n, after.since]`; the last three belong to a folded start. */
function completedList(data: EventData<'step.completed'>): number[] | undefined {
  const { endedAt, durationMs, start } = data;
  if ((data.attempt ?? data.usage ?? data.outcome ?? data.answered) !== undefined) return undefined;
  if (start === undefined) return [endedAt, durationMs];
  if (
    start.after === undefined ||
    (start.kind ?? start.workerId ?? start.label ?? start.check ?? start.input) !== undefined
  ) {
    return undefined;
  }
  const { n, since } = start.after;
  const idle = endedAt - durationMs - start.at;
  return since === undefined ? [endedAt, durationMs, idle, n] : [endedAt, durationMs, idle, n, since];
}

function completedOf([endedAt, durationMs, idle, n, since]: readonly unknown[]): unknown {
  if (idle === undefined) return { endedAt, durationMs };
  const at = Number(endedAt) - Number(durationMs) - Number(idle);
  return { endedAt, durationMs, start: { at, after: since === undefined ? { n } : { n, since } } };
}

function startedList({ workerId, parsed }: EventData<'run.started'>): string[] | undefined {
  return workerId !== undefined && parsed === undefined ? [workerId] : undefined;
}

/** Runs are created once: here any further key is looked for. */
function createdList(data: EventData<'run.created'>): string[] | undefined {
  const { workflow, version, digest, trigger, ...more } = data;
  const isOrdinary = trigger.ref === undefined && Object.values(more).every((part) => part === undefined);
  return isOrdinary ? [workflow, version, digest, trigger.kind] : undefined;
}
