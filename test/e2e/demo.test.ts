/** Promises of the demo, the first screen of Pawl: its worker really dies, and nothing happens twice. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { jsonOf, pawl, startPawl, temporaryFolder } from './command.ts';

const worker = fileURLToPath(new URL('../../examples/release-check/worker.ts', import.meta.url));
const folder = temporaryFolder();

function git(cwd: string, ...args: readonly string[]): void {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'init.defaultBranch=main'];
  const done = spawnSync('git', [...identity, ...args], { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`);
}

/** A repository with so many commits. */
function repository(name: string, commits: number): string {
  const path = join(folder, name);
  mkdirSync(path);
  git(path, 'init', '--quiet');
  writeFileSync(join(path, 'LICENSE'), '\n   A License\n');
  for (let index = 1; index <= commits; index++) {
    writeFileSync(join(path, 'a.ts'), '// line\n'.repeat(index));
    git(path, 'add', '.');
    git(path, 'commit', '--quiet', '-m', `change ${index}`);
  }
  return path;
}

async function linesOf(cwd: string, ...args: readonly string[]): Promise<string[]> {
  const ended = await pawl(['demo', '--worker', worker, ...args], { cwd });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return ended.stdout.trimEnd().split('\n');
}

describe('the release check', () => {
  test('is killed between two steps, remembered, finished and proven, on one screen', async () => {
    const lines = await linesOf(repository('three', 3));
    const text = lines.join('\n');
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(text).toMatch(/✓ history +\d+ ms {2}commits: 3, the latest: change 3\n/);
    expect(text).toMatch(/✓ changes +\d+ ms {2}1 file changed, 1 insertion\(\+\)\n/);
    expect(text).toMatch(/✓ checks\/license +\d+ ms {2}A License\n/);
    expect(text).toMatch(
      /✗ killed with SIGKILL between two steps\n\nworker 2 +process \d+\n {2}↺ 6 steps remembered, not run again: history, changes, /,
    );
    expect(text).toContain('9 steps recorded: 6 by worker 1, 3 by worker 2, which went on');
    expect(text).toContain('7 effects, each with its own key, each happened once');
    expect(text).toContain('2 requests, each with its own key, each counted once');
    const processes = [...text.matchAll(/process (\d+)/g)].map(([, pid]) => pid);
    expect(new Set(processes).size).toBe(2);
  });

  test('is killed inside a step, which is tried again with the same key', async () => {
    const text = (await linesOf(repository('inside', 2), '--kill-inside')).join('\n');
    expect(text).toContain('✗ killed with SIGKILL inside "reserve"');
    expect(text).toMatch(/! reserve +attempt 1 was lost/);
    expect(text).toMatch(/✓ reserve +\d+ ms {2}attempt 2: key known: still entry 1/);
    expect(text).toContain('3 requests with 2 keys, the repetition recognized');
  });

  test('works with one commit, without any, and in a shallow clone', async () => {
    const one = await linesOf(repository('one', 1));
    expect(one.join('\n')).toMatch(
      /commits: 1, the latest: change 1[\s\S]*✓ changes +\d+ ms {2}2 files changed/,
    );
    expect((await linesOf(repository('none', 0))).join('\n')).toMatch(/✓ history +\d+ ms {2}no commits/);
    git(folder, 'clone', '--quiet', '--depth', '1', `file://${join(folder, 'three')}`, 'shallow');
    expect((await linesOf(join(folder, 'shallow'))).join('\n')).toMatch(
      /✓ changes +\d+ ms {2}2 files changed/,
    );
  });

  test('compares with the latest tag where there is one', async () => {
    const path = repository('tagged', 4);
    git(path, 'tag', 'v1', 'HEAD~3');
    expect((await linesOf(path)).join('\n')).toMatch(
      /✓ changes +\d+ ms {2}1 file changed, 3 insertions\(\+\)/,
    );
  });

  test('leaves a report, an effects file and a run that can be looked at', async () => {
    const cwd = repository('look', 1);
    const lines = await linesOf(cwd);
    const [, runId = '', store = ''] = /npx pawl show (\S+) --store (\S+)/.exec(lines.join('\n')) ?? [];
    const home = join(cwd, '.pawl', 'demo', runId);
    expect(readdirSync(home).toSorted()).toEqual(['effects.txt', 'report.md']);
    expect(readFileSync(join(home, 'report.md'), 'utf8')).toContain(
      '- decision: approved by the demo itself',
    );
    expect(readFileSync(join(home, 'effects.txt'), 'utf8').trim().split('\n')).toHaveLength(7);
    const shown = await pawl(['show', runId, '--store', store], { cwd });
    expect(shown.stdout).toContain('release-check@1');
    const events = await pawl(['events', runId, '--store', store], { cwd });
    expect(events.stdout).toContain('run.completed');
    expect(readFileSync(join(cwd, '.pawl', '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('ends with one line of JSON', async () => {
    const ended = await pawl(['demo', '--worker', worker, '--json'], { cwd: repository('json', 2) });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(jsonOf(ended)).toMatchObject({
      status: 'completed',
      workers: [
        { steps: expect.arrayContaining(['history']) as string[] },
        { steps: ['reserve', 'report', 'announce'] },
      ],
      proof: { steps: 9, lines: 7, requests: 2, repeated: [], holds: true },
      store: 'sqlite:.pawl/demo.db',
    });
  });
});

describe('the release check as a graph', () => {
  const graphWorker = fileURLToPath(new URL('../../examples/release-check-graph/worker.ts', import.meta.url));

  test('is killed while it waits for a person, and comes to the end of the function: its steps, its effects, its report', async () => {
    const cwd = repository('graph', 3);
    const ended = await pawl(['demo', '--worker', graphWorker, '--json'], { cwd });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const { runId, ...result } = jsonOf(ended);
    expect(result).toMatchObject({
      status: 'completed',
      workers: [
        {
          steps: expect.arrayContaining([
            'history',
            'changes',
            'license',
            'sources',
            'conflicts',
            'manifest',
            'reserve',
          ]) as string[],
        },
        { steps: ['report', 'announce'] },
      ],
      proof: { steps: 9, lines: 7, requests: 2, repeated: [], holds: true },
    });
    const report = readFileSync(join(cwd, '.pawl', 'demo', String(runId), 'report.md'), 'utf8');
    expect(report).toContain('- history: commits: 3, the latest: change 3\n');
    expect(report).toContain('- decision: approved by the demo itself');
    const shown = await pawl(['show', String(runId), '--store', 'sqlite:.pawl/demo.db', '--json'], { cwd });
    expect(jsonOf(shown)).toMatchObject({
      workflow: 'release-check-graph',
      output: {
        decision: 'approved',
        by: expect.stringContaining('the demo itself') as string,
        report: expect.stringContaining('report.md') as string,
      },
    });
  });

  test('is killed inside a step, which is tried again with the same key', async () => {
    const ended = await pawl(['demo', '--worker', graphWorker, '--kill-inside'], {
      cwd: repository('graph-inside', 1),
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('✗ killed with SIGKILL inside "reserve"');
    expect(ended.stdout).toMatch(/✓ reserve +\d+ ms {2}attempt 2: key known: still entry 1/);
    expect(ended.stdout).toContain('3 requests with 2 keys, the repetition recognized');
  });

  test('is what `npm run demo:graph` starts', () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { scripts } = JSON.parse(manifest) as { scripts: Record<string, string> };
    expect(scripts['demo:graph']).toBe(
      'node packages/pawl/bin/pawl.js demo --worker examples/release-check-graph/worker.ts',
    );
  });
});

describe('the demo of the installed package', () => {
  test('checks the repository that it is called in', async () => {
    const { code, stdout } = await pawl(['demo'], { cwd: repository('small', 1) });
    expect(code).toBe(0);
    expect(stdout).toContain('a release check of small');
    expect(stdout).toContain('each happened once');
  });

  test('checks its own folder where there is no repository', async () => {
    const cwd = join(folder, 'bare');
    mkdirSync(cwd);
    const { code, stdout } = await pawl(['demo', '--kill-inside'], {
      cwd,
      env: { GIT_CEILING_DIRECTORIES: folder },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ checks\/manifest +\d+ ms {2}pawl \d/);
    expect(stdout).toContain('the repetition recognized');
  });

  test('says what its worker died of', async () => {
    const broken = join(folder, 'broken.mjs');
    writeFileSync(broken, "throw new Error('no worker today');");
    const { code, stderr } = await pawl(['demo', '--worker', broken], { cwd: folder });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^error DEMO_FAILED: The demo failed: a worker ended by itself \(exit code 1\): .*no worker today/,
    );
    expect(stderr).toContain('to do:');
  });

  test('leaves no process behind when it is interrupted', async () => {
    const idle = join(folder, 'idle.mjs');
    writeFileSync(
      idle,
      "process.on('disconnect', () => process.exit()); process.on('SIGTERM', () => process.exit());",
    );
    const demo = startPawl(['demo', '--worker', idle], { cwd: folder });
    const [, pid = ''] = await demo.prints(/process (\d+)/);
    demo.kill('SIGINT');
    expect(await demo.ended).toMatchObject({ code: 130, stderr: '' });
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });
});

test('the example of the demo needs nothing but the package', () => {
  const copy = join(folder, 'copy');
  cpSync(join(worker, '..'), copy, { recursive: true });
  expect(readdirSync(copy).toSorted()).toEqual(['worker.ts', 'workflow.ts']);
  expect(existsSync(join(copy, 'package.json'))).toBe(false);
  const imports = readdirSync(copy).flatMap((name) =>
    [...readFileSync(join(copy, name), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from),
  );
  expect(
    imports.filter(
      (from) => from !== 'pawl' && from !== './workflow.ts' && from?.startsWith('node:') !== true,
    ),
  ).toEqual([]);
});
