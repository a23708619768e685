/** One group of batches inside its transaction: heads read once, events gathered, everything written at the end. */
import type { SQLInputValue } from 'node:sqlite';
import { isTerminal, type RunRef } from '../../run/index.ts';
import { checksumOf, type EncodedEvent, type NewTask, type PreparedEvent } from '../index.ts';
import type { Connection } from './connection.ts';
import { type Head, headOf, moveHead, writeHead } from './head.ts';
import type { Names } from './names.ts';
import { isProjected, project, projectEnd } from './projections.ts';
import { EVENT_COLUMNS, insertEvents } from './queries/insert-events.ts';
import { HEADS_A_READ, selectHead, selectHeads } from './queries/select-head.ts';
import { selectLastTask } from './queries/select-last-task.ts';
import { selectMaxNum } from './queries/select-max-num.ts';
import { selectNum } from './queries/select-num.ts';
import { upsertBlob } from './queries/upsert-blob.ts';
import { addTask, concernsTasks, endTasks, projectTask } from './task-rows.ts';

/**
 * States: open → written (`flush`). Heads and events are written at the end, other rows at once; nothing of a group is read
 * back through the deferred tables while it is open.
 */
export class Group {
  readonly db: Connection;
  readonly names: Names;
  /** The store's clock, one reading for the whole transaction. */
  readonly now: number;
  readonly #heads = new Map<number, Head>();
  readonly #params: SQLInputValue[] = [];
  #nextNum: number | undefined;
  #hasTasks: boolean | undefined;

  constructor(db: Connection, names: Names, now: number) {
    this.db = db;
    this.names = names;
    this.now = now;
  }

  /** The head of a run, as this transaction has moved it so far. */
  head(run: RunRef): Head | undefined {
    const tenant = this.names.tenant(run.tenant);
    if (tenant === undefined) return undefined;
    const num = run.num ?? this.db.get(selectNum, tenant, run.runId)?.num;
    if (num === undefined) return undefined;
    const head = this.#heads.get(num) ?? this.#read(num);
    return head?.tenant === tenant && head.id === run.runId ? head : undefined;
  }

  /** Reads the heads of runs that will be asked for, many in one statement. */
  prefetch(nums: ReadonlySet<number>): void {
    const wanted = [...nums];
    for (let from = 0; from + HEADS_A_READ <= wanted.length; from += HEADS_A_READ) {
      const rows = this.db.all(selectHeads, ...wanted.slice(from, from + HEADS_A_READ));
      for (const row of rows) this.#heads.set(row[0], headOf(row));
    }
  }

  /** Remembers a run that this transaction created. */
  keep(head: Head): void {
    this.#heads.set(head.num, head);
  }

  /** The number of the next new run; the write lock makes it ours. */
  takeNum(): number {
    this.#nextNum ??= (this.db.get(selectMaxNum)?.num ?? 0) + 1;
    const num = this.#nextNum;
    this.#nextNum += 1;
    return num;
  }

  /** Gives the events their seqs and moves the head past them. */
  append(head: Head, events: readonly PreparedEvent[]): void {
    for (const { event, columns } of events) {
      moveHead(head, event);
      this.#gather(head, columns);
      if (isProjected(event.type)) project(this, head, event);
      if (concernsTasks(event.type) && this.#mayHaveTasks) projectTask(this, head, event);
    }
    if (events.length === 0 || !isTerminal(head.status)) return;
    projectEnd(this, head);
    if (this.#mayHaveTasks) endTasks(this, head);
  }

  /** Before the events of the batch: one of them may end what another one schedules. */
  addTasks(head: Head, tasks: readonly NewTask[]): void {
    if (tasks.length > 0) this.#hasTasks = true;
    for (const task of tasks) addTask(this, head, task);
  }

  /** Whether there is any task at all: most stores never have one, and then no event looks for its own. */
  get #mayHaveTasks(): boolean {
    this.#hasTasks ??= (this.db.get(selectLastTask)?.num ?? null) !== null;
    return this.#hasTasks;
  }

  /** Writes events and heads: the last act of the transaction. */
  flush(): void {
    this.#flushEvents();
    for (const head of this.#heads.values()) writeHead(this.db, head, this.now);
  }

  #read(num: number): Head | undefined {
    const row = this.db.get(selectHead, num);
    if (row === undefined) return undefined;
    const head = headOf(row);
    this.#heads.set(num, head);
    return head;
  }

  #gather(head: Head, columns: EncodedEvent): void {
    const { type, path, actor, data, payload, blob } = columns;
    if (blob !== null) this.db.run(upsertBlob, blob.digest, payload ?? '', blob.bytes, this.now);
    const place = { num: head.num, seq: head.lastSeq, at: this.now };
    const inline = blob === null ? payload : null;
    const crc = checksumOf(place, columns);
    this.#params.push(
      head.num,
      head.lastSeq,
      this.now,
      type,
      path,
      actor,
      data,
      inline,
      blob?.digest ?? null,
      crc,
    );
  }

  /** The largest chunks first: any number of events is a few statements. */
  #flushEvents(): void {
    const params = this.#params;
    let from = 0;
    for (const { rows, insert } of insertEvents) {
      const width = rows * EVENT_COLUMNS;
      while (params.length - from >= width) {
        this.db.run(insert, ...params.slice(from, from + width));
        from += width;
      }
    }
    params.length = 0;
  }
}
