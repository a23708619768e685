/** Lines that break, poolers, and other workers: what the PostgreSQL store makes of them. */
import { Client } from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { nodePlatform } from '../../packages/pawl/src/engine/index.ts';
import { openPostgresStore } from '../../packages/pawl/src/postgres.ts';
import type { LogLevel, Platform } from '../../packages/pawl/src/std/index.ts';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import {
  answerOf,
  claimOf,
  commitOne,
  eventsOf,
  externalOf,
  factsOf,
  HOLDER,
  newRun,
  refOf,
  OTHER,
  start,
  startOf,
  typesOf,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import {
  asked,
  completed,
  resolved,
  signalled,
} from '../../packages/pawl/src/testing/contract/sample-events.ts';
import { onServer } from '../postgres/databases.ts';
import { Line, type LineOptions } from '../postgres/line.ts';
import { hasPostgres } from '../postgres/server.ts';
import { openAt, openEmpty } from './open-postgres.ts';

const lines: Line[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const line of lines.splice(0)) await line.close();
});

/** An empty store, and another one on the same data behind a line that can be cut. */
async function openBehindLine(options: LineOptions = {}) {
  const { store, url, clock } = await openEmpty();
  const line = await Line.to(url, options);
  lines.push(line);
  const log = vi.fn<(level: LogLevel, message: string) => void>();
  return { store, url, clock, line, log, far: await openAt(line.url, { clock, logger: { log } }) };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
}

const worker = { hostname: 'host', pid: 1, startedAt: 1, serves: [] };

async function locksOf(url: string): Promise<number> {
  return onServer(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_locks
       where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    );
    return rows[0]?.count ?? 0;
  }, url);
}

/** The texts of all statements that were sent. */
function sentBy(query: { readonly mock: { readonly calls: readonly (readonly unknown[])[] } }): string[] {
  return query.mock.calls.map(([sent]) =>
    typeof sent === 'string' ? sent : (sent as { readonly text: string }).text,
  );
}

describe.skipIf(!hasPostgres())('word of a commit', () => {
  test('goes out at once where another process may wait for it, and later where it only tells of progress', async () => {
    const { store, clock, url } = await openEmpty();
    const held = await start(store, 'a');
    const delayOf = async (act: (fresh: Store) => Promise<unknown>): Promise<number | undefined> => {
      const delays: number[] = [];
      const setTimer: Platform['setTimer'] = (delayMs, run) => {
        delays.push(delayMs);
        return nodePlatform().setTimer(delayMs, run);
      };
      const fresh = await openPostgresStore({ ...nodePlatform(), clock, setTimer, url });
      await act(fresh);
      await fresh.close();
      return delays.find((ms) => ms === AT_ONCE || ms === LATER);
    };
    expect(await delayOf((fresh) => commitOne(fresh, factsOf(held, [completed('x')])))).toBe(LATER);
    expect(await delayOf((fresh) => commitOne(fresh, externalOf(held.run, [signalled('go')])))).toBe(AT_ONCE);
    expect(await delayOf((fresh) => start(fresh, 'b', { holder: null }))).toBe(AT_ONCE);
  });
});

/** ms */
const [AT_ONCE, LATER] = [2, 50];

