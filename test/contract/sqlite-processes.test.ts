/** Several processes on one SQLite file: they commit side by side, wake each other, and know who is gone. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openSqliteStore } from '../../packages/pawl/src/sqlite.ts';
import type { CommitAnswer } from '../../packages/pawl/src/store/index.ts';
import {
  answerOf,
  claimOf,
  commitOne,
  conclusionOf,
  eventsOf,
  externalOf,
  factsOf,
  heldOf,
  newRun,
  OTHER,
  refOf,
  refusedOne,
  rest,
  rowOf,
  start,
  startOf,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import {
  asked,
  completed,
  runCompleted,
  signalled,
  started,
} from '../../packages/pawl/src/testing/contract/sample-events.ts';
import { newFolder, openAt, openFolder, platform } from './open-sqlite.ts';
import { storeInProcess, storeInSmallFiles } from './process-store.ts';

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Waits until the process is stopped: the state `T` of proc(5). */
async function stopped(pid: number): Promise<void> {
  await vi.waitFor(
    () => expect(/\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]).toBe('T'),
    5_000,
  );
}

/** Waits longer than all looks after a notice take. */
async function quiet(): Promise<void> {
  const passed = vi.fn<() => void>();
  platform.setTimer(150, passed);
  await vi.waitFor(() => expect(passed).toHaveBeenCalled());
}

describe('two processes', () => {
  test('J1 commit to one run side by side: every seq is given once, and every answer is true', async () => {
    const { path, store } = await openFolder();
    const { run } = await start(store, 'a');
    const others = await Promise.all([storeInProcess(path), storeInProcess(path)]);
    const groups = range(150).map(() => [externalOf(run, [signalled('go'), signalled('go')])]);
    const answers = (await Promise.all(
      others.map((other) => other.tell({ verb: 'commitAll', groups })),
    )) as CommitAnswer[][][];
    const firsts = answers.flat(2).map((answer) => (answer.type === 'committed' ? answer.firstSeq : 0));
    expect(firsts.toSorted((a, b) => a - b)).toEqual(range(300).map((index) => 2 + index * 2));
    expect((await eventsOf(store, run)).length).toBe(601);
  });

  test('J13 that claim at once never get the same run', async () => {
    const { path, store, clock } = await openFolder();
    for (const index of range(60)) await start(store, `r${index}`, { holder: null });
    const others = await Promise.all([storeInProcess(path), storeInProcess(path)]);
    const serves = [{ workflow: 'ship', versions: ['1'] }];
    const request = { serves, limit: 40, now: clock.now(), quarantine: false, dead: [] };
    const claimed = (await Promise.all(
      others.map((other, index) =>
        other.tell({ verb: 'claim', request: { ...request, holder: `h${index}` } }),
      ),
    )) as { row: { run: { runId: string } } }[][];
    const ids = claimed.flat().map((one) => one.row.run.runId);
    expect([ids.length, new Set(ids).size]).toEqual([60, 60]);
  });

  test('that open a new file at once both open it', async () => {
    const path = join(newFolder(), 'pawl.db');
    await Promise.all(range(4).map(() => storeInProcess(path)));
    expect((await start(await openAt(path), 'a')).epoch).toBe(1);
  });
});

describe('a watch', () => {
  test('J6 tells of a commit of another process, and never of our own', async () => {
    const { path, store } = await openFolder();
    const own = await openSqliteStore({ ...platform, path });
    const { run } = await start(store, 'a');
    const other = await storeInProcess(path);
    const listener = vi.fn<() => void>();
    const stop = own.watch(listener);
    for (const index of range(20)) {
      const calls = listener.mock.calls.length;
      await other.tell({ verb: 'commit', batches: [externalOf(run, [signalled(`s${index}`)])] });
      await vi.waitFor(() => expect(listener.mock.calls.length).toBeGreaterThan(calls), {
        timeout: 1_000,
        interval: 1,
      });
    }
    await quiet();
    const calls = listener.mock.calls.length;
    for (const index of range(20)) await commitOne(own, externalOf(run, [signalled(`own${index}`)]));
    await quiet();
    expect(listener.mock.calls.length).toBe(calls);
    stop();
    await other.tell({ verb: 'commit', batches: [externalOf(run, [signalled('late')])] });
    await commitOne(own, externalOf(run, [signalled('own')]));
    expect(listener.mock.calls.length).toBe(calls);
    await own.close();
  });
});

