/** Bytes change on the disk, or are gone: a log is read as it was written, or an error says that it cannot be; never another one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { nodePlatform } from '../../packages/pawl/src/engine/index.ts';
import { isPawlError } from '../../packages/pawl/src/errors/index.ts';
import type { StoredEvent } from '../../packages/pawl/src/run/index.ts';
import { openSqliteStore } from '../../packages/pawl/src/sqlite.ts';
import type { RunRow, Store } from '../../packages/pawl/src/store/index.ts';
import type { Chance } from './support/chance.ts';
import { type JudgedRun, readRuns, storeProblems } from './support/judge.ts';
import { playRound } from './support/round.ts';
import { World } from './support/world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.dispose();
});

type Runs = ReadonlyMap<string, JudgedRun>;

function newWorld(): World {
  const world = new World();
  worlds.push(world);
  return world;
}

/** Ended runs with large and small payloads, failures and children, and one that waits. */
async function filled(world: World): Promise<void> {
  await world.driven(async (engine) => {
    for (let index = 0; index < 24; index += 1) {
      const input = { steps: 4, ms: 0, ballast: String(index).repeat(index % 8 === 0 ? 40_000 : 40) };
      await engine.start('chain', input, { id: `chain-${index}`, idempotencyKey: `key-${index}` });
      if (index % 4 === 0)
        await engine.start('tree', { items: 3 }, { id: `tree-${index}`, labels: { a: 'b' } });
    }
    await engine.start('waiter', { signals: 1 }, { id: 'waiter' });
    const rows = await engine.runs.list({ limit: 1_000 });
    await Promise.all(
      rows.filter(({ runId }) => runId !== 'waiter').map(({ runId }) => engine.handle(runId).result()),
    );
  });
}

type Damage = (bytes: Buffer, chance: Chance) => Buffer;

const DAMAGES: Readonly<Record<string, { readonly times: number; readonly act: Damage }>> = {
  'one flipped bit': {
    times: 120,
    act: (bytes, chance) => {
      const at = chance.between(0, bytes.length - 1);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << chance.between(0, 7)), at);
      return bytes;
    },
  },
  'a sector of noise': {
    times: 30,
    act: (bytes, chance) => {
      const at = chance.between(0, bytes.length / 512 - 1) * 512;
      return bytes.fill(chance.between(0, 255), at, at + 512);
    },
  },
  'a file cut short': {
    times: 30,
    act: (bytes, chance) => bytes.subarray(0, chance.between(100, bytes.length - 1)),
  },
};

test.each(Object.entries(DAMAGES))(
  'with %s no log is read as another one, and every error has a code',
  async (what, { times, act }) => {
    const source = newWorld();
    await filled(source);
    const whole = readFileSync(source.store);
    const truth = await readRuns(source);
    await playRound(what, async (chance) => {
      let named = 0;
      for (let index = 0; index < times; index += 1) {
        const world = newWorld();
        writeFileSync(world.store, act(Buffer.from(whole), chance));
        const { problems, errors } = await lookedAt(world.store, truth);
        expect(problems).toEqual([]);
        if (errors > 0) named += 1;
        await world.dispose();
      }
      expect(named).toBeGreaterThan(times / 10); // most bytes of a file are free, or of something that nobody looks at here
      return { damages: times, named };
    });
  },
);

interface Look {
  readonly problems: readonly string[];
  readonly errors: number;
}

/** Reads everything; what a log gives must be the truth, or an error of ours. */
async function lookedAt(path: string, truth: Runs): Promise<Look> {
  const problems: string[] = [];
  let errors = 0;
  const attempt = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      errors += 1;
      if (!isPawlError(error)) problems.push(`not ours: ${String(error)}`);
      return undefined;
    }
  };
  const store = await attempt(() => openSqliteStore({ ...nodePlatform(), path }));
  if (store === undefined) return { problems, errors };
  try {
    for (const { row, events } of truth.values()) {
      const logs = await Promise.all(readsOf(store, row).map(attempt));
      const wrong = logs.filter((log) => log !== undefined && !isDeepStrictEqual(log, events));
      problems.push(...wrong.map((log) => `run ${row.run.runId} reads as ${JSON.stringify(log)}`));
    }
    await attempt(() => store.listRuns({ tenant: 'default', limit: 1_000 }));
    await attempt(() => store.listWaits({ tenant: 'default', limit: 1_000 }));
  } finally {
    await store.close();
  }
  return { problems, errors };
}

/** By its number, and by its id where that is found at all. */
function readsOf(store: Store, { run }: RunRow): (() => Promise<readonly StoredEvent[] | undefined>)[] {
  const byId = { tenant: run.tenant, runId: run.runId };
  return [
    () => store.readEvents(run, 0, 1_000),
    async () =>
      (await store.getRun(run.tenant, run.runId)) ? await store.readEvents(byId, 0, 1_000) : undefined,
  ];
}

test('with a changed byte in its write-ahead log a database is what it was before some commit, whole', async () => {
  const source = newWorld();
  const worker = await source.worker();
  for (let index = 0; index < 12; index += 1)
    await source.start(worker, { id: `tree-${index}`, workflow: 'tree', input: { items: 2 } });
  await worker.call(
    'results',
    source.asked.map(({ id }) => id),
  );
  await source.kill(worker); // its log stays as it is
  const [db, wal] = [readFileSync(source.store), readFileSync(`${source.store}-wal`)];
  const truth = await readRuns(source);
  await playRound('changed bytes in the log', async (chance) => {
    const problems: string[] = [];
    let shorter = 0;
    for (let index = 0; index < 20; index += 1) {
      const world = newWorld();
      writeFileSync(world.store, db);
      const bytes = Buffer.from(wal);
      const at = chance.between(Math.floor(bytes.length / 4), bytes.length - 1);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
      writeFileSync(`${world.store}-wal`, bytes);
      const runs = await readRuns(world);
      problems.push(...storeProblems(world, runs), ...strangers(runs, truth));
      if (eventsIn(runs) < eventsIn(truth)) shorter += 1;
      await world.dispose();
    }
    expect(problems).toEqual([]);
    expect(shorter).toBeGreaterThan(0);
    return { damages: 20, shorter };
  });
});

function eventsIn(runs: Runs): number {
  return [...runs.values()].reduce((sum, { events }) => sum + events.length, 0);
}

/** Logs that are no beginning of the true ones. */
function strangers(runs: Runs, truth: Runs): string[] {
  return [...runs]
    .filter(([id, { events }]) => !isDeepStrictEqual(events, truth.get(id)?.events.slice(0, events.length)))
    .map(([id]) => `run ${id} has a log that nobody wrote`);
}