describe.skipIf(!hasPostgres())('a commit', () => {
  test('is one round trip, whatever it writes', async () => {
    const { store } = await openEmpty();
    const held = await start(store, 'a');
    const other = await start(store, 'b');
    await commitOne(store, externalOf(other.run, [signalled('first')], { dedupeId: 'warm' }));
    const query = vi.spyOn(Client.prototype, 'query');
    const answers = await store.commit([
      factsOf(held, [completed('x'), asked('gate', 'ok?')], {
        creates: [newRun('c', { idempotencyKey: 'k' })],
        arrivals: [{ run: other.run, events: [signalled('s')], dedupeId: 'd' }],
        conclusion: { seenSeq: held.seq, events: [], dueAt: null, release: true },
      }),
      externalOf(other.run, [signalled('t')], { dedupeId: 'e' }),
    ]);
    expect(answers.map(({ type }) => type)).toEqual(['committed', 'committed']);
    expect(sentBy(query).filter((text) => !text.startsWith('notify'))).toHaveLength(1);
  });

  test('P4: judges after the lock: a gate that was closed while it waited is closed', async () => {
    const { store, url } = await openEmpty();
    const held = await start(store, 'a');
    await commitOne(store, factsOf(held, [asked('gate', 'ok?')]));
    const decide = externalOf(held.run, [resolved('gate')], { requires: { openWait: 'gate' } });
    const answer = await onServer(async (client) => {
      await client.query('begin');
      await client.query('select from pawl.runs for no key update');
      const waiting = answerOf(store, decide);
      await vi.waitFor(async () => expect(await waitingIn(url)).toBe(1), 5_000);
      await client.query('delete from pawl.waits');
      await client.query('commit');
      return await waiting;
    }, url);
    expect(answer).toMatchObject({ type: 'refused', reason: 'conflict', detail: '"gate" is not open' });
  });

  test('J1: of many processes at once, on the same runs in every order, gives every seq once', async () => {
    const { store, url, clock } = await openEmpty();
    const runs = await Promise.all(['a', 'b', 'c'].map((id) => start(store, id)));
    const stores = await Promise.all([1, 2, 3].map(() => openAt(url, { clock })));
    const groups = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? runs : runs.toReversed()).map(({ run }) => externalOf(run, [signalled('go')])),
    );
    const query = vi.spyOn(Client.prototype, 'query');
    await Promise.all(stores.flatMap((one) => groups.map((group) => one.commit(group))));
    expect(sentBy(query).filter((text) => text.includes('commit_1'))).toHaveLength(60); // none again, after a deadlock
    for (const { run } of runs) expect(await eventsOf(store, run)).toHaveLength(61);
  });

  test('with text that PostgreSQL cannot hold is refused alone, and nothing is found under such a name', async () => {
    const { store } = await openEmpty();
    const answers = await store.commit([
      startOf(newRun('a', { idempotencyKey: 'a\u0000b' })),
      startOf(newRun('b')),
      startOf(newRun('c', { tenant: 'no\u0000body' })),
    ]);
    expect(answers.map(({ type }) => type)).toEqual(['refused', 'committed', 'refused']);
    const shown = asked('gate', 'ring \u0000 twice \ud800');
    const held = { run: refOf('b'), holder: HOLDER, epoch: 1, seq: 1 };
    expect(await answerOf(store, factsOf(held, [shown]))).toMatchObject({ type: 'committed' });
    const [wait] = await store.listWaits({ tenant: 'default', limit: 1 });
    expect(wait?.message).toBe('ring \ufffd twice \ufffd');
    expect(await store.getRun('default', 'b\u0000')).toBeUndefined();
    expect(await store.listRuns({ tenant: '\u0000', limit: 1 })).toEqual([]);
  });

  test('two starts of one id, or of one key, in the same moment make one run', async () => {
    const { store, url, clock } = await openEmpty();
    const stores = await Promise.all([1, 2, 3, 4].map(() => openAt(url, { clock })));
    for (let round = 0; round < 10; round += 1) {
      const same = await Promise.all(stores.map((one) => answerOf(one, startOf(newRun(`r${round}`)))));
      expect(same.filter(({ type }) => type === 'committed')).toHaveLength(1);
      const keyed = await Promise.all(
        stores.map((one, index) =>
          answerOf(one, startOf(newRun(`k${round}-${index}`, { idempotencyKey: `k${round}` }))),
        ),
      );
      const ids = keyed.map((answer) => answer.type === 'committed' && answer.created[0]?.run.runId);
      expect(new Set(ids).size).toBe(1);
    }
    expect(await store.listRuns({ tenant: 'default', limit: 100 })).toHaveLength(20);
  });
});

