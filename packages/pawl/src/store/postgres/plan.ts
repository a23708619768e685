/** What a group of batches sends to `pawl.commit_1`: a list of writes each, and the columns of all their events. */
import type { NewEvent, RunRef } from '../../run/index.ts';
import {
  EXTERNAL,
  type LedgerEntry,
  type NewRun,
  type PreparedArrival,
  type PreparedBatch,
  type PreparedEvent,
  type PreparedRun,
  type Requirement,
} from '../index.ts';
import { columnsChecksum } from './checksum.ts';
import { hasOutcome, usageOf } from './event-effects.ts';
import type { GivenNames } from './given-names.ts';
import type { CommitParams } from './queries/commit.ts';
import { isPlainNewcomer, isSimple } from './simple-batch.ts';
import { codeOfStatus, isEnd, movesOf, phaseOf } from './status-codes.ts';
import { waitMoves } from './wait-moves.ts';

/** Letters of the plan; the function of the database (`functions/commit.ts`) reads them. */
const OWN = '0';
const CREATE = '1';
const ELSEWHERE = '2';
const CONCLUSION = '3';

type Json = Readonly<Record<string, unknown>>;

/** Events that stop the tasks of a run, or let them go on. */
const TASK_STOPS: ReadonlySet<string> = new Set([
  'run.parked',
  'run.paused',
  'run.resumed',
  'run.cancel_requested',
]);
/** Events that make any unfinished run due, whoever sends them. */
const WAKES_ALWAYS: ReadonlySet<string> = new Set(['run.cancel_requested', 'run.resumed']);
/** Whatever attempt a step is in: it is skipped. */
const ANY_ATTEMPT = 2_147_483_647;
const NOTHING = [0, 0, 0] as const;

/** Columns of all events of a group, and the runs whose rows it locks. */
export class Plan {
  readonly #names: GivenNames;
  readonly #batches: Json[] = [];
  readonly #type: number[] = [];
  readonly #path: (string | null)[] = [];
  readonly #actor: (string | null)[] = [];
  readonly #data: string[] = [];
  readonly #payload: (string | null)[] = [];
  readonly #blob: (string | null)[] = [];
  readonly #crc: number[] = [];
  readonly #attempt: number[] = [];
  readonly #bodies: (string | null)[] = [];
  readonly #bytes: (number | null)[] = [];
  #hasBlobs = false;
  readonly #nums = new Set<number>();
  readonly #refs: { readonly tenant: number; readonly id: string }[] = [];

  constructor(names: GivenNames) {
    this.#names = names;
  }

