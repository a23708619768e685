/** Promises of `pawl run` and `pawl worker`: a run is started, followed, left and taken up again by real processes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  bin,
  errorOf,
  jsonOf,
  pawl,
  type RunOptions,
  Running,
  startPawl,
  temporaryFolder,
} from './command.ts';

const flows = fileURLToPath(new URL('flows.ts', import.meta.url));
const door = new URL('../../packages/pawl/src/index.ts', import.meta.url).href;
const cwd = temporaryFolder();
const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;

function run(...args: readonly string[]): ReturnType<typeof pawl> {
  return pawl(['run', ...args], { cwd });
}

function inFolder(args: readonly string[], options: RunOptions = {}): ReturnType<typeof pawl> {
  return pawl(args, { cwd, ...options });
}

test('a graph of a module calls the functions that the module exports beside it, also in a worker', async () => {
  writeFileSync(
    join(cwd, 'own.mjs'),
    `import { parseGraph } from ${JSON.stringify(door)};
export const more = ({ n }) => n + 1;
export const flow = parseGraph(\`{ "pawl": 1, "workflow": "own", "version": "1", "input": { "type": "object", "properties": { "n": { "type": "integer" } } },
  "steps": { "a": { "kind": "function", "with": { "function": "more", "input": { "n": "{{ input.n }}" } } } }, "output": "steps.a.output" }\`);
`,
  );
  expect(jsonOf(await run('own.mjs', '--json', '--input', '{"n":4}'))).toMatchObject({ output: 5 });
  const worker = startPawl(['worker', 'own.mjs#flow'], { cwd });
  await worker.prints(/serves own@1 from/);
  expect(jsonOf(await run('own', '--json', '--input', '{"n":1}'))).toMatchObject({ output: 2 });
  worker.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
});

describe('a run that is followed', () => {
  test('prints plain lines in a pipe, and its output', async () => {
    const { code, stdout, stderr } = await run(`${flows}#quick`, '--input', '{"who":"Ana"}');
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^run [0-9a-f-]{36} of quick@1\ndone {6}greet {2}\d+ ms\ncompleted after .+\n {2}Hello, Ana\n$/,
    );
    expect(code).toBe(0);
  });

  test('ends with one line of JSON', async () => {
    const ended = await run(`${flows}#quick`, '--json');
    expect(jsonOf(ended)).toEqual({
      runId: expect.stringMatching(UUID) as string,
      status: 'completed',
      output: 'Hello, world',
    });
    expect(ended.code).toBe(0);
  });

  test('keeps standard output for the line of JSON, whatever its code prints', async () => {
    const ended = await run(`${flows}#prints`, '--json');
    expect(jsonOf(ended)).toMatchObject({ status: 'completed', output: 'printed' });
    expect(ended.stderr).toBe('said\nwritten\n');
  });

  test('that failed ends with exit code 1, and its message cannot move the cursor', async () => {
    const plain = await run(`${flows}#fails`);
    expect(plain.code).toBe(1);
    expect(plain.stdout).toContain('NO_LUCK: no luck\uFFFD[2J today');
    expect(plain.stdout).not.toContain('\u001b');
    const json = await run(`${flows}#fails`, '--json');
    expect(json.code).toBe(1);
    expect(jsonOf(json)).toMatchObject({ status: 'failed', failure: { code: 'NO_LUCK', class: 'terminal' } });
  });

  test('goes on as the run that it continues as', async () => {
    expect(jsonOf(await run(`${flows}#again`, '--json'))).toMatchObject({ status: 'completed', output: 3 });
  });

  test('takes its input from a file and from standard input', async () => {
    writeFileSync(join(cwd, 'input.json'), '{"who":"file"}');
    expect(jsonOf(await run(`${flows}#quick`, '--json', '--input', '@input.json'))).toMatchObject({
      output: 'Hello, file',
    });
    const piped = await inFolder(['run', `${flows}#quick`, '--json', '--input', '-'], {
      stdin: '{"who":"pipe"}',
    });
    expect(jsonOf(piped)).toMatchObject({ output: 'Hello, pipe' });
  });

  test('has the id, key, labels and starter that it was given', async () => {
    const given = ['--id', 'my-run', '--key', 'k1', '--label', 'a=1', '--label', 'b=2', '--by', 'ana'];
    expect(jsonOf(await run(`${flows}#quick`, '--json', ...given))).toMatchObject({ runId: 'my-run' });
    const again = await run(`${flows}#quick`, '--json', '--key', 'k1');
    expect(jsonOf(again)).toMatchObject({ runId: 'my-run', output: 'Hello, world' });
    const taken = await run(`${flows}#quick`, '--json', '--id', 'my-run');
    expect([taken.code, errorOf(taken)['code']]).toEqual([2, 'RUN_ID_TAKEN']);
    const conflict = await run(`${flows}#quick`, '--json', '--key', 'k1', '--input', '{"who":"x"}');
    expect([conflict.code, errorOf(conflict)['code']]).toEqual([2, 'IDEMPOTENCY_CONFLICT']);
    expect(jsonOf(await inFolder(['show', 'my-run', '--json']))).toMatchObject({
      labels: { a: '1', b: '2' },
    });
    const [created] = (await inFolder(['events', 'my-run', '--json'])).stdout.split('\n');
    expect(JSON.parse(created ?? '')).toMatchObject({
      type: 'run.created',
      actor: 'ana',
      data: { trigger: { kind: 'cli' } },
    });
  });
});

describe('a run that waits', () => {
  test('says how to go on, ends with exit code 4, and goes on from where it was', async () => {
    const effects = join(cwd, 'gate.txt');
    const plain = await run(`${flows}#gate`, '--id', 'gate-1', '--input', JSON.stringify({ effects }));
    expect(plain.code).toBe(4);
    expect(plain.stdout).toContain('npx pawl approve gate-1 ship --by NAME\n');
    expect(plain.stdout).toContain('--resume gate-1\n');
    const again = await run(`${flows}#gate`, '--json', '--resume', 'gate-1');
    expect([again.code, jsonOf(again)]).toMatchObject([
      4,
      { status: 'waiting', waits: [{ kind: 'approval', path: 'ship', message: 'Ship it?' }] },
    ]);
    expect((await inFolder(['approve', 'gate-1', '--by', 'ana', '--comment', 'fine'])).code).toBe(0);
    const end = await run(`${flows}#gate`, '--json', '--resume', 'gate-1');
    expect([end.code, jsonOf(end)]).toMatchObject([
      0,
      { status: 'completed', output: { by: 'ana', comment: 'fine' } },
    ]);
    expect(readFileSync(effects, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  test('in a child is held like one that waits itself', async () => {
    const ended = await run(`${flows}#parent`, '--json');
    expect(ended.code).toBe(4);
    const [wait] = jsonOf(ended)['waits'] as [{ readonly runId: string; readonly path: string }];
    expect(wait.path).toBe('ship');
    expect(wait.runId).not.toBe(jsonOf(ended)['runId']);
  });

  test('for an operator ends with exit code 4 and the reason', async () => {
    const marker = join(cwd, 'marker');
    const parked = await run(
      `${flows}#parks`,
      '--json',
      '--id',
      'parks-1',
      '--input',
      JSON.stringify({ marker }),
    );
    expect([parked.code, jsonOf(parked)]).toMatchObject([
      4,
      { status: 'parked', parked: { reason: 'retries_exhausted' }, heldBack: ['parks-1'] },
    ]);
    expect((await run(`${flows}#parks`, '--resume', 'parks-1')).stdout).toContain('npx pawl why parks-1');
    writeFileSync(marker, '');
    expect((await inFolder(['retry', 'parks-1'])).stdout).toBe('run parks-1 has new attempts\n');
    const end = await run(`${flows}#parks`, '--json', '--resume', 'parks-1');
    expect([end.code, jsonOf(end)]).toMatchObject([0, { output: 'found' }]);
  });
});

describe('a command that is interrupted', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s lets the step finish, says how to go on, and loses nothing', async (signal, code) => {
    const [marker, effects] = [join(cwd, `marker-${signal}`), join(cwd, `effects-${signal}`)];
    const id = `slow-${signal}`;
    const started = startPawl(
      ['run', `${flows}#slow`, '--id', id, '--input', JSON.stringify({ marker, effects })],
      { cwd },
    );
    await started.prints(/done {6}first/);
    const draining = startPawl(['events', id, '--follow', '--json'], { cwd });
    await draining.prints(/"path":"wait"/);
    started.kill(signal);
    writeFileSync(marker, '');
    const ended = await started.ended;
    expect(ended.stdout).toContain(`--resume ${id}`);
    expect(ended.code).toBe(code);
    expect(jsonOf(await run(`${flows}#slow`, '--json', '--resume', id))).toMatchObject({
      status: 'completed',
      output: 'over',
    });
    expect((await draining.ended).stdout).toContain('run.completed');
    expect(readFileSync(effects, 'utf8')).toBe('first\nwait\n');
  });

  test('twice ends at once, and its step is tried again', async () => {
    const [marker, effects] = [join(cwd, 'marker-twice'), join(cwd, 'effects-twice')];
    const started = startPawl(
      ['run', `${flows}#slow`, '--id', 'twice', '--input', JSON.stringify({ marker, effects })],
      { cwd },
    );
    const watching = startPawl(['events', 'twice', '--follow', '--json'], { cwd });
    await started.prints(/done {6}first/);
    await startPawl(['events', 'twice', '--follow', '--json'], { cwd }).prints(/"path":"wait"/);
    started.kill('SIGINT');
    await started.prints(/once more leaves at once/);
    started.kill('SIGINT');
    expect((await started.ended).code).toBe(130);
    writeFileSync(marker, '');
    expect(jsonOf(await run(`${flows}#slow`, '--json', '--resume', 'twice'))).toMatchObject({
      output: 'over',
    });
    expect(readFileSync(effects, 'utf8')).toBe('first\nwait\nwait\n');
    watching.kill('SIGTERM');
  });
});

describe('a run whose reader has gone', () => {
  test('is given back as on Ctrl-C: its step may finish, and the next one goes on with it', async () => {
    const [marker, effects] = [join(cwd, 'marker-head'), join(cwd, 'effects-head')];
    const args = `run '${flows}#slow' --id head-1 --input '${JSON.stringify({ marker, effects })}'`;
    const command = `'${process.execPath}' '${bin}' ${args} | head -n 1; echo "code \${PIPESTATUS[0]}"`;
    const piped = new Running('/bin/bash', ['-c', command], { cwd });
    await piped.prints(/run head-1/);
    writeFileSync(marker, '');
    expect((await piped.ended).stdout).toMatch(/^run head-1 .*\ncode 141\n$/);
    expect(jsonOf(await run(`${flows}#slow`, '--json', '--resume', 'head-1'))).toMatchObject({
      output: 'over',
    });
    expect(readFileSync(effects, 'utf8')).toBe('first\nwait\n');
  });
});

describe('a worker', () => {
  test('serves what its files export, drives what others start, and drains', async () => {
    const worker = startPawl(['worker', flows], { cwd });
    const [, workerId] = await worker.prints(
      /^worker ([0-9a-f-]{36}) \(pid \d+\) serves (?=.*\bquick@1\b)(?=.*\bgate@1\b).* from sqlite:\.pawl\/pawl\.db/,
    );
    expect(jsonOf(await inFolder(['run', 'quick', '--json', '--input', '{"who":"Bo"}']))).toMatchObject({
      status: 'completed',
      output: 'Hello, Bo',
    });
    expect((await inFolder(['run', 'fails'])).code).toBe(1);
    const detached = await inFolder(['run', 'quick', '--detach', '--json']);
    const { runId } = jsonOf(detached) as { runId: string };
    expect(jsonOf(detached)).toEqual({ runId, status: 'queued' });
    expect((await inFolder(['events', runId, '--follow'])).stdout).toContain('run.completed');
    const workers = jsonOf(await inFolder(['workers', '--json']))['workers'] as readonly {
      readonly id: string;
      readonly isAlive: boolean;
    }[];
    expect(workers.find((one) => one.id === workerId)).toMatchObject({
      isAlive: true,
      pid: worker.child.pid,
      draining: false,
    });
    expect((await inFolder(['workers'])).stdout).toMatch(
      new RegExp(`^WORKER.*\\n(?:.*\\n)*${workerId} +alive`),
    );
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('says with --json who it is and what it serves', async () => {
    const worker = startPawl(['worker', `${flows}#quick`, '--json'], { cwd });
    const [line] = await worker.prints(/^\{.*\}$/m);
    expect(JSON.parse(line)).toMatchObject({
      pid: worker.child.pid,
      serves: ['quick@1'],
      store: 'sqlite:.pawl/pawl.db',
    });
    worker.kill('SIGINT');
    expect((await worker.ended).code).toBe(0);
  });

  test('that is not there is missed: the run stays queued, and the command says so', async () => {
    const ended = await inFolder(['run', 'quick', '--json']);
    expect([ended.code, jsonOf(ended)]).toMatchObject([
      4,
      { status: 'queued', goOn: 'npx pawl worker FILE' },
    ]);
    expect((await inFolder(['run', 'quick'])).stdout).toContain('no live worker serves quick');
  });

  test('is missed, too, where a file goes on with a run of another workflow', async () => {
    const { runId } = jsonOf(await run(`${flows}#quick`, '--detach', '--json')) as { runId: string };
    writeFileSync(
      join(cwd, 'other.mjs'),
      "export default { name: 'other', version: '1', digest: 'd', labels: {}, compatible: [], run: () => 1 };",
    );
    const ended = await run('other.mjs', '--resume', runId);
    expect([ended.code, ended.stdout]).toEqual([
      4,
      expect.stringContaining(`run ${runId} is queued, and no live worker serves quick@1:`),
    ]);
  });

  test('takes up a run that was started without one', async () => {
    const { stdout } = await run(`${flows}#quick`, '--detach');
    const [runId = ''] = UUID.exec(stdout) ?? [];
    expect(stdout).toContain(`npx pawl events ${runId} --follow`);
    expect(jsonOf(await run(`${flows}#quick`, '--json', '--resume', runId))).toMatchObject({
      runId,
      status: 'completed',
    });
  });
});