/** Sessions that wait for a lock. */
async function waitingIn(url: string): Promise<number> {
  return onServer(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return rows[0]?.count ?? 0;
  }, url);
}

describe.skipIf(!hasPostgres())('a line that breaks', () => {
  test.each(['request', 'answer'] as const)(
    'with the %s of a commit under way leaves its fate unknown, and a resend is taken once',
    async (what) => {
      const { store, far, line } = await openBehindLine();
      const held = await start(store, 'a');
      const batch = externalOf(held.run, [signalled('go')], { dedupeId: 'd' });
      await commitOne(far, externalOf(held.run, [signalled('warm')], { dedupeId: 'warm' }));
      line.cutNext(what);
      expect(await codeOf(far.commit([batch]))).toBe('STORE_UNKNOWN');
      const landed = what === 'answer' ? 1 : 0;
      expect((await eventsOf(store, held.run)).length).toBe(2 + landed);
      const answer = await commitOne(far, batch);
      expect([answer.firstSeq, await typesOf(store, held.run)]).toEqual([
        3,
        ['run.created', 'signal.received', 'signal.received'],
      ]);
    },
  );

  test('under the commit of a holder leaves nothing that lands later: it claims again, and reads', async () => {
    const { store, far, line } = await openBehindLine();
    const held = await start(far, 'a');
    line.cutNext('answer');
    const facts = factsOf(held, [completed('x')]);
    expect(await codeOf(far.commit([facts]))).toBe('STORE_UNKNOWN');
    const again = await far.reclaim(held.run, HOLDER, held.epoch);
    expect([again?.row.epoch, again?.row.lastSeq]).toEqual([2, 2]);
    expect(await answerOf(far, facts)).toMatchObject({ type: 'refused', reason: 'lease_lost' });
    expect(await typesOf(store, held.run)).toEqual(['run.created', 'step.completed']);
  });

  test('under a read is not noticed by who reads', async () => {
    const { far, line } = await openBehindLine();
    const held = await start(far, 'a');
    await eventsOf(far, held.run);
    line.cutNext('answer');
    expect(await eventsOf(far, held.run)).toHaveLength(1);
  });

  test('and stays broken makes the store unavailable, and certainly nothing is written', async () => {
    const { store, far, line } = await openBehindLine();
    const held = await start(far, 'a');
    await line.close();
    lines.length = 0;
    await vi.waitFor(async () => {
      expect(await codeOf(far.commit([externalOf(held.run, [signalled('go')])]))).toBe('STORE_UNAVAILABLE');
    }, 5_000);
    expect(await eventsOf(store, held.run)).toHaveLength(1);
  });

  test('is made again for who listens, who is told at once: something may have been missed', async () => {
    const { store, far, line } = await openBehindLine();
    const listener = vi.fn<() => void>();
    const stop = far.watch(listener);
    const { run } = await start(store, 'a');
    await vi.waitFor(() => expect(listener).toHaveBeenCalled(), 5_000);
    line.cut();
    const before = listener.mock.calls.length;
    await vi.waitFor(() => expect(listener.mock.calls.length).toBeGreaterThan(before), 5_000);
    const after = listener.mock.calls.length;
    await commitOne(store, externalOf(run, [signalled('go')]));
    await vi.waitFor(() => expect(listener.mock.calls.length).toBeGreaterThan(after), 5_000);
    stop();
  });

  test('takes the lock of its worker with it, and brings it back', async () => {
    const { url, far, line } = await openBehindLine();
    await far.registerWorker({ id: HOLDER, ...worker });
    expect(await locksOf(url)).toBe(1);
    line.cut();
    await vi.waitFor(async () => expect(await locksOf(url)).toBe(0), { timeout: 5_000, interval: 5 });
    await vi.waitFor(async () => expect(await locksOf(url)).toBe(1), 5_000);
  });
});

