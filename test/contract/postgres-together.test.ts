/** Batches that one statement judges and writes together get the answers, and leave the rows, that they would get one by one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewEvent, RunRef } from '../../packages/pawl/src/run/index.ts';
import type { Batch, CommitAnswer, NewRun, RunRow, Store } from '../../packages/pawl/src/store/index.ts';
import { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';
import {
  conclusionOf,
  externalOf,
  factsOf,
  type Held,
  HOLDER,
  newRun,
  OTHER,
  startOf,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import {
  cancelRequested,
  completed,
  opened,
  parked,
  resolved,
  retried,
  runCompleted,
  runStarted,
  signalled,
  started,
} from '../../packages/pawl/src/testing/contract/sample-events.ts';
import { dropDatabase, newDatabase, onServer } from '../postgres/databases.ts';
import { Line } from '../postgres/line.ts';
import { hasPostgres } from '../postgres/server.ts';
import { type Chance, chanceOf } from '../simulation/plan/chance.ts';
import { openAt } from './open-postgres.ts';

const GROUPS = 30;
const MAX_BATCHES = 14;
/** Payloads above the limit of this store stand in a table of their own. */
const INLINE_BYTES = 200;
const LARGE = JSON.stringify('x'.repeat(300));

let urls: readonly string[] = [];
let line: Line | undefined;

beforeAll(async () => {
  if (!hasPostgres()) return;
  urls = [await newDatabase(), await newDatabase()];
  line = await Line.to(urls[1] ?? '', { isPooler: true });
});
afterAll(async () => {
  await line?.close();
  for (const url of urls) await dropDatabase(url);
});

/** The same world twice: where sessions are our own, and behind a pooler, where every batch is judged alone. */
async function openBoth() {
  const clock = new MovedClock(Date.UTC(2_026, 0, 1));
  const limits = { inlineBytes: INLINE_BYTES };
  const stores = [
    await openAt(urls[0] ?? '', { clock, limits }),
    await openAt(line?.url ?? '', { clock, limits, logger: { log: () => undefined } }),
  ] as const;
  return { clock, stores };
}

const PATHS = ['a', 'b', 'c "quoted" \\ {x,y}', 'ü/1'];
const USAGE = { inputTokens: 3, outputTokens: 5, costNanoUsd: 7_000_000_000 };

function eventOf(chance: Chance): NewEvent {
  const path = chance.pick(PATHS);
  const end = completed(
    path,
    chance.is(0.2) ? LARGE : `{"n":${chance.below(1_000)},"t":"\\\\ \\" , { NULL"}`,
  );
  return chance.pick<NewEvent>([
    end,
    end,
    { ...end, data: { ...end.data, usage: USAGE } } as NewEvent,
    started(path),
    retried(path, 5_000),
    opened('signal', path, { name: 'go' }),
    signalled('go'),
    resolved(path),
    runStarted,
    runStarted,
    parked(),
    { type: 'run.resumed', data: { verb: 'resume' } },
  ]);
}

/** Mostly right; else what a holder that lost its run, or read what is gone, would send. */
function heldOf(row: RunRow, chance: Chance): Held {
  return {
    run: row.run,
    holder: chance.is(0.9) ? (row.holder ?? HOLDER) : OTHER,
    epoch: row.epoch + (chance.is(0.05) ? 1 : 0),
    seq: row.lastSeq + (chance.is(0.05) ? 1 : 0) - (chance.is(0.2) ? 1 : 0),
  };
}

function ofHolder(row: RunRow, chance: Chance): Batch {
  const held = heldOf(row, chance);
  const events = Array.from({ length: chance.below(3) }, () => eventOf(chance));
  if (chance.is(0.6)) return factsOf(held, events);
  const end = chance.pick<readonly NewEvent[]>([[{ type: 'run.waiting', data: {} }], [runCompleted], []]);
  return conclusionOf(held, {
    seenSeq: row.lastSeq - (chance.is(0.3) ? 1 : 0),
    events: end,
    ...(chance.is(0.5) ? { dueAt: chance.pick([null, 1_000.5, 9e15]) } : {}),
    ...(chance.is(0.3) ? { release: true } : {}),
  });
}

function withTask(row: RunRow, chance: Chance): Batch {
  const path = chance.pick(PATHS);
  const task = { path, attempt: 1, kind: 'function:x', queue: 'q', priority: 0, order: '{}' };
  const scheduled: NewEvent = { type: 'step.scheduled', path, data: { attempt: 1, queue: 'q' } };
  return factsOf(heldOf(row, chance), [scheduled], { tasks: [task] });
}

function startingAt(tenant: string, chance: Chance): Batch {
  const runId = `r${chance.below(40)}`;
  const options: Partial<NewRun> = {
    tenant,
    holder: chance.pick([HOLDER, HOLDER, null]),
    ...(chance.is(0.2) ? { labels: { a: 'b,"c"' }, deadlineAt: 1_234.5 } : {}),
    ...(chance.is(0.2) ? { parentRunId: 'p', parentPath: 'x', rootRunId: 'root', depth: 1 } : {}),
    ...(chance.is(0.1) ? { idempotencyKey: `k${chance.below(3)}`, inputDigest: 'd' } : {}),
  };
  const run = newRun(runId, options);
  const more = chance.pick<readonly NewEvent[]>([
    [],
    [runStarted],
    [runStarted, completed('a')],
    [runCompleted],
  ]);
  return startOf({ ...run, events: [...run.events, ...more] }, chance.is(0.05) ? { dedupeId: 'd' } : {});
}

