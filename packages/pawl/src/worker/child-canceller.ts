/** Cancels child runs until they have ended: a child that went on as a new run is found by its parent and its path. */
import { foldAll, type NewEvent, type RunStatus } from '../run/index.ts';
import { EXTERNAL, type RunRow } from '../store/index.ts';
import { canCancelAtOnce, cancelBatch } from './cancel-at-once.ts';
import type { SessionCore } from './session-core.ts';

const UNFINISHED: readonly RunStatus[] = ['queued', 'running', 'waiting', 'parked', 'paused'];
/** A child may go on as a new run while the cancel is on its way: it is looked for again as long as it has not ended. */
const AGAIN_MS = 1_000;
const MAX_CHILDREN = 1_000;
/** Longer logs belong to runs that have begun. */
const MAX_EVENTS = 100;

export class ChildCanceller {
  readonly #session: SessionCore;
  /** Paths of children that must end, and why. */
  readonly #wanted = new Map<string, string>();
  /** Runs that were told. */
  readonly #told = new Set<string>();
  #isLooking = false;

  constructor(session: SessionCore) {
    this.#session = session;
  }

  cancel(path: string, reason: string): void {
    if (this.#wanted.has(path)) return;
    this.#wanted.set(path, reason);
    const child = this.#session.state.children.get(path);
    if (child) this.#tell(child.childRunId, reason);
    this.#lookLater();
  }

  /** The run is replayed: the word may have been in a commit that did not land, and whoever wants an end says so again. */
  restart(): void {
    this.#wanted.clear();
    this.#told.clear();
  }

  /** Some that must end have not: they are looked after only as long as their parent is held. */
  get isWaiting(): boolean {
    return [...this.#wanted.keys()].some((path) => this.#isOpen(path));
  }

  /** It runs, or its start is on its way to the disk. */
  #isOpen(path: string): boolean {
    const { state, outbox } = this.#session;
    const child = state.children.get(path);
    return child ? child.status === 'running' : outbox.openingOf(path) !== undefined;
  }

  /** The word goes with the run's own facts: nothing is visible before what it follows from. */
  #tell(childRunId: string, reason: string): void {
    if (this.#told.has(childRunId)) return;
    this.#told.add(childRunId);
    const { run, outbox } = this.#session;
    const event: NewEvent = { type: 'run.cancel_requested', actor: `run:${run.runId}`, data: { reason } };
    outbox.addArrival({ run: { tenant: run.tenant, runId: childRunId }, events: [event] });
    this.#session.flush();
  }

  /** A child that nobody drives and that never began may be served by nobody: it is ended from here. */
  async #endUnstarted(row: RunRow, reason: string): Promise<void> {
    const { host, run } = this.#session;
    const state = foldAll(row.run, await host.store.readEvents(row.run, 0, MAX_EVENTS), { history: false });
    if (state.lastSeq !== row.lastSeq || !canCancelAtOnce(state, { hasCleanUp: true })) return;
    const requested = { type: 'run.cancel_requested', actor: `run:${run.runId}`, data: { reason } } as const;
    const batch = cancelBatch(state, { requested, nowMs: host.platform.clock.now() });
    await host.journal.commit({ ...batch, fence: EXTERNAL, dedupeId: host.platform.newId() });
  }

  #lookLater(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#session.host.platform.setTimer(AGAIN_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { host, run } = this.#session;
    this.#isLooking = false;
    for (const path of this.#wanted.keys()) if (!this.#isOpen(path)) this.#wanted.delete(path);
    if (this.#wanted.size === 0 || !this.#session.isHeld) return;
    try {
      const filter = { tenant: run.tenant, parentRunId: run.runId, status: UNFINISHED, limit: MAX_CHILDREN };
      for (const row of await host.store.listRuns(filter)) {
        const reason = this.#wanted.get(row.parentPath ?? '');
        if (reason === undefined || !this.#session.isHeld) continue;
        this.#tell(row.run.runId, reason);
        if (row.holder === null && row.status === 'queued') await this.#endUnstarted(row, reason);
      }
    } catch (error) {
      host.platform.logger.log('warn', 'child runs could not be looked up; trying again', {
        runId: run.runId,
        error: String(error),
      });
    }
    this.#lookLater();
  }
}