/** The server has run for so long that a missing session proves something. */
async function untilSettled(url: string): Promise<void> {
  await vi.waitFor(
    async () =>
      onServer(async (client) => {
        const { rows } = await client.query(
          `select now() - pg_postmaster_start_time() > interval '5 s' as is_so`,
        );
        expect(rows).toEqual([{ is_so: true }]);
      }, url),
    { timeout: 10_000, interval: 200 },
  );
}

describe.skipIf(!hasPostgres())('a worker of another machine', () => {
  test('P13: is dead when its session is missing at two looks a second apart, and not before', async () => {
    const { store, url, far, clock } = await openBehindLine();
    await far.registerWorker({ id: OTHER, ...worker });
    await start(far, 'a', { holder: OTHER });
    expect(await store.isProvablyDead(OTHER)).toBe(false);
    await far.close();
    await vi.waitFor(async () => expect(await locksOf(url)).toBe(0), 5_000);
    await untilSettled(url);
    expect(await store.isProvablyDead(OTHER)).toBe(false);
    clock.move(999);
    expect(await store.isProvablyDead(OTHER)).toBe(false);
    clock.move(1);
    expect(await store.isProvablyDead(OTHER)).toBe(true);
    const [claimed] = await claimOf({ store, now: clock.now() }, { holder: HOLDER, dead: [OTHER] });
    expect(claimed?.wasTaken).toBe(true);
  });
});

describe.skipIf(!hasPostgres())('behind a pooler', () => {
  test('commits of others are found by looking, nobody is dead by a missing session, and it is said once', async () => {
    const { store, url, far, log } = await openBehindLine({ isPooler: true });
    const listener = vi.fn<() => void>();
    far.watch(listener);
    await far.registerWorker({ id: OTHER, ...worker });
    const { run } = await start(far, 'a', { holder: OTHER });
    expect(await locksOf(url)).toBe(0);
    await vi.waitFor(() => expect(listener).toHaveBeenCalled(), 5_000);
    const before = listener.mock.calls.length;
    await commitOne(store, externalOf(run, [signalled('go')]));
    await vi.waitFor(() => expect(listener.mock.calls.length).toBeGreaterThan(before), 5_000);
    expect(await store.isProvablyDead(OTHER)).toBe(false);
    expect(log.mock.calls.filter(([level]) => level === 'warn')).toHaveLength(1);
  });
});

describe.skipIf(!hasPostgres())('behind a pooler that was away when somebody began to listen', () => {
  test('commits of others are found by looking as soon as it is back', async () => {
    const { store, url, far, line } = await openBehindLine({ isPooler: true });
    const { run } = await start(far, 'a');
    const nowhere = new URL(url);
    nowhere.port = '1';
    line.moveTo(nowhere.href);
    const isAway = async () => expect(await codeOf(eventsOf(far, run))).toBe('STORE_UNAVAILABLE');
    await vi.waitFor(isAway, 5_000);
    const listener = vi.fn<() => void>();
    far.watch(listener);
    await isAway();
    line.moveTo(url);
    await vi.waitFor(() => eventsOf(far, run), 5_000);
    const before = listener.mock.calls.length;
    await commitOne(store, externalOf(run, [signalled('go')]));
    await vi.waitFor(() => expect(listener.mock.calls.length).toBeGreaterThan(before), 5_000);
  });
});

describe.skipIf(!hasPostgres())('the count of changes', () => {
  test('is another one after a commit of somebody else, and the same after heartbeats of our own', async () => {
    const { store, url, clock } = await openEmpty();
    const other = await openAt(url, { clock });
    const { run } = await start(store, 'a');
    await store.registerWorker({ id: HOLDER, ...worker });
    // other tests work on the same server, and are news as well: a moment of silence must come
    await vi.waitFor(
      async () => {
        const before = await store.changes();
        await store.beat(HOLDER, false);
        expect(await store.changes()).toBe(before);
      },
      { timeout: 20_000, interval: 100 },
    );
    const before = await store.changes();
    await commitOne(other, externalOf(run, [signalled('go')]));
    expect(await store.changes()).not.toBe(before);
  });
});
