/** What a group of simple batches sends to `queries/commit-set.ts`, and the answers made of what comes back. */
import {
  type CommitAnswer,
  type Committed,
  EXTERNAL,
  type NewRun,
  type PreparedBatch,
  type PreparedEvent,
} from '../index.ts';
import { columnsChecksum } from './checksum.ts';
import { Columns } from './columns.ts';
import type { Connection } from './connection.ts';
import { hasOutcome, type Usage, usageOf } from './event-effects.ts';
import type { GivenNames } from './given-names.ts';
import {
  commitFresh,
  commitMoved,
  commitOneFresh,
  commitOneMoved,
  type CommitOneRow,
  commitSet,
  type CommitSetRow,
  EVENTS,
  FRESH,
  GIVES_BACK,
  HAS_DUE,
  MAX_ALONE,
  MOVED,
  TAKES_STRIKES,
} from './queries/commit-set.ts';
import type { Params, Query } from './query.ts';
import { codeOfStatus, isEnd, movesOf, packedMoves, phaseOf, statusOfCode } from './status-codes.ts';

const QUEUED = codeOfStatus('queued');
const NOTHING: readonly [null, null, null] = [null, null, null];

/** A batch has its place among those of the plan, and finds its answer by it. */
export class SetPlan {
  readonly #names: GivenNames;
  readonly #items: readonly PreparedBatch[];
  readonly #moved = new Columns(MOVED);
  readonly #fresh = new Columns(FRESH);
  readonly #events = new Columns(EVENTS);

  /** Batches of holders stand in the order of the numbers of their runs, so that the rows are locked in it. */
  constructor(names: GivenNames, items: readonly PreparedBatch[]) {
    this.#names = names;
    this.#items = items;
    for (const [place, item] of items.entries()) {
      if (item.creates.length === 0) this.#addMoved(place, item);
      else this.#addFresh(place, item);
    }
  }

