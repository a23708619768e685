/** Data of the most frequent events as a short list in place of an object: a third of the bytes of a typical log. */
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
  if (!hasOnly(data, ['endedAt', 'durationMs', 'start'])) return undefined;
  const { endedAt, durationMs, start } = data;
  if (start === undefined) return [endedAt, durationMs];
  if (start.after === undefined || !hasOnly(start, ['at', 'after'])) return undefined;
  const { n, since } = start.after;
  const list = [endedAt, durationMs, endedAt - durationMs - start.at, n];
  if (since !== undefined) list.push(since);
  return list;
}

function completedOf([endedAt, durationMs, idle, n, since]: readonly unknown[]): unknown {
  if (idle === undefined) return { endedAt, durationMs };
  const at = Number(endedAt) - Number(durationMs) - Number(idle);
  return { endedAt, durationMs, start: { at, after: since === undefined ? { n } : { n, since } } };
}

function startedList(data: EventData<'run.started'>): string[] | undefined {
  return data.workerId !== undefined && hasOnly(data, ['workerId']) ? [data.workerId] : undefined;
}

function createdList(data: EventData<'run.created'>): string[] | undefined {
  const { workflow, version, digest, trigger } = data;
  if (!hasOnly(data, ['workflow', 'version', 'digest', 'trigger']) || !hasOnly(trigger, ['kind']))
    return undefined;
  return [workflow, version, digest, trigger.kind];
}

/** Whether nothing but these keys has a value; JSON drops what is undefined. */
function hasOnly(value: object, keys: readonly string[]): boolean {
  for (const [key, part] of Object.entries(value)) {
    if (part !== undefined && !keys.includes(key)) return false;
  }
  return true;
}
