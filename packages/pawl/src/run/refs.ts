/** How a run is named: by tenant and id for people, by number inside one store. */

/** The tenant of everything that names none. */
export const DEFAULT_TENANT = 'default';

export interface RunRef {
  readonly tenant: string;
  readonly runId: string;
  /** The run's number in its store; undefined where only the id is known. */
  readonly num?: number | undefined;
}
