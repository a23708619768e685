/** What the SQLite store says of files that are not its own, damaged, locked or too new, and what it leaves unchanged. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { EVENT_FORMAT } from '../../packages/pawl/src/run/index.ts';
import { checksumOf } from '../../packages/pawl/src/store/index.ts';
import {
  claimOf,
  commitOne,
  conclusionOf,
  enqueue,
  eventsOf,
  externalOf,
  factsOf,
  HOLDER,
  heldOf,
  newRun,
  refusedOne,
  rest,
  start,
  startOf,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import {
  completed,
  opened,
  runCompleted,
  signalled,
} from '../../packages/pawl/src/testing/contract/sample-events.ts';
import { newFolder, openAt, openFolder } from './open-sqlite.ts';
import { storeInProcess } from './process-store.ts';

function changeDatabase(path: string, script: string): void {
  const db = new DatabaseSync(path);
  db.exec(script);
  db.close();
}

async function errorOf(path: string): Promise<{ code: string; message: string }> {
  return openAt(path).then(
    () => ({ code: 'opened', message: '' }),
    (error: { code: string; message: string }) => error,
  );
}

/** A database with one run of three events, closed. */
async function writtenDatabase(limits = {}): Promise<string> {
  const { path, store } = await openFolder(limits);
  const held = await start(store, 'a');
  await commitOne(
    store,
    factsOf(held, [completed('x'), completed('large', JSON.stringify('x'.repeat(200)))]),
  );
  await store.close();
  return path;
}

describe('a file that is not ours', () => {
  test('is refused and not changed, whatever it is', async () => {
    const folder = newFolder();
    const [text, foreign] = [join(folder, 'text'), join(folder, 'foreign.db')];
    writeFileSync(text, 'dear diary, '.repeat(1_000));
    changeDatabase(foreign, 'create table t (a); insert into t values (1);');
    for (const path of [text, foreign]) {
      const before = readFileSync(path);
      expect((await errorOf(path)).code).toBe('STORE_NOT_OURS');
      expect(readFileSync(path).equals(before)).toBe(true);
    }
  });

  test('is refused with a log of its own that nobody has checked in yet, and not changed', async () => {
    const path = join(newFolder(), 'foreign.db');
    const foreign = new DatabaseSync(path);
    foreign.exec('pragma journal_mode = wal; create table t (a);');
    expect((await errorOf(path)).code).toBe('STORE_NOT_OURS');
    foreign.exec('insert into t values (1)');
    expect(foreign.prepare('select count(*) as n from t').get()).toEqual({ n: 1 });
    foreign.close();
  });

  test('is refused where it is a folder', async () => {
    expect((await errorOf(newFolder())).code).toBe('STORE_NOT_OURS');
  });

  test('is made where there is none, with its folder, and an empty one is used', async () => {
    const folder = newFolder();
    const empty = join(folder, 'empty.db');
    writeFileSync(empty, '');
    for (const path of [empty, join(folder, 'deep', 'down', 'pawl.db')]) {
      await start(await openAt(path), 'a');
      expect(statSync(path).size).toBeGreaterThan(0);
    }
  });
});