  /** Sends it. Batches that were not taken have no answer. @throws RangeError where a number does not fit its column */
  async send(db: Connection, now: number | null): Promise<Map<PreparedBatch, CommitAnswer>> {
    const [only] = this.#items;
    if (
      only !== undefined &&
      this.#items.length === 1 &&
      this.#events.length <= MAX_ALONE &&
      this.#events.length > 0
    )
      return await this.#sendOne(db, now, only);
    const [row] = await db.write(...this.#call(now));
    return row === undefined ? new Map() : this.#answersOf(row);
  }

  async #sendOne(
    db: Connection,
    now: number | null,
    item: PreparedBatch,
  ): Promise<Map<PreparedBatch, CommitAnswer>> {
    const isMoved = this.#moved.length === 1;
    const call = (isMoved ? commitOneMoved : commitOneFresh)[this.#events.length - 1];
    const values = (isMoved ? this.#moved : this.#fresh).row(0).slice(1); // its place among others says nothing
    const events = Array.from({ length: this.#events.length }, (_, index) =>
      this.#events.row(index).slice(1),
    );
    const [row] = await db.write(call as Query<Params, CommitOneRow>, now, ...values, ...events.flat());
    if (row === undefined) return new Map();
    const { at, num, last_seq: lastSeq, status } = row;
    return new Map([[item, answerOf(item, { at, num, lastSeq, status })]]);
  }

  #call(now: number | null): [Query<Params, CommitSetRow>, ...Params] {
    const events = this.#events.params();
    if (this.#fresh.length === 0) return [commitMoved, now, ...this.#moved.params(), ...events];
    if (this.#moved.length === 0) return [commitFresh, now, ...this.#fresh.params(), ...events];
    return [commitSet, now, ...this.#moved.params(), ...this.#fresh.params(), ...events];
  }

  #answersOf({ at, places, nums, lasts, statuses }: CommitSetRow): Map<PreparedBatch, CommitAnswer> {
    const answers = new Map<PreparedBatch, CommitAnswer>();
    if (places === null) return answers;
    const [allNums, allLasts, allStatuses] = [nums, lasts, statuses].map(numbersOf);
    for (const [index, place] of numbersOf(places).entries()) {
      const item = this.#items[place] as PreparedBatch;
      const [num, lastSeq, status] = [allNums, allLasts, allStatuses].map((all) => all?.[index]) as [
        number,
        number,
        number,
      ];
      answers.set(item, answerOf(item, { at, num, lastSeq, status }));
    }
    return answers;
  }

  #addMoved(place: number, { batch, events, conclusion }: PreparedBatch): void {
    const { run, fence } = batch;
    if (fence === EXTERNAL) throw new RangeError('only a holder moves its run by itself');
    const last = conclusion === undefined ? events : [...events, ...conclusion.events];
    const all = last.map(({ event }) => event);
    const { dueAt, release = false, seenSeq } = conclusion?.conclusion ?? {};
    const flags =
      (hasOutcome(all) || release ? TAKES_STRIKES : 0) |
      (release ? GIVES_BACK : 0) |
      (dueAt === undefined ? 0 : HAS_DUE);
    this.#moved.add([
      place,
      run.num ?? null,
      this.#names.tenant(run.tenant) ?? null,
      run.runId,
      this.#names.holder(fence.holder) ?? null,
      fence.epoch,
      fence.readSeq,
      packedMoves(movesOf(all)),
      all.length,
      flags,
      seenSeq ?? null,
      dueAt == null ? null : Math.ceil(dueAt),
      ...((usageOf(all) ?? NOTHING) as Usage),
    ]);
    this.#push(place, last);
  }

  #addFresh(place: number, { creates: [made] }: PreparedBatch): void {
    if (made === undefined) return;
    const { run, events } = made;
    const all = events.map(({ event }) => event);
    const status = Number(movesOf(all)[QUEUED]);
    const holder = run.holder === null || isEnd(status) ? null : (this.#names.holder(run.holder) ?? null);
    this.#fresh.add([
      place,
      this.#names.tenant(run.tenant) ?? null,
      this.#names.lane(run) ?? null,
      status,
      phaseOf(status),
      run.depth,
      holder,
      epochOf(run),
      all.length,
      run.runId,
      run.deadlineAt === undefined ? null : Math.ceil(run.deadlineAt),
      Object.keys(run.labels).length === 0 ? null : JSON.stringify(run.labels),
      run.rootRunId === run.runId ? null : run.rootRunId,
      run.parentRunId ?? null,
      run.parentPath ?? null,
      ...((usageOf(all) ?? NOTHING) as Usage),
    ]);
    this.#push(place, events);
  }

  #push(place: number, events: readonly PreparedEvent[]): void {
    for (const [index, { columns }] of events.entries()) {
      const { type, path, data, payload, actor } = columns;
      this.#events.add([place, index + 1, type, path, data, payload, columnsChecksum(columns), actor]);
    }
  }
}

interface Written {
  readonly at: number;
  readonly num: number;
  readonly lastSeq: number;
  readonly status: number;
}

function answerOf({ events, creates: [made], conclusion }: PreparedBatch, written: Written): Committed {
  const { at, num, lastSeq } = written;
  const status = statusOfCode(written.status) as Committed['status'];
  if (made === undefined) {
    const count = events.length + (conclusion?.events.length ?? 0);
    return {
      type: 'committed',
      firstSeq: lastSeq - count + 1,
      lastSeq,
      status,
      at,
      created: [],
      touched: [],
    };
  }
  const { tenant, runId } = made.run;
  const created = [{ run: { tenant, runId, num }, epoch: epochOf(made.run), lastSeq, isNew: true }];
  return { type: 'committed', firstSeq: 1, lastSeq, status, at, created, touched: [] };
}

function epochOf({ holder }: NewRun): number {
  return holder === null ? 0 : 1;
}

const COMMA = 44;
const ZERO = 48;

/** Of `{1,2}`: none of them is negative. */
function numbersOf(text: string): readonly number[] {
  const numbers: number[] = [];
  let number = 0;
  for (let at = 1; at < text.length - 1; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA) {
      numbers.push(number);
      number = 0;
    } else number = number * 10 + (code - ZERO);
  }
  numbers.push(number);
  return numbers;
}
