/** Short ways to say what the contract commits: runs, fences, batches and their answers. */
import assert from 'node:assert/strict';
import { DEFAULT_TENANT, type NewEvent, type RunRef, type StoredEvent } from '../../run/index.ts';
import {
  type Batch,
  type ClaimedRun,
  type ClaimRequest,
  type CommitAnswer,
  type Committed,
  type Conclusion,
  EXTERNAL,
  type NewRun,
  type Refused,
  type RunRow,
  type Store,
} from '../../store/index.ts';

export const HOLDER = 'holder-1';
export const OTHER = 'holder-2';
const WORKFLOW = 'ship';
export const SERVES = [{ workflow: WORKFLOW, versions: ['1'] }];

/** A run as its holder knows it. */
export interface Held {
  readonly run: RunRef;
  readonly holder: string;
  readonly epoch: number;
  /** The last seq that the holder has read. */
  readonly seq: number;
}

export function refOf(runId: string, tenant = DEFAULT_TENANT): RunRef {
  return { tenant, runId };
}

export function newRun(runId: string, options: Partial<NewRun> = {}): NewRun {
  const workflow = options.workflow ?? WORKFLOW;
  const version = options.version ?? '1';
  return {
    tenant: DEFAULT_TENANT,
    runId,
    workflow,
    version,
    priority: 0,
    labels: {},
    rootRunId: runId,
    depth: 0,
    holder: HOLDER,
    events: [
      {
        type: 'run.created',
        data: { workflow, version, digest: 'd1', trigger: { kind: 'api' } },
        payload: '{"n":1}',
      },
    ],
    ...options,
  };
}

/** What a run of a family says of where it belongs: only within a family does one commit reach over runs. */
export function childOf(parentRunId: string): Partial<NewRun> {
  return { parentRunId, parentPath: 'child', rootRunId: parentRunId, depth: 1 };
}

/** The batch of a start: it names the run that it creates. */
export function startOf(run: NewRun, more: Partial<Batch> = {}): Batch {
  return { run: refOf(run.runId, run.tenant), fence: EXTERNAL, events: [], creates: [run], ...more };
}

/** Starts a run that is held from its first moment. */
export async function start(store: Store, runId: string, options: Partial<NewRun> = {}): Promise<Held> {
  const answer = await commitOne(store, startOf(newRun(runId, options)));
  const created = answer.created[0];
  assert.ok(created, 'the run was not created');
  return { run: created.run, holder: options.holder ?? HOLDER, epoch: created.epoch, seq: created.lastSeq };
}

/** Starts a run that nobody holds: it is queued and due. */
export async function enqueue(store: Store, runId: string, options: Partial<NewRun> = {}): Promise<RunRef> {
  return (await start(store, runId, { ...options, holder: null })).run;
}

export function factsOf(held: Held, events: readonly NewEvent[], more: Partial<Batch> = {}): Batch {
  const fence = { holder: held.holder, epoch: held.epoch, readSeq: held.seq };
  return { run: held.run, fence, events, ...more };
}

export function conclusionOf(held: Held, conclusion: Partial<Conclusion> = {}): Batch {
  return factsOf(held, [], { conclusion: { seenSeq: held.seq, events: [], ...conclusion } });
}

export function externalOf(run: RunRef, events: readonly NewEvent[], more: Partial<Batch> = {}): Batch {
  return { run, fence: EXTERNAL, events, wakes: 'arrival', ...more };
}

/** What its holder knows after a commit of its own. */
export function after(held: Held, answer: Committed): Held {
  return { ...held, seq: answer.lastSeq };
}

export async function answerOf(store: Store, batch: Batch): Promise<CommitAnswer> {
  const [answer] = await store.commit([batch]);
  assert.ok(answer, 'the store gave no answer');
  return answer;
}

export async function commitOne(store: Store, batch: Batch): Promise<Committed> {
  const answer = await answerOf(store, batch);
  assert.ok(answer.type === 'committed', JSON.stringify(answer));
  return answer;
}

export async function refusedOne(store: Store, batch: Batch): Promise<Refused> {
  const answer = await answerOf(store, batch);
  assert.ok(answer.type === 'refused', JSON.stringify(answer));
  return answer;
}

/** Lets the run rest: it waits for `dueAt`, and nobody holds it. */
export async function rest(store: Store, held: Held, dueAt: number | null): Promise<void> {
  await commitOne(
    store,
    conclusionOf(held, { events: [{ type: 'run.waiting', data: {} }], dueAt, release: true }),
  );
}

export async function rowOf(store: Store, run: RunRef): Promise<RunRow> {
  const row = await store.getRun(run.tenant, run.runId);
  assert.ok(row, `there is no run ${run.runId}`);
  return row;
}

export async function eventsOf(store: Store, run: RunRef): Promise<StoredEvent[]> {
  return store.readEvents(run, 0, 10_000);
}

export async function typesOf(store: Store, run: RunRef): Promise<string[]> {
  return (await eventsOf(store, run)).map((event) => event.type);
}

/** Claims by a holder that serves the workflow of these tests. */
export async function claimOf(
  { store, now }: { store: Store; now: number },
  more: Partial<ClaimRequest> = {},
): Promise<ClaimedRun[]> {
  return store.claim({
    holder: OTHER,
    serves: SERVES,
    limit: 100,
    now,
    quarantine: false,
    dead: [],
    ...more,
  });
}

export function heldOf(claimed: ClaimedRun | undefined): Held {
  assert.ok(claimed, 'nothing was claimed');
  const { row } = claimed;
  return { run: row.run, holder: row.holder ?? '', epoch: row.epoch, seq: row.lastSeq };
}