describe('a database of another Pawl', () => {
  test('that is newer is refused and not changed', async () => {
    const path = await writtenDatabase();
    changeDatabase(path, 'pragma user_version = 99');
    const before = readFileSync(path);
    const error = await errorOf(path);
    expect([error.code, /schema 99/.test(error.message)]).toEqual(['STORE_TOO_NEW', true]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('whose migration was another one is refused', async () => {
    const path = await writtenDatabase();
    changeDatabase(path, "update migrations set hash = 'other'");
    expect((await errorOf(path)).code).toBe('MIGRATION_CHANGED');
  });

  test('with runs of a newer event format keeps them for a newer worker', async () => {
    const { path, store, clock } = await openFolder();
    await enqueue(store, 'a');
    await store.close();
    changeDatabase(path, `update lanes set format = ${EVENT_FORMAT + 1}`);
    expect(await claimOf({ store: await openAt(path), now: clock.now() })).toEqual([]);
  });
});

/** The user that owns nothing. */
const NOBODY = 65_534;

test('a run of an older event format is of this one from the moment that it is claimed', async () => {
  const { path, store, clock } = await openFolder();
  await enqueue(store, 'a');
  await store.close();
  changeDatabase(path, 'update lanes set format = 0');
  const newer = await openAt(path);
  const [claimed] = await claimOf({ store: newer, now: clock.now() });
  expect(claimed?.row.format).toBe(0);
  expect(await newer.getRun('default', 'a')).toMatchObject({
    format: EVENT_FORMAT,
    workflow: 'ship',
    version: '1',
  });
});

describe('a file that cannot be used', () => {
  test('because it cannot be written says so', async () => {
    const path = await writtenDatabase();
    chmodSync(path, 0o444);
    chmodSync(join(path, '..'), 0o555);
    const who = process.getuid?.() === 0 ? NOBODY : undefined; // root may write anything: then somebody else must try
    await expect(storeInProcess(path, who)).rejects.toThrow('STORE_READ_ONLY');
  });

  test('because the file alone is read-only says so too', async () => {
    const path = await writtenDatabase();
    chmodSync(path, 0o444);
    chmodSync(join(path, '..'), 0o777);
    await expect(storeInProcess(path, process.getuid?.() === 0 ? NOBODY : undefined)).rejects.toThrow(
      'STORE_READ_ONLY',
    );
  });

  test('because its folder cannot be made says so', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, 'x');
    expect((await errorOf(join(file, 'pawl.db'))).code).toBe('STORE_READ_ONLY');
  });

  test('because another program holds it alone is locked, after a while of asking', async () => {
    const path = await writtenDatabase();
    const other = new DatabaseSync(path);
    other.exec('pragma locking_mode = exclusive; begin immediate; commit;');
    expect((await errorOf(path)).code).toBe('STORE_LOCKED');
    other.close();
    expect((await errorOf(path)).code).toBe('opened');
  });
});

describe('a damaged database', () => {
  test('with a broken header is named as damaged, not as foreign, and not changed', async () => {
    const path = await writtenDatabase();
    const bytes = readFileSync(path);
    bytes.fill(0, 0, 16);
    writeFileSync(path, bytes);
    mkdirSync(`${path}-holders`, { recursive: true });
    expect((await errorOf(path)).code).toBe('STORE_CORRUPT');
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('with a page of noise fails the reads that meet it, by a code', async () => {
    const path = await writtenDatabase();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4_096 * 2);
    writeFileSync(path, bytes);
    const failure = await openAt(path).then(
      (store) =>
        store.getRun('default', 'a').then(
          () => undefined,
          (error: { code: string }) => error.code,
        ),
      (error: { code: string }) => error.code,
    );
    expect(failure).toBe('STORE_CORRUPT');
  });

  test.each([
    ['a changed value', 'update events set payload = \'{"n":2}\' where seq = 2', 'event 2 of run a'],
    ['a changed path', "update events set path = 'y' where seq = 2", 'event 2 of run a'],
    [
      'an absent value that becomes an empty one',
      "update events set actor = '' where seq = 2",
      'event 2 of run a',
    ],
    ['a missing event', 'delete from events where seq = 2', 'event 2 of run a is missing'],
    ['a missing last event', 'delete from events where seq = 3', 'event 3 of run a is missing'],
    ['a log that is all gone', 'delete from events', 'event 1 of run a is missing'],
    [
      'two events that changed places',
      'update events set seq = -seq; update events set seq = case seq when -2 then 3 when -3 then 2 else 1 end',
      'event 2 of run a',
    ],
    ['a changed blob', "update blobs set body = replace(body, 'xx', 'yy')", 'event 3 of run a'],
    ['a missing blob', 'delete from blobs', 'of event 3 of run a is missing'],
    [
      'a blob that became bytes',
      'update blobs set body = cast(body as blob)',
      'of event 3 of run a is missing',
    ],
  ])('with %s is an error that names the event', async (_what, script, named) => {
    const path = await writtenDatabase({ inlineBytes: 100 });
    changeDatabase(path, script);
    const store = await openAt(path);
    await expect(store.readEvents({ tenant: 'default', runId: 'a' }, 0, 10)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(named),
    });
  });

  test.each([
    {
      what: 'a type that no Pawl of this version knows',
      type: 9_999,
      data: '{}',
      said: 'does not know',
    },
    {
      what: 'data that its type does not allow',
      type: 21,
      data: '{"endedAt":"now"}',
      said: 'the data of',
    },
    { what: 'data that is no JSON', type: 21, data: '{', said: 'is not JSON' },
  ])('with $what under a right checksum is refused, never guessed', async ({ type, data, said }) => {
    const path = await writtenDatabase();
    const db = new DatabaseSync(path);
    const row = db.prepare('select run, at, path from events where seq = 2').get() as {
      run: number;
      at: number;
      path: string;
    };
    const crc = checksumOf(
      { num: row.run, seq: 2, at: row.at },
      { type, path: row.path, actor: null, data, payload: null, blob: null },
    );
    db.prepare('update events set type = ?, data = ?, payload = null, crc = ? where seq = 2').run(
      type,
      data,
      crc,
    );
    db.close();
    const store = await openAt(path);
    await expect(store.readEvents({ tenant: 'default', runId: 'a' }, 0, 10)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(said),
    });
  });

  test.each([
    ['a status that there is not', "update runs set status = 'cmpleted'", 'the status of run a'],
    ['labels that are no JSON', "update runs set labels = '{'", 'the labels of run a'],
  ])('with %s in the row of a run is an error that names the run', async (_what, script, named) => {
    const path = await writtenDatabase();
    changeDatabase(path, script);
    const store = await openAt(path);
    await expect(store.getRun('default', 'a')).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(named),
    });
  });

  test('with a row that belongs to another run gives no log under the wrong name', async () => {
    const path = await writtenDatabase();
    const before = await openAt(path);
    const run = (await before.getRun('default', 'a'))?.run;
    await before.close();
    changeDatabase(path, "update runs set id = 'b'");
    const store = await openAt(path);
    await expect(store.readEvents(run ?? expect.unreachable(), 0, 10)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('the row of run a'),
    });
  });

  test('with a schema that our statements do not fit is named as damaged', async () => {
    const path = await writtenDatabase();
    changeDatabase(path, 'alter table runs rename column park_reason to dark_reason');
    const store = await openAt(path);
    await expect(store.getRun('default', 'a')).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    changeDatabase(path, 'alter table migrations rename column version to aversion');
    expect((await errorOf(path)).code).toBe('STORE_CORRUPT');
  });

  test('that was set back to an older copy refuses the holder that has read further', async () => {
    const { path, store, clock } = await openFolder();
    await enqueue(store, 'a');
    await store.close();
    copyFileSync(path, `${path}.old`);
    const later = await openAt(path);
    const [claimed] = await claimOf({ store: later, now: clock.now() }, { holder: HOLDER });
    const held = heldOf(claimed);
    const { lastSeq } = await commitOne(later, factsOf(held, [completed('x')]));
    await later.close();
    copyFileSync(`${path}.old`, path);
    const restored = await openAt(path);
    await claimOf({ store: restored, now: clock.now() }, { holder: HOLDER });
    const refused = await refusedOne(restored, factsOf({ ...held, seq: lastSeq }, [completed('y')]));
    expect(refused).toMatchObject({ reason: 'lease_lost', detail: expect.stringContaining('set back') });
  });
});

