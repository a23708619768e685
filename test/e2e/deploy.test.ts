/** What the deployment guide hands out is what it says: the unit and the container start a worker that drains when it is told to. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bin, Running, temporaryFolder } from './command.ts';

const root = join(import.meta.dirname, '../..');
const deploy = join(root, 'examples/deploy');
const unit = readFileSync(join(deploy, 'pawl-worker@.service'), 'utf8');
const environment = readFileSync(join(deploy, 'pawl.env'), 'utf8');
const container = readFileSync(join(deploy, 'Containerfile'), 'utf8');
const guide = readFileSync(join(root, 'docs/deploy.md'), 'utf8');

/** A project as the guide has it in /opt/pawl. */
const project = temporaryFolder();
mkdirSync(join(project, 'node_modules/.bin'), { recursive: true });
mkdirSync(join(project, 'flows'));
symlinkSync(join(root, 'packages/pawl'), join(project, 'node_modules/pawl'));
symlinkSync(bin, join(project, 'node_modules/.bin/pawl'));
writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
copyFileSync(join(root, 'examples/hello.ts'), join(project, 'flows/work.ts'));

/** All values that the unit gives a setting. */
function settingsOf(name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

function settingOf(name: string): string {
  const [value = '', ...more] = settingsOf(name);
  expect(more, name).toEqual([]);
  return value;
}

/** The command of the unit, and that of the container, behind the name of Node. */
const commands = [
  ['the unit', settingOf('ExecStart').split(' ')],
  ['the container', JSON.parse(/^CMD (.*)$/m.exec(container)?.[1] ?? '[]') as string[]],
] as const;

/** The variables of the unit, with a store of its own. */
function variables(): Record<string, string> {
  const lines = environment.split('\n').filter((line) => /^\w+=/.test(line));
  const given = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  expect(given).toMatchObject({ PAWL_STORE: expect.stringMatching(/^postgres:/) as unknown });
  return { ...(given as Record<string, string>), PAWL_STORE: `sqlite:${join(project, 'pawl.db')}` };
}

/** First processes of a namespace of their own need a right that not every machine gives. */
function canBeFirst(): boolean {
  return spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;
}

describe.each(commands)('the command of %s', (_whose, [node = '', ...args]) => {
  test('is Node itself with a worker, and drains on SIGTERM', async () => {
    expect(node).toMatch(/^(?:\/usr\/bin\/)?node$/);
    const running = new Running(process.execPath, args, { cwd: project, env: variables() });
    await running.prints(/serves hello@1/);
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    expect([code, /draining/.test(stdout)]).toEqual([0, true]);
  });
});

test.skipIf(!canBeFirst())(
  'the worker is a good first process of a container: it takes SIGTERM itself',
  async () => {
    const [, args] = commands[1];
    const inside = ['--pid', '--fork', '--mount-proc', process.execPath, ...args.slice(1)];
    const running = new Running('unshare', inside, { cwd: project, env: variables() });
    expect((await running.prints(/\(pid (\d+)\) serves/))[1]).toBe('1');
    const { pid = 0 } = running.child;
    const first = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    process.kill(Number(first), 'SIGTERM');
    expect((await running.ended).code).toBe(0);
  },
);

describe('the unit', () => {
  test('leaves more time to stop than a drain takes, tells the worker alone, and starts it again', () => {
    expect(Number(settingOf('TimeoutStopSec'))).toBeGreaterThan(15);
    expect([settingOf('KillSignal'), settingOf('KillMode')]).toEqual(['SIGTERM', 'mixed']);
    expect([settingOf('Restart'), settingOf('RestartPreventExitStatus')]).toEqual(['always', '2']);
    expect(settingsOf('MemoryDenyWriteExecute')).toEqual([]);
  });

  test('ends for good where the command line is wrong', async () => {
    const [, ...args] = settingOf('ExecStart').split(' ');
    const wrong = args.map((word) => word.replace('flows/work.ts', 'flows/missing.ts'));
    const running = new Running(process.execPath, wrong, { cwd: project, env: variables() });
    expect((await running.ended).code).toBe(Number(settingOf('RestartPreventExitStatus')));
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

  test.skipIf(!hasSystemd)('is one that systemd understands in every line', () => {
    const file = join(project, 'pawl-worker@.service');
    const here = unit
      .replace('/usr/bin/node', process.execPath)
      .replace('/opt/pawl', project)
      .replace(/^(?:User|Group)=pawl$/gm, (line) => line.replace('pawl', 'daemon'));
    writeFileSync(file, here);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});

test('the container has two stages, and its last one runs as nobody in particular', () => {
  const stages = container.split(/^FROM /m).slice(1);
  expect(stages.length).toBe(2);
  expect(stages[1]).toMatch(/^USER node$/m);
  expect(stages[1]).toMatch(/^STOPSIGNAL SIGTERM$/m);
});

test('every file that the guide hands out is named in it', () => {
  for (const file of ['pawl-worker@.service', 'pawl.env', 'Containerfile'])
    expect(guide).toContain(`../examples/deploy/${file}`);
});
