/** How a run is named: by tenant and id for people, by number inside one store. */

/** The tenant of everything that names none. */
export const DEFAULT_TENANT = 'default';

export interface RunRef {
  readonly tenant: string;
  readonly runId: string;
  /** The run's number in its store; undefined where only the id is known. */
  readonly num?: number | undefined;
}

/** What a run is kept under where runs of all tenants stand together: an id is that of one run in its tenant alone. */
export function runKey({ tenant, runId }: RunRef): string {
  return `${tenant}/${runId}`;
}