describe('a statement that fails', () => {
  const place = { path: 'waits', when: 'insert' };

  test.each([
    ['the projection of a wait', 'insert on waits'],
    ['the log', "insert on events when new.path = 'bad'"],
    ["the run's row", "update on runs when new.id = 'b'"],
    ["a child's row", "insert on runs when new.id = 'child'"],
  ])('J2 P5 in %s undoes its whole batch, and that batch alone', async (_what, trigger) => {
    const { path, store } = await openFolder();
    const [a, b] = [await start(store, 'a'), await start(store, 'b')];
    changeDatabase(path, `create trigger boom before ${trigger} begin select raise(abort, 'boom'); end`);
    const bad = factsOf(b, [completed('bad'), opened('input', place.path)], {
      creates: [{ ...childOf(), holder: HOLDER }],
      arrivals: [{ run: a.run, events: [signalled('s')] }],
    });
    const answers = await store.commit([factsOf(a, [completed('1')]), bad, factsOf(a, [completed('2')])]);
    expect(answers).toMatchObject([
      { type: 'committed', firstSeq: 2 },
      { type: 'refused', reason: 'refused', detail: expect.stringContaining('boom') },
      { type: 'committed', firstSeq: 3 },
    ]);
    expect((await eventsOf(store, b.run)).length).toBe(1);
    expect(await store.getRun('default', 'child')).toBeUndefined();
    expect((await eventsOf(store, a.run)).map((event) => event.type)).not.toContain('signal.received');
    changeDatabase(path, 'drop trigger boom');
    expect(await commitOne(store, bad)).toMatchObject({ firstSeq: 2 });
  });
});