describe('the announcement of a commit', () => {
  test('J6 comes when the commit can be seen, so that nobody has to look again', async () => {
    const { path, store } = await openFolder();
    const atOnce = (delayMs: number, run: () => void) =>
      delayMs > 1 ? () => undefined : platform.setTimer(delayMs, run); // notices are gathered, and nothing more
    const own = await openSqliteStore({ ...platform, setTimer: atOnce, path });
    const { run } = await start(store, 'a');
    const other = await storeInProcess(path);
    const listener = vi.fn<() => void>();
    own.watch(listener);
    for (const index of range(30)) {
      const calls = listener.mock.calls.length;
      await other.tell({ verb: 'commit', batches: [externalOf(run, [signalled(`s${index}`)])] });
      await vi.waitFor(() => expect(listener.mock.calls.length).toBeGreaterThan(calls), {
        timeout: 5_000,
        interval: 1,
      });
      await quiet();
    }
    await own.close();
  });

  test('comes before a process that commits once closes the file', async () => {
    const { path, store } = await openFolder();
    const { run } = await start(store, 'a');
    const before = statSync(`${path}-wal`).mtimeMs;
    const later = await openSqliteStore({
      ...platform,
      path,
      clock: { ...platform.clock, now: () => before + 5_000 },
    });
    await commitOne(later, externalOf(run, [signalled('once')]));
    await later.close();
    expect(statSync(`${path}-wal`).mtimeMs).toBe(before + 5_000);
  });
});

describe('the count of changes', () => {
  test('is another one after a commit of another process, and the same after our own', async () => {
    const { path, store } = await openFolder();
    const { run } = await start(store, 'a');
    const other = await storeInProcess(path);
    await other.tell({ verb: 'commit', batches: [externalOf(run, [signalled('first')])] });
    const before = await store.changes();
    await commitOne(store, externalOf(run, [signalled('own')]));
    expect(await store.changes()).toBe(before);
    await other.tell({ verb: 'commit', batches: [externalOf(run, [signalled('second')])] });
    expect(await store.changes()).not.toBe(before);
  });

  test('is not told where two engines share one connection: it would not show what the other did', async () => {
    const { store } = await openFolder();
    const worker = { hostname: 'h', pid: process.pid, startedAt: 1, serves: [] };
    await store.registerWorker({ id: 'one', ...worker });
    expect(await store.changes()).toBeTypeOf('number');
    await store.registerWorker({ id: 'two', ...worker });
    expect(await store.changes()).toBeUndefined();
  });
});

