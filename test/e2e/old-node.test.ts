/** Promises of `pawl` on a Node that is too old: it starts a newer one, and the two live and die as one. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { bin, jsonOf, pawl, Running, temporaryFolder } from './command.ts';

const flows = fileURLToPath(new URL('flows.ts', import.meta.url));
const cwd = temporaryFolder();

const pretend = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.9.0'}})";
const disguised = [
  process.execPath,
  '--import',
  `data:text/javascript,${encodeURIComponent(pretend)}`,
] as const;

/** The system's own Node where that is too old, else one that says that it is. */
function oldNode(): readonly [string, ...string[]] {
  const system = '/usr/bin/node';
  const { stdout } = spawnSync(system, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return /^(?:1[4-9]|2[01])\./.test(stdout ?? '') ? [system] : disguised;
}

const launchers: Running[] = [];
afterAll(() => {
  for (const launcher of launchers) launcher.kill('SIGTERM');
});

function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const [program, ...before] = oldNode();
  const launcher = new Running(program, [...before, bin, ...args], { cwd, env });
  launchers.push(launcher);
  return launcher;
}

describe('a launcher', () => {
  test.each(['SIGKILL', 'SIGHUP', 'SIGQUIT'] as const)(
    'that dies of %s leaves nothing behind: its worker drains and ends',
    async (signal) => {
      const launcher = launch(['worker', `${flows}#quick`, '--json']);
      const [line] = await launcher.prints(/^\{.*\}$/m);
      const { pid } = JSON.parse(line) as { readonly pid: number };
      expect(pid).not.toBe(launcher.child.pid);
      launcher.kill(signal);
      await launcher.ended; // not before everybody who could write to its output has gone
      const { workers } = jsonOf(await pawl(['workers', '--json'], { cwd })) as {
        workers: { pid: number }[];
      };
      expect(workers.filter((worker) => worker.pid === pid)).toEqual([]);
    },
  );

  test('that is killed stops its run: what executes may finish, and the next one goes on with it', async () => {
    const [marker, effects] = [join(cwd, 'marker'), join(cwd, 'effects')];
    const input = JSON.stringify({ marker, effects });
    const launcher = launch(['run', `${flows}#slow`, '--id', 'slow-1', '--input', input]);
    await launcher.prints(/done {6}first/);
    launcher.kill('SIGKILL');
    await launcher.prints(/stopping: what executes may finish/);
    writeFileSync(marker, '');
    expect((await launcher.ended).stdout).toContain('the run goes on with');
    const resumed = await pawl(['run', `${flows}#slow`, '--json', '--resume', 'slow-1'], { cwd });
    expect(jsonOf(resumed)).toMatchObject({ status: 'completed', output: 'over' });
    expect(readFileSync(effects, 'utf8')).toBe('first\nwait\n');
  });

  test('hands signals on, and ends as the command ends', async () => {
    const launcher = launch(['worker', `${flows}#quick`, '--json']);
    await launcher.prints(/^\{.*\}$/m);
    launcher.kill('SIGTERM');
    expect(await launcher.ended).toMatchObject({ code: 0, stderr: '' });
    expect((await launch(['run', `${flows}#fails`]).ended).code).toBe(1);
  });

  test('is not seen by what the command starts: neither its channel nor a word of it in the environment', async () => {
    const graph = join(cwd, 'environment.yaml');
    const command = 'env | grep -c -e PAWL_LAUNCHED -e NODE_CHANNEL';
    writeFileSync(
      graph,
      `pawl: 1\nworkflow: environment\nversion: "1"\nsteps:\n  look: { kind: shell, with: { command: "${command}", allowExit: [1] }, save: { n: output.stdout } }\n`,
    );
    const ended = await launch(['run', graph, '--json']).ended;
    expect(jsonOf(ended)).toMatchObject({ output: { n: '0\n' } });
  });
});

describe('a command that a program of somebody else has forked', () => {
  test('does not end with the channel of that program', async () => {
    const program = `
      const child = require('node:child_process').fork(${JSON.stringify(bin)}, ['run', ${JSON.stringify(`${flows}#quick`)}, '--input', '{"who":"Eve"}']);
      child.on('exit', (code) => process.exit(code));
      child.disconnect();`;
    const ended = await new Running(process.execPath, ['-e', program], { cwd }).ended;
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Hello, Eve') });
  });
});
