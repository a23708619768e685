/** Reads what a run has recorded, in the words that tests compare. */
import { type Engine, isPawlError, type StoredEvent } from 'pawl';

export async function eventsOf(engine: Engine, runId: string): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of engine.handle(runId).events()) events.push(event);
  return events;
}

/** `type path`, or `type` alone where the event is about the run. */
export async function storyOf(engine: Engine, runId: string): Promise<readonly string[]> {
  const events = await eventsOf(engine, runId);
  return events.map(({ type, path }) => (path === undefined ? type : `${type} ${path}`));
}

export async function eventsOfType<Type extends StoredEvent['type']>(
  engine: Engine,
  runId: string,
  type: Type,
): Promise<readonly Extract<StoredEvent, { readonly type: Type }>[]> {
  const events = await eventsOf(engine, runId);
  return events.filter(
    (event): event is Extract<StoredEvent, { readonly type: Type }> => event.type === type,
  );
}

/** The catalogue code that an act is refused with; `done` where it is not refused. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return isPawlError(error) ? error.code : `not ours: ${String(error)}`;
  }
  return 'done';
}