describe('a process that is gone', () => {
  test('P13 is dead at once when it was killed, and alive as long as it is stopped or just busy', async () => {
    const { path, store } = await openFolder();
    await store.registerWorker({ id: 'me', hostname: 'host', pid: process.pid, startedAt: 1, serves: [] });
    const other = await storeInProcess(path);
    await other.tell({ verb: 'register', id: 'other' });
    expect(await store.isProvablyDead('other')).toBe(false);
    other.signal('SIGSTOP');
    await stopped(other.pid);
    expect(await store.isProvablyDead('other')).toBe(false);
    other.signal('SIGCONT');
    expect(await other.tell({ verb: 'beat', id: 'other' })).toBe(true);
    await other.kill();
    expect(await store.isProvablyDead('other')).toBe(true);
    expect(await store.isProvablyDead('me')).toBe(false);
  });

  test('looking at a lock does not take it from its owner', async () => {
    const { path, store } = await openFolder();
    const other = await storeInProcess(path);
    await other.tell({ verb: 'register', id: 'other' });
    await store.registerWorker({ id: 'me', hostname: 'host', pid: process.pid, startedAt: 1, serves: [] });
    const third = await openAt(path);
    for (const _ of range(5)) {
      expect(await store.isProvablyDead('other')).toBe(false);
      expect(await third.isProvablyDead('me')).toBe(false);
    }
    await third.close();
    const elsewhere = await storeInProcess(path);
    await elsewhere.tell({ verb: 'register', id: 'elsewhere' }); // looks around, and must not clear the locks of the living
    expect(readdirSync(`${path}-holders`).toSorted()).toEqual(['elsewhere.lock', 'me.lock', 'other.lock']);
  });

  test('leaves a lock file that goes with its worker row', async () => {
    const { path, store, clock } = await openFolder();
    await store.registerWorker({ id: 'me', hostname: 'host', pid: process.pid, startedAt: 1, serves: [] });
    const other = await storeInProcess(path);
    await other.tell({ verb: 'register', id: 'other' });
    await other.kill();
    await claimOf({ store, now: clock.now() }, { dead: ['other'] });
    expect((await store.listWorkers()).map((worker) => worker.id)).toEqual(['me']);
    expect(await store.isProvablyDead('other')).toBe(true);
    await (await openAt(path)).registerWorker({
      id: 'new',
      hostname: 'host',
      pid: 1,
      startedAt: 1,
      serves: [],
    });
    expect(readdirSync(`${path}-holders`).toSorted()).toEqual(['me.lock', 'new.lock']);
  });

  test('P1 and one that was only stopped: what it commits when it wakes is refused', async () => {
    const { path, store, clock } = await openFolder();
    const held = await start(store, 'a', { holder: 'other' });
    const other = await storeInProcess(path);
    await other.tell({ verb: 'register', id: 'other' });
    other.signal('SIGSTOP');
    await stopped(other.pid);
    const [claimed] = await claimOf({ store, now: clock.now() }, { dead: ['other'] });
    await (await openAt(path)).registerWorker({
      id: 'new',
      hostname: 'host',
      pid: 1,
      startedAt: 1,
      serves: [],
    });
    expect(readdirSync(`${path}-holders`)).toContain('other.lock'); // without a row, and still the lock of the living
    other.signal('SIGCONT');
    const answers = await other.tell({ verb: 'commit', batches: [factsOf(held, [completed('x')])] });
    expect(answers).toMatchObject([{ type: 'refused', reason: 'lease_lost' }]);
    expect(await other.tell({ verb: 'beat', id: 'other' })).toBe(false);
    expect((await commitOne(store, factsOf(heldOf(claimed), [completed('x')]))).firstSeq).toBe(2);
  });
});

/** A commit that writes everything a commit can write. */
function everything(held: Awaited<ReturnType<typeof start>>) {
  const usage = { inputTokens: 1, outputTokens: 1, costNanoUsd: 1 };
  const child = newRun('child', { holder: held.holder, idempotencyKey: 'k' });
  const facts = factsOf(
    held,
    [completed('x'), completed('large', JSON.stringify('x'.repeat(40_000))), asked('gate', 'ok?')],
    {
      creates: [child],
      arrivals: [{ run: refOf('b'), events: [signalled('s')], dedupeId: 'd' }],
      ledger: [{ path: 'x', attempt: 1, usage }],
      conclusion: { seenSeq: held.seq, events: [{ type: 'run.waiting', data: {} }], dueAt: 9, release: true },
    },
  );
  return [
    facts,
    startOf(newRun('other', { workflow: 'new', tenant: 'new', holder: null }), { dedupeId: 's' }),
  ];
}

/** Processes that are killed at a time. */
const AT_ONCE = 4;

/** What is found after a process was killed at the nth statement of its commit. */
async function endedAt(statement: number) {
  const { path, store } = await openFolder();
  const held = await start(store, 'a', { holder: 'other' });
  await start(store, 'b');
  const other = await storeInProcess(path);
  await other.tell({ verb: 'endAt', statement, signal: 'SIGKILL' });
  const lived = await other.tellOrDie({ verb: 'commit', batches: everything(held) });
  const after = await openAt(path);
  const found = {
    log: (await eventsOf(after, held.run)).length,
    child: await after.getRun('default', 'child').then(Boolean),
    other: await after.getRun('new', 'other').then(Boolean),
    arrived: (await eventsOf(after, refOf('b'))).length,
    waits: (await after.listWaits({ tenant: 'default', limit: 10 })).length,
    holder: (await rowOf(after, held.run)).holder,
  };
  return { statement, lived, found };
}

