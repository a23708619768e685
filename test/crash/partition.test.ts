/** A worker that is cut off from the server, in a network of its own, while everybody else goes on. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hasOwnPostgres, initializeData, type PostgresServer, startServer } from '../postgres/server.ts';
import { judge, readRuns } from './support/judge.ts';
import { isLost, LEASE_MS, skip } from './support/leases.ts';
import { NetworkNamespace } from './support/namespace.ts';
import { ABORTED } from './support/workflows.ts';
import { World } from './support/world.ts';

const problem = hasOwnPostgres() ? NetworkNamespace.problem() : 'there is no PostgreSQL for this machine';
if (problem !== undefined) process.stderr.write(`not played, a worker that is cut off: ${problem}\n`);

let folder = '';
let namespace: NetworkNamespace | undefined;
let server: PostgresServer | undefined;
let world: World | undefined;
afterEach(async () => {
  await world?.dispose();
  await server?.stop();
  namespace?.remove();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

/** A server that listens on the wire of a new namespace too. */
async function startReachable(): Promise<{ readonly wire: NetworkNamespace; readonly urlInside: string }> {
  namespace = NetworkNamespace.create();
  folder = mkdtempSync(join(tmpdir(), 'pawl-partition-'));
  initializeData(folder);
  appendFileSync(join(folder, 'data', 'pg_hba.conf'), 'host all all 198.18.0.0/15 trust\n');
  server = await startServer({ folder, settings: [`listen_addresses=127.0.0.1,${namespace.host}`] });
  return { wire: namespace, urlInside: server.url.replace('127.0.0.1', namespace.host) };
}

describe.skipIf(problem !== undefined)('a worker that is cut off', () => {
  test('loses its runs after its lease to one who is not, and when the line is back it aborts its work, and what it commits is refused', async () => {
    const { wire, urlInside } = await startReachable();
    const here = new World(server?.url);
    world = here;
    const elsewhere = { isElsewhere: true } as const;
    const lost = await here.worker({ ...elsewhere, store: urlInside, within: wire.command, holds: true });
    await here.start(lost, { id: 'held', workflow: 'held', input: { signals: 0 } });
    await here.recorded('held', 'step.started');
    const heir = await here.worker(elsewhere); // it sees at once who holds what
    await here.start(lost, { id: 'late', workflow: 'chain', input: { steps: 3, ms: 2_000 } });
    await lost.fired('s1');
    await here.recorded('late', 'step.started');

    wire.cut(); // while one step goes on; the other one ends and is on its way to the server
    await skip(heir, LEASE_MS - 6_000);
    expect(heir.firings).toEqual([]); // silent is not dead: the server still sees its session
    await skip(heir, 12_000);
    await Promise.all(['held', 'late'].map((id) => here.recorded(id, 'run.completed')));
    wire.heal();
    await lost.heard((line) => line.type === 'log' && line.message === ABORTED);
    await lost.heard(isLost);
    await lost.call('release');
    await here.start(lost, { id: 'next', workflow: 'chain', input: { steps: 3, ms: 0 } });
    await lost.call('results', ['next']);
    await Promise.all([lost.close(), heir.close()]); // which waits for the answer to what came late

    expect(await judge(here)).toMatchObject({ problems: [], lost: 2 });
    const runs = await readRuns(here);
    const ends = ['held', 'late'].map((id) =>
      runs
        .get(id)
        ?.events.filter(({ path, type }) => type === 'step.completed' && /long|s1/.test(path ?? '')),
    );
    expect(ends).toEqual(
      [2, 2].map((attempt) => [expect.objectContaining({ data: expect.objectContaining({ attempt }) })]),
    );
  });
});