  add(prepared: PreparedBatch): void {
    const { batch, conclusion } = prepared;
    const [newcomer] = prepared.creates;
    if (newcomer !== undefined && isPlainNewcomer(prepared)) {
      this.#batches.push({ zs: this.#newcomer(newcomer) });
      return;
    }
    const from = this.#type.length + 1;
    const own = prepared.creates.find(({ run }) => isSameRun(run, batch.run));
    const creates = [...prepared.creates, ...(conclusion?.creates ?? [])];
    const isTwice = creates.some(
      ({ run }, index) => creates.findIndex((one) => isSameRun(one.run, run)) !== index,
    );
    this.#batches.push({
      ...this.#ref(batch.run),
      ...(own === undefined ? this.#fence(prepared) : { own: 1, ...startProblem(prepared) }),
      ...(batch.dedupeId === undefined ? {} : { d: batch.dedupeId }),
      ...(own === undefined && batch.requires ? { q: this.#requirement(batch.requires) } : {}),
      ...(conclusion === undefined ? {} : { seen: conclusion.conclusion.seenSeq }),
      ...(creates.length === 0 ? {} : { cr: 1 }),
      ...(isTwice ? { tw: 1 } : {}),
      w: this.#writes(prepared, own),
      ...(isSimple(prepared) ? { z: this.#whole(prepared, from) } : {}),
    });
  }

  /** The row of a new run, as its first events leave it. */
  #newcomer({ run, events }: PreparedRun): Json {
    const { f, c, m, u = NOTHING } = this.#events(events) as { f: number; c: number; m: string; u?: Json };
    const status = Number(m[0]);
    const { h, ...row } = this.#row(run);
    return {
      ...row,
      f,
      c,
      u,
      st: status,
      ph: phaseOf(status),
      h: isEnd(status) ? null : h,
      e: run.holder === null ? 0 : 1,
    };
  }

  /** A batch that touches its run alone, facts and conclusion in one: tried first, and judged as a whole. */
  #whole({ events, conclusion }: PreparedBatch, from: number): Json {
    const all = [...events, ...(conclusion?.events ?? [])].map(({ event }) => event);
    const { dueAt, release } = conclusion?.conclusion ?? {};
    return {
      f: from,
      c: all.length,
      m: movesOf(all),
      ...(hasOutcome(all) || release === true ? { s: 1 } : {}),
      u: usageOf(all) ?? NOTHING,
      ...dueOf(dueAt),
      ...(release === true ? { l: 1 } : {}),
    };
  }

  /**
   * The parameters of the call. `now` is null where the clock of the server is the store's; rows are locked first where batches
   * touch several, and not in their order.
   */
  params(now: number | null, areLockedFirst: boolean): CommitParams {
    const isAlone = !areLockedFirst || this.#nums.size + this.#refs.length <= 1;
    return [
      now,
      isAlone ? null : [...this.#nums],
      this.#refs.map(({ tenant }) => tenant),
      this.#refs.map(({ id }) => id),
      JSON.stringify(this.#batches),
      this.#type,
      this.#path,
      this.#actor,
      this.#data,
      this.#payload,
      this.#blob,
      this.#crc,
      this.#attempt,
      this.#hasBlobs ? this.#bodies : null,
      this.#hasBlobs ? this.#bytes : null,
    ];
  }

  /** The run that a batch or an arrival names; its row is locked with the others, in order of their numbers. */
  #ref(run: RunRef): Json {
    const tenant = this.#names.tenant(run.tenant) ?? null;
    if (run.num !== undefined) this.#nums.add(run.num);
    else if (tenant !== null) this.#refs.push({ tenant, id: run.runId });
    return { ...(run.num === undefined ? {} : { n: run.num }), t: tenant, i: run.runId };
  }

  #fence({ batch: { fence } }: PreparedBatch): Json {
    if (fence === EXTERNAL) return {};
    return { fe: 1, h: this.#names.holder(fence.holder) ?? null, e: fence.epoch, s: fence.readSeq };
  }

  #requirement({ openWait, status, unheldAt, task }: Requirement): Json {
    return {
      ...(openWait === undefined ? {} : { w: openWait }),
      ...(status === undefined ? {} : { s: status.map(codeOfStatus) }),
      ...(unheldAt === undefined ? {} : { u: unheldAt }),
      ...(task === undefined
        ? {}
        : {
            k: { p: task.path, a: task.attempt, h: this.#names.holder(task.holder) ?? null, e: task.epoch },
          }),
    };
  }

  #writes(prepared: PreparedBatch, own: PreparedRun | undefined): Json[] {
    const { conclusion } = prepared;
    const writes: Json[] = [];
    if (own === undefined) writes.push(...this.#ownFacts(prepared));
    writes.push(...prepared.creates.map((one) => this.#create(one, one === own)));
    writes.push(...prepared.arrivals.map((one) => this.#elsewhere(one)));
    if (conclusion === undefined) return writes;
    const { dueAt, release, ledger } = conclusion.conclusion;
    const later = [
      {
        k: CONCLUSION,
        ...this.#events(conclusion.events),
        ...ledgerOf(ledger),
        ...dueOf(dueAt),
        ...(release === true ? { l: 1 } : {}),
      },
      ...conclusion.creates.map((one) => this.#create(one, false)),
      ...conclusion.arrivals.map((one) => this.#elsewhere(one)),
    ];
    writes.push(...later.map((one) => ({ ...one, o: 1 })));
    return writes;
  }

  #ownFacts({ batch, events }: PreparedBatch): Json[] {
    const { ledger, tasks = [], wakes, fence } = batch;
    const isArrival = fence === EXTERNAL;
    const write = {
      ...this.#events(events),
      ...ledgerOf(ledger),
      ...(tasks.length === 0
        ? {}
        : {
            x: tasks.map((task) => [
              task.path,
              task.attempt,
              this.#names.taskLane(batch.run.tenant, task),
              task.order,
            ]),
          }),
      ...(isArrival && wakes !== undefined ? { z: wakes === 'always' ? 2 : 1 } : {}),
    };
    if (Object.keys(write).length === 0) return [];
    return [{ k: OWN, ...write, ...(isArrival ? { a: 1 } : {}) }];
  }

  #create({ run, events }: PreparedRun, isOwn: boolean): Json {
    const { workflow, idempotencyKey, inputDigest } = run;
    return {
      k: CREATE,
      ...(isOwn ? { own: 1 } : {}),
      ...this.#ref({ tenant: run.tenant, runId: run.runId }),
      ...this.#row(run),
      wf: workflow,
      ...(idempotencyKey === undefined ? {} : { y: idempotencyKey, dg: inputDigest ?? null }),
      ...this.#events(events),
    };
  }

  /** What a new run is, apart from its events. */
  #row(run: NewRun): Json {
    const { tenant, runId, holder, deadlineAt } = run;
    const hasLabels = Object.keys(run.labels).length > 0;
    return {
      t: this.#names.tenant(tenant) ?? null,
      i: runId,
      tn: tenant,
      lane: this.#names.lane(run),
      depth: run.depth,
      h: holder === null ? null : (this.#names.holder(holder) ?? null),
      ...(deadlineAt === undefined ? {} : { dl: Math.ceil(deadlineAt) }),
      ...(hasLabels ? { labels: JSON.stringify(run.labels) } : {}),
      ...(run.rootRunId === runId ? {} : { root: run.rootRunId }),
      ...(run.parentRunId === undefined ? {} : { pa: run.parentRunId }),
      ...(run.parentPath === undefined ? {} : { pp: run.parentPath }),
    };
  }

  #elsewhere({ arrival, events }: PreparedArrival): Json {
    const isUrgent = events.some(({ event }) => WAKES_ALWAYS.has(event.type));
    return {
      k: ELSEWHERE,
      ...this.#ref(arrival.run),
      tn: arrival.run.tenant,
      ...(arrival.dedupeId === undefined ? {} : { d: arrival.dedupeId }),
      ...(arrival.requires === undefined ? {} : { q: this.#requirement(arrival.requires) }),
      z: isUrgent ? 2 : 1,
      ...this.#events(events),
    };
  }

  /** Columns go into the arrays; the write says where they stand and what they do to the row of the run. */
  #events(prepared: readonly PreparedEvent[]): Json {
    if (prepared.length === 0) return {};
    const from = this.#type.length + 1;
    for (const one of prepared) this.#push(one);
    const events = prepared.map(({ event }) => event);
    const moves = waitMoves(events);
    const usage = usageOf(events);
    const reason = events.findLast(({ type }) => type === 'run.parked');
    return {
      f: from,
      c: events.length,
      m: movesOf(events),
      ...(usage === undefined ? {} : { u: usage }),
      ...(hasOutcome(events) ? { s: 1 } : {}),
      ...(reason?.type === 'run.parked' ? { r: reason.data.reason } : {}),
      ...(moves.length === 0 ? {} : { v: moves }),
      ...(events.some(({ type }) => TASK_STOPS.has(type)) ? { p: 1 } : {}),
    };
  }

  #push({ event, columns }: PreparedEvent): void {
    const { type, path, actor, data, payload, blob } = columns;
    this.#type.push(type);
    this.#path.push(path);
    this.#actor.push(actor);
    this.#data.push(data);
    this.#payload.push(blob === null ? payload : null);
    this.#blob.push(blob?.digest ?? null);
    this.#crc.push(columnsChecksum(columns));
    this.#attempt.push(attemptOf(event));
    this.#bodies.push(blob === null ? null : payload);
    this.#bytes.push(blob?.bytes ?? null);
    if (blob !== null) this.#hasBlobs = true;
  }
}

function isSameRun(a: RunRef, b: RunRef): boolean {
  return a.tenant === b.tenant && a.runId === b.runId;
}

/** A part of a millisecond is not due before its end. */
function dueOf(dueAt: number | null | undefined): Json {
  return dueAt === undefined ? {} : { due: dueAt === null ? null : Math.ceil(dueAt) };
}

function startProblem({ batch, events, conclusion }: PreparedBatch): Json {
  if (batch.fence !== EXTERNAL) return { no: [0, 'lease_lost', `there is no run ${batch.run.runId}`] };
  if (events.length === 0 && conclusion === undefined) return {};
  return { no: [0, 'refused', 'the events of a new run stand in its `creates`'] };
}

function attemptOf(event: NewEvent): number {
  if (event.type === 'step.skipped') return ANY_ATTEMPT;
  return (event.data as { readonly attempt?: number }).attempt ?? 1;
}

function ledgerOf(lines: readonly LedgerEntry[] = []): Json {
  if (lines.length === 0) return {};
  return {
    g: lines.map(({ path, attempt, usage }) => [
      path,
      attempt,
      usage.inputTokens,
      usage.outputTokens,
      usage.costNanoUsd,
    ]),
  };
}