test('names that a rolled-back group gave are given again, and mean what they say', async () => {
  const { path, store } = await openFolder();
  const held = await start(store, 'a');
  changeDatabase(
    path,
    "create trigger boom before insert on events when new.path = 'bad' begin select raise(abort, 'boom'); end",
  );
  const blue = newRun('b', { tenant: 'blue', workflow: 'paint', holder: 'painter' });
  const refused = newRun('x', { tenant: 'red', workflow: 'sand', holder: 'sander' });
  const answers = await store.commit([
    startOf(blue),
    factsOf(held, [completed('bad')]),
    startOf({ ...refused, events: [...refused.events, completed('bad')] }),
    startOf({ ...refused, runId: 'r', rootRunId: 'r' }),
  ]);
  expect(answers.map((answer) => answer.type)).toEqual(['committed', 'refused', 'refused', 'committed']);
  const other = await openAt(path);
  expect(await other.getRun('blue', 'b')).toMatchObject({ workflow: 'paint', holder: 'painter' });
  expect(await other.getRun('red', 'r')).toMatchObject({ workflow: 'sand', holder: 'sander' });
});

function childOf() {
  const { tenant, workflow, version } = { tenant: 'default', workflow: 'ship', version: '1' };
  const data = { workflow, version, digest: 'd', trigger: { kind: 'child' as const } };
  return {
    tenant,
    runId: 'child',
    workflow,
    version,
    priority: 0,
    labels: {},
    rootRunId: 'b',
    depth: 1,
    events: [{ type: 'run.created' as const, data, payload: '1' }],
  };
}

describe('what a commit and a claim cost', () => {
  test('a payload up to the limit stands in its event, a larger one once, however often it is written', async () => {
    const { path, store } = await openFolder({ inlineBytes: 100 });
    const held = await start(store, 'a');
    const payloads = [98, 99, 99].map((length) => JSON.stringify('x'.repeat(length)));
    await commitOne(
      store,
      factsOf(
        held,
        payloads.map((payload, index) => completed(`s${index}`, payload)),
      ),
    );
    await store.close();
    const db = new DatabaseSync(path);
    expect(db.prepare('select bytes from blobs').all()).toEqual([{ bytes: 101 }]);
    expect(db.prepare('select payload from events where blob is not null').all()).toEqual([
      { payload: null },
      { payload: null },
    ]);
    db.close();
  });

  test('a claim with nothing to claim writes nothing', async () => {
    const { path, store, clock } = await openFolder();
    const held = await start(store, 'a');
    await rest(store, held, clock.now() + 1_000);
    const watcher = new DatabaseSync(path);
    const version = () => watcher.prepare('pragma data_version').get();
    const before = version();
    expect(await claimOf({ store, now: clock.now() }, { quarantine: true, dead: ['somebody'] })).toEqual([]);
    expect(await store.nextDueAt([])).toBeUndefined();
    await store.releaseAll('somebody');
    await store.registerWorkflows([]);
    expect(version()).toEqual(before);
    await claimOf({ store, now: clock.now() + 1_000 });
    expect(version()).not.toEqual(before);
    watcher.close();
  });

  test('W5 a step takes at most 250 bytes of disk', async () => {
    const { path, store, clock } = await openFolder();
    const at = clock.now();
    const [runs, steps] = [50, 100];
    const held = await Promise.all(Array.from({ length: runs }, (_, index) => start(store, `run-${index}`)));
    for (let step = 1; step <= steps; step += 1) {
      const data = { start: { at, after: { n: step } }, endedAt: at, durationMs: 0 };
      const event = { type: 'step.completed', path: `step-${step}`, data, payload: '{"n":1}' } as const;
      await store.commit(held.map((one) => factsOf(one, [event])));
    }
    await store.commit(
      held.map((one) => conclusionOf({ ...one, seq: steps + 1 }, { events: [runCompleted] })),
    );
    await store.close();
    expect(statSync(path).size / (runs * steps)).toBeLessThan(250);
  });
});

describe('a file that changes under its connection', () => {
  const changes: [string, string, (path: string) => void][] = [
    ['is removed', 'STORE_UNAVAILABLE', (path) => rmSync(path)],
    ['is put aside', 'STORE_UNAVAILABLE', (path) => renameSync(path, `${path}.old`)],
    [
      'is replaced by a copy',
      'STORE_UNAVAILABLE',
      (path) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
    ['is cut short', 'STORE_CORRUPT', (path) => truncateSync(path, 4_096)],
  ];

  test.each(changes)('that %s is noticed by the next heartbeat: %s', async (_what, code, change) => {
    const path = await writtenDatabase();
    const store = await openAt(path);
    await store.registerWorker({ id: 'w', hostname: 'h', pid: 1, startedAt: 1, serves: [] });
    const { run } = await start(store, 'b');
    expect(await store.beat('w', false)).toBe(true);
    change(path);
    await expect(store.beat('w', false)).rejects.toMatchObject({ code });
    await expect(commitOne(store, externalOf(run, [signalled('late')]))).rejects.toMatchObject({ code });
    await expect(store.getRun('default', 'b')).rejects.toMatchObject({ code });
  });
});