describe('what a process leaves behind', () => {
  test('when it was killed: everything that it was answered, for the next to open the file', async () => {
    const { path, store } = await openFolder();
    const { run } = await start(store, 'a');
    await store.close();
    const other = await storeInProcess(path);
    await other.tell({
      verb: 'commitAll',
      groups: range(50).map((index) => [externalOf(run, [signalled(`s${index}`)])]),
    });
    await other.kill();
    expect((await eventsOf(await openAt(path), run)).length).toBe(51);
  });

  test('when its disk breaks: what was answered, and not a part of what was not', async () => {
    const { path, store } = await openFolder();
    const { run } = await start(store, 'a');
    const other = await storeInSmallFiles(path, 1_000);
    const two = [externalOf(run, [signalled('s'), signalled('t')])];
    let answered = 0;
    const failure = await (async () => {
      for (;;) {
        await other.tell({ verb: 'commit', batches: two });
        answered += 1;
      }
    })().catch((error: Error) => error.message);
    expect(failure).toBe('STORE_UNKNOWN');
    expect((await eventsOf(store, run)).length).toBe(1 + answered * 2);
    expect(await commitOne(store, externalOf(run, [signalled('u')]))).toMatchObject({
      firstSeq: 2 + answered * 2,
    });
    expect(await other.tell({ verb: 'commit', batches: [externalOf(refOf('none'), [])] })).toMatchObject([
      { reason: 'not_found' },
    ]);
  });
});

describe('a process that is killed inside a commit', () => {
  test('J2 J3 P5 at any of its statements has written all of it or nothing', async () => {
    const before = { log: 1, child: false, other: false, arrived: 1, waits: 0, holder: 'other' };
    const done = { log: 5, child: true, other: true, arrived: 2, waits: 1, holder: null };
    let deaths = 0;
    for (let next = 1; deaths === next - 1; next += AT_ONCE) {
      const ends = await Promise.all(range(AT_ONCE).map((offset) => endedAt(next + offset)));
      for (const { statement, lived, found } of ends) {
        expect(found, `killed at statement ${statement}`).toEqual(lived ? done : before);
        deaths += lived ? 0 : 1;
      }
    }
    expect(deaths).toBeGreaterThan(20);
  });

  test('or stopped there: the others wait in vain, lose nothing, and go on when it is gone', async () => {
    const { path, store } = await openFolder();
    const held = await start(store, 'a');
    await start(store, 'b', { holder: 'other' });
    const other = await storeInProcess(path);
    await other.tell({ verb: 'endAt', statement: 4, signal: 'SIGSTOP' });
    other.order({ verb: 'commit', batches: [externalOf(held.run, [signalled('s')])] });
    await stopped(other.pid);
    const hasty = await openAt(path, { speed: 100 });
    await expect(hasty.commit([factsOf(held, [completed('x')])])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect((await eventsOf(store, held.run)).length).toBe(1);
    await other.kill();
    expect(await commitOne(store, factsOf(held, [completed('x')]))).toMatchObject({ firstSeq: 2 });
  });
});

test('a connection that another process made wait never stays inside a transaction', async () => {
  const { path, store, clock } = await openFolder();
  const held = await start(store, 'a');
  const other = await storeInProcess(path);
  const groups = range(200).map(() => [externalOf(held.run, [signalled('s')])]);
  const theirs = other.tell({ verb: 'commitAll', groups });
  const ours = range(100).map((index) =>
    answerOf(store, factsOf(held, [started(`s${index}`), completed(`s${index}`)])),
  );
  const claims = range(20).map(() => claimOf({ store, now: clock.now() }));
  expect((await Promise.all(ours)).every((answer) => answer.type === 'committed')).toBe(true);
  expect((await Promise.all(claims)).flat()).toEqual([]);
  await theirs;
  const { lastSeq } = await rowOf(store, held.run);
  expect(lastSeq).toBe(1 + 200 + 200);
  await commitOne(store, conclusionOf({ ...held, seq: lastSeq }, { events: [runCompleted] }));
  await rest(store, await start(store, 'b', { holder: OTHER }), null);
  expect((await refusedOne(store, factsOf(held, []))).reason).toBe('run_terminal');
});
