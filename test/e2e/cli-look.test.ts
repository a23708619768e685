/** Promises of the commands that look at runs: runs, show, events, why, parked, workers; in plain and as JSON. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { bin, type Ended, errorOf, jsonOf, pawl, Running, startPawl, temporaryFolder } from './command.ts';

const flows = fileURLToPath(new URL('flows.ts', import.meta.url));
const cwd = temporaryFolder();
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function look(...args: readonly string[]): Promise<Ended> {
  return pawl(args, { cwd });
}

beforeAll(async () => {
  for (const [workflow, id] of [
    ['quick', 'quick-run'],
    ['fails', 'failed-run'],
    ['gate', 'gated-run-1'],
    ['gate', 'gated-run-2'],
  ] as const) {
    await look('run', `${flows}#${workflow}`, '--id', id, '--label', `name=${id}`);
  }
  await look(
    'run',
    `${flows}#parks`,
    '--id',
    'parked-run',
    '--input',
    JSON.stringify({ marker: join(cwd, 'none') }),
  );
});

describe('pawl runs', () => {
  test('lists runs, newest first', async () => {
    const { stdout, code } = await look('runs');
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^RUN +WORKFLOW +STATUS +STARTED +LASTED$/);
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 3).join(' '))).toEqual([
      'parked-run parks@1 parked (retries_exhausted)',
      'gated-run-2 gate@1 waiting',
      'gated-run-1 gate@1 waiting',
      'failed-run fails@1 failed',
      'quick-run quick@1 completed',
    ]);
    expect(code).toBe(0);
  });

  test('says how long a run lasted: one that has not ended goes on lasting', async () => {
    const lasted = async (id: string): Promise<number> => {
      const { runs } = jsonOf(await look('runs', '--json')) as {
        runs: { runId: string; lastedMs: number }[];
      };
      return runs.find(({ runId }) => runId === id)?.lastedMs ?? Number.NaN;
    };
    const [ended, waiting] = [await lasted('quick-run'), await lasted('gated-run-1')];
    expect(await lasted('quick-run')).toBe(ended);
    expect(await lasted('gated-run-1')).toBeGreaterThan(waiting);
  });

  test('filters by status and workflow, and stops at the limit', async () => {
    const ids = async (...args: readonly string[]): Promise<string[]> => {
      const { runs } = jsonOf(await look('runs', '--json', ...args)) as {
        runs: { runId: string; createdAt: string }[];
      };
      for (const run of runs) expect(run.createdAt).toMatch(RFC3339);
      return runs.map((run) => run.runId);
    };
    expect(await ids('--status', 'failed,completed')).toEqual(['failed-run', 'quick-run']);
    expect(await ids('--workflow', 'gate', '--limit', '1')).toEqual(['gated-run-2']);
    expect(await ids('--workflow', 'nobody')).toEqual([]);
    expect((await look('runs', '--workflow', 'nobody')).stdout).toBe('no runs\n');
  });
});

describe('pawl show', () => {
  test('shows a run by the beginning of its id', async () => {
    const { stdout, code } = await look('show', 'quick-');
    expect(stdout).toMatch(/^run {7}quick-run\nworkflow {2}quick@1\nstatus {4}completed\n/);
    expect(stdout).toMatch(/\nsteps\n {2}✓ greet +\d+ ms\n\noutput\n {2}Hello, world\n$/);
    expect(code).toBe(0);
  });

  test('shows every value in full', async () => {
    const { stdout } = await look('show', 'quick-run', '--full');
    expect(stdout).toContain('      output\n        Hello, world\n');
    expect(stdout).toContain('\ninput\n  {}\n');
  });

  test('shows why a run waits, and the command', async () => {
    const { stdout } = await look('show', 'gated-run-1');
    expect(stdout).toContain('why\n');
    expect(stdout).toContain('    npx pawl approve gated-run-1 ship --by NAME\n');
    expect(stdout).toContain('○ ship');
  });

  test('shows a failure without letting it move the cursor', async () => {
    const { stdout } = await look('show', 'failed-run');
    expect(stdout).toContain('✗ break');
    expect(stdout).toContain('failure\n  NO_LUCK: no luck\uFFFD[2J today');
    expect(stdout).not.toContain('\u001b');
  });

  test('is one JSON object with every fact', async () => {
    expect(jsonOf(await look('show', 'gated-run-1', '--json'))).toMatchObject({
      runId: 'gated-run-1',
      workflow: 'gate',
      status: 'waiting',
      labels: { name: 'gated-run-1' },
      createdAt: expect.stringMatching(RFC3339) as string,
      steps: [
        { path: 'before', status: 'completed', attempt: 1 },
        { path: 'ship', kind: 'approval', status: 'waiting' },
      ],
      why: [{ command: 'npx pawl approve gated-run-1 ship --by NAME' }],
    });
  });

  test('refuses a beginning that several runs share', async () => {
    const ended = await look('show', 'gated-run', '--json');
    expect([ended.code, errorOf(ended)]).toMatchObject([
      2,
      { code: 'RUN_AMBIGUOUS', message: expect.stringContaining('gated-run-2, gated-run-1') as string },
    ]);
  });
});

describe('pawl events', () => {
  test('prints one event a line, from the number on that is asked for', async () => {
    const { stdout } = await look('events', 'quick-run');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ {4}1 {2}\d\d:\d\d:\d\d\.\d{3} {2}run\.created/);
    expect(lines.at(-1)).toMatch(/run\.completed +"Hello, world"$/);
    const after = await look('events', 'quick-run', '--after', String(lines.length - 1), '--json');
    expect(jsonOf(after)).toMatchObject({
      seq: lines.length,
      type: 'run.completed',
      payload: 'Hello, world',
      at: expect.stringMatching(RFC3339) as string,
    });
    expect((await look('events', 'quick-run', '--after', '999', '--follow')).stdout).toBe('');
  });

  test('follows a run until it ends, and stops when it is told to', async () => {
    const following = startPawl(['events', 'gated-run-2', '--follow'], { cwd });
    await following.prints(/run\.waiting/);
    following.kill('SIGINT');
    expect((await following.ended).code).toBe(130);
    const toTheEnd = startPawl(['events', 'gated-run-2', '--follow', '--json'], { cwd });
    await toTheEnd.prints(/run\.waiting/);
    await look('approve', 'gated-run-2', '--by', 'ana');
    await look('run', `${flows}#gate`, '--resume', 'gated-run-2');
    const { code, stdout } = await toTheEnd.ended;
    expect([code, stdout.includes('"run.completed"')]).toEqual([0, true]);
  });
});

describe('pawl why', () => {
  test('says what a run waits for and the command that moves it', async () => {
    const { stdout } = await look('why', 'gated-run-1');
    expect(stdout).toMatch(
      /^run gated-run-1 is waiting\n {2}.*Ship it\?\n {4}npx pawl approve gated-run-1 ship --by NAME\n$/,
    );
    expect(jsonOf(await look('why', 'gated-run-1', '--json'))).toMatchObject({
      runId: 'gated-run-1',
      status: 'waiting',
      reasons: [{ command: 'npx pawl approve gated-run-1 ship --by NAME' }],
    });
  });

  test('says of a step whose worker was killed that it was lost, and asks for a worker', async () => {
    const aside = temporaryFolder();
    const input = JSON.stringify({ marker: join(aside, 'never'), effects: join(aside, 'effects') });
    const at = { cwd: aside };
    const killed = startPawl(['run', `${flows}#slow`, '--id', 'killed-run', '--input', input], at);
    await killed.prints(/run killed-run/);
    const { runs } = jsonOf(await pawl(['runs', '--json'], at)) as { runs: object[] };
    expect(runs.filter((run) => 'hasNoWorker' in run)).toEqual([]);
    await killed.prints(/done {6}first/);
    await startPawl(['events', 'killed-run', '--follow'], at).prints(/step\.started +wait/);
    killed.kill('SIGKILL');
    await killed.ended;
    const { stdout } = await pawl(['why', 'killed-run'], at);
    expect(stdout).toMatch(
      /\n {2}Step "wait" \(attempt 1\) was lost with its worker.*\n.*\n {4}\S.* worker FILE\n$/,
    );
    expect((await pawl(['runs'], at)).stdout).toMatch(/\nkilled-run +slow@1 +running \(no worker\) /);
    expect(jsonOf(await pawl(['runs', '--json'], at))).toMatchObject({
      runs: [{ runId: 'killed-run', status: 'running', hasNoWorker: true }],
    });
    expect((await pawl(['show', 'killed-run'], at)).stdout).toMatch(/\n {2}! wait +lost with its worker/);
  });

  test('names the store in the command where it is not the default', async () => {
    const { stdout } = await look('why', 'gated-run-1', '--store', 'sqlite:./.pawl/pawl.db');
    expect(stdout).toContain('--by NAME --store sqlite:./.pawl/pawl.db\n');
    const byEnvironment = await pawl(['why', 'gated-run-1'], {
      cwd,
      env: { PAWL_STORE: 'sqlite:./.pawl/pawl.db' },
    });
    expect(byEnvironment.stdout).toBe(stdout);
  });
});

describe('pawl parked', () => {
  test('lists the runs that somebody has to move', async () => {
    expect((await look('parked')).stdout).toMatch(
      /^parked-run {2}parks@1 {2}retries_exhausted\n {2}.*\n {4}npx pawl retry parked-run\n$/,
    );
    expect(jsonOf(await look('parked', '--json'))).toMatchObject({
      parked: [
        {
          runId: 'parked-run',
          parkReason: 'retries_exhausted',
          why: [{ command: 'npx pawl retry parked-run' }],
        },
      ],
    });
  });
});

describe('pawl workers', () => {
  test('says that there are none', async () => {
    expect((await look('workers')).stdout).toBe('no workers\n');
    expect(jsonOf(await look('workers', '--json'))).toEqual({ workers: [] });
  });
});

describe('pawl prune', () => {
  test('removes nothing that is young, and asks for an age', async () => {
    expect((await look('prune', '--older-than', '30d')).stdout).toBe('0 runs removed\n');
    expect(jsonOf(await look('prune', '--older-than', '30d', '--json'))).toEqual({ removed: 0 });
    const { code, stderr } = await look('prune');
    expect([code, stderr]).toEqual([2, expect.stringContaining('--older-than')]);
  });
});

describe('looking', () => {
  test('makes no database and changes none', async () => {
    const before = jsonOf(await look('show', 'quick-run', '--json'))['lastSeq'];
    expect(jsonOf(await look('show', 'quick-run', '--json'))['lastSeq']).toBe(before);
    expect((await look('runs', '--store', 'sqlite:other/none.db')).code).toBe(3);
    expect(existsSync(join(cwd, 'other'))).toBe(false);
  });

  test.skipIf(!existsSync('/dev/full'))('does not take an answer that nobody got for success', async () => {
    for (const args of ['runs', 'show quick-run --json', 'events quick-run', 'help']) {
      const command = `'${process.execPath}' '${bin}' ${args} > /dev/full`;
      const ended = await new Running('/bin/sh', ['-c', command], { cwd }).ended;
      expect([ended.code, ended.stderr]).toEqual([3, expect.stringMatching(/OUTPUT_LOST.*ENOSPC/)]);
      expect(ended.stderr).not.toContain('    at ');
    }
  });

  test.skipIf(!existsSync('/dev/full'))(
    'keeps its exit code where standard error takes nothing',
    async () => {
      for (const place of ['/dev/full', '&-']) {
        const command = `'${process.execPath}' '${bin}' show none-of-them 2>${place}`;
        const ended = await new Running('/bin/sh', ['-c', command], { cwd }).ended;
        expect([ended.code, ended.stdout]).toEqual([2, '']);
      }
    },
  );

  test('ends quietly where its reader has gone', async () => {
    const following = startPawl(['events', 'gated-run-1', '--follow'], { cwd });
    await following.prints(/run\.waiting/);
    following.child.stdout?.destroy();
    await look('cancel', 'gated-run-1');
    expect(await following.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('the tenant of a command', () => {
  test('is whose runs it starts, shows and hints at; nobody else sees them', async () => {
    await look('run', `${flows}#gate`, '--id', 'acme-gated', '--tenant', 'acme');
    expect((await look('show', 'acme-gated')).code).toBe(2);
    expect((await look('runs')).stdout).not.toContain('acme-gated');
    const why = await look('why', 'acme-gated', '--tenant', 'acme');
    expect(why.code).toBe(0);
    expect(why.stdout).toMatch(/npx pawl approve acme-gated .* --tenant acme/);
    expect((await look('runs', '--tenant', 'a b')).stderr).toContain('NAME_INVALID');
  });
});