function fromOutside(row: RunRow, chance: Chance): Batch {
  const event = chance.pick([signalled('go'), cancelRequested, resolved('a')]);
  return externalOf(row.run, [event], chance.is(0.3) ? { requires: { openWait: 'a' } } : {});
}

function batchOf(tenant: string, rows: readonly RunRow[], chance: Chance): Batch {
  if (rows.length === 0 || chance.is(0.25)) return startingAt(tenant, chance);
  const row = chance.pick(rows);
  if (chance.is(0.06)) return fromOutside(row, chance);
  if (chance.is(0.1)) return withTask(row, chance);
  if (chance.is(0.03)) return ofHolder({ ...row, run: { ...row.run, num: 1_000_000 } }, chance);
  if (chance.is(0.03)) return ofHolder({ ...row, run: { ...row.run, tenant: 'nobody' } }, chance);
  return ofHolder(row, chance);
}

/** A run has another number in each of the worlds. */
function numbered(batch: Batch, rows: readonly RunRow[]): Batch {
  const { num, runId } = batch.run;
  const own = rows.find(({ run }) => run.runId === runId)?.run.num;
  return num === undefined || num === 1_000_000 || own === undefined
    ? batch
    : { ...batch, run: { ...batch.run, num: own } };
}

function unnumbered(answers: readonly CommitAnswer[]): unknown {
  return answers.map((answer) =>
    answer.type === 'refused'
      ? answer
      : {
          ...answer,
          created: answer.created.map((one) => ({ ...one, run: nameOf(one.run) })),
          touched: answer.touched.map(nameOf),
        },
  );
}

function nameOf({ tenant, runId }: RunRef) {
  return { tenant, runId };
}

/** Rows of a tenant without the numbers of runs; a checksum without what the place made of it. */
const TABLES = [
  `select r.id, r.status, r.phase, r.strikes, r.depth, r.epoch, h.id as holder, r.due_at, r.deadline_at, r.created_at, r.updated_at,
     r.input_tokens, r.output_tokens, r.cost_nano_usd, r.last_seq, r.arrived_seq, r.has_waits, r.has_tasks, r.park_reason, r.labels,
     r.root_id, r.parent_id, r.parent_path
   from mine r left join pawl.holders h on h.num = r.holder order by r.id`,
  `select r.id, e.seq, e.at, e.type, e.path, e.actor, e.data, e.payload, e.blob, e.crc # pawl.place_1(e.run, e.seq, e.at) as crc
   from mine r join pawl.events e on e.run = r.num order by r.id, e.seq`,
  `select r.id, w.path, w.kind, w.name, w.opened_seq, w.due_at from mine r join pawl.waits w on w.run = r.num order by r.id, w.path`,
  `select r.id, b.name, b.count from mine r join pawl.buffered_signals b on b.run = r.num order by r.id, b.name`,
  `select r.id, t.path, t.attempt, t.is_stopped, t.has_begun from mine r join pawl.tasks t on t.run = r.num order by r.id, t.path`,
  `select r.id, k.key, k.input_digest from mine r join pawl.run_keys k on k.run = r.num order by r.id, k.key`,
];

function contentOf(url: string, tenant: string): Promise<unknown> {
  return onServer(async (client) => {
    const tables: unknown[] = [];
    for (const select of TABLES) {
      const mine = `with mine as (select r.* from pawl.runs r join pawl.tenants n on n.num = r.tenant where n.id = $1)`;
      tables.push((await client.query(`${mine} ${select}`, [tenant])).rows);
    }
    return tables;
  }, url);
}

async function rowsOf(store: Store, tenant: string): Promise<readonly RunRow[]> {
  return (await store.listRuns({ tenant, limit: 100 })).toSorted((a, b) =>
    a.run.runId < b.run.runId ? -1 : 1,
  );
}

describe.skipIf(!hasPostgres())('a group of batches', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is judged together as it would be one by one, seed %i',
    async (seed) => {
      const { clock, stores } = await openBoth();
      const tenant = `seed-${seed}`;
      const chance = chanceOf(seed);
      for (let group = 0; group < GROUPS; group += 1) {
        clock.move(chance.below(5));
        const [near, far] = [await rowsOf(stores[0], tenant), await rowsOf(stores[1], tenant)];
        const count = chance.is(0.4) ? 1 : chance.from(2, MAX_BATCHES);
        const batches = Array.from({ length: count }, () => batchOf(tenant, near, chance));
        const together = await stores[0].commit(batches);
        const alone = await stores[1].commit(batches.map((batch) => numbered(batch, far)));
        expect(unnumbered(together), JSON.stringify(batches)).toEqual(unnumbered(alone));
      }
      expect(await contentOf(urls[0] ?? '', tenant)).toEqual(await contentOf(urls[1] ?? '', tenant));
    },
  );
});
