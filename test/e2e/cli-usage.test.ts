/** Promises of the command line to whoever uses it wrongly, or in the wrong place: a code, a cure, an exit code, no stack. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { errorOf, pawl, temporaryFolder } from './command.ts';

const flows = fileURLToPath(new URL('flows.ts', import.meta.url));
const cwd = temporaryFolder();

function at(...args: readonly string[]): ReturnType<typeof pawl> {
  return pawl(args, { cwd });
}

function fileWith(name: string, text: string): string {
  writeFileSync(join(cwd, name), text);
  return name;
}

async function problem(...args: readonly string[]): Promise<readonly [number | null, unknown]> {
  const ended = await at(...args, '--json');
  expect(ended.stdout).toBe('');
  const error = errorOf(ended);
  expect(error['message']).toBeTruthy();
  expect(error['todo']).toBeTruthy();
  return [ended.code, error['code']];
}

describe('an error', () => {
  test('is two lines on standard error, and nothing on standard output', async () => {
    expect(await at('show', 'abcdef')).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'error STORE_MISSING: There is no database .pawl/pawl.db.\n  to do: Start a run with `npx pawl run FILE`, or name the right store with --store or PAWL_STORE.\n',
    });
  });

  test('has its stack only where it is asked for', async () => {
    const file = fileWith('throws.mjs', 'null.length;');
    expect((await at('run', file)).stderr).not.toContain('    at ');
    const { stderr } = await pawl(['run', file], { cwd, env: { PAWL_DEBUG: '1' } });
    expect(stderr).toMatch(
      / {4}at [\s\S]*caused by TypeError[\s\S]*error FILE_UNREADABLE: throws\.mjs cannot be loaded: TypeError/,
    );
  });
});

describe('a command that looks or acts', () => {
  test.each([
    [['runs']],
    [['show', 'abcdef']],
    [['events', 'abcdef']],
    [['why', 'abcdef']],
    [['parked']],
    [['workers']],
    [['approve', 'abcdef', '--by', 'ana']],
    [['reject', 'abcdef', '--by', 'ana']],
    [['answer', 'abcdef', '1', '--by', 'ana']],
    [['signal', 'abcdef', 'news']],
    [['cancel', 'abcdef']],
    [['pause', 'abcdef']],
    [['resume', 'abcdef']],
    [['retry', 'abcdef']],
    [['run', 'some-name']],
  ])('needs a database: %j', async (args) => {
    expect(await problem(...args)).toEqual([3, 'STORE_MISSING']);
    expect(existsSync(join(cwd, '.pawl'))).toBe(false);
  });

  test.each([
    ['show', ['abcdef']],
    ['events', ['abcdef']],
    ['why', ['abcdef']],
    ['approve', ['abcdef', '--by', 'ana']],
    ['reject', ['abcdef', '--by', 'ana']],
    ['answer', ['abcdef', '1', '--by', 'ana']],
    ['signal', ['abcdef', 'news']],
    ['cancel', ['abcdef']],
    ['pause', ['abcdef']],
    ['resume', ['abcdef']],
    ['retry', ['abcdef']],
  ])('%s names a run that does not exist', async (command, args) => {
    const store = ['--store', 'sqlite:known.db'];
    if (!existsSync(join(cwd, 'known.db'))) await at('run', `${flows}#quick`, ...store);
    expect(await problem(command, ...args, ...store)).toEqual([2, 'RUN_NOT_FOUND']);
    expect(await problem(command, 'abc', ...args.slice(1), ...store)).toEqual([2, 'ARGUMENT_INVALID']);
    const full = '0199f0a0-0000-7000-8000-000000000001';
    expect(await problem(command, full, ...args.slice(1), ...store)).toEqual([2, 'RUN_NOT_FOUND']);
  });
});

describe('bad arguments', () => {
  test.each([
    [['frob'], 'ARGUMENT_INVALID'],
    [['runs', '--frob'], 'ARGUMENT_INVALID'],
    [['runs', '--limit', '0'], 'ARGUMENT_INVALID'],
    [['runs', '--limit', '1001'], 'ARGUMENT_INVALID'],
    [['runs', '--status', 'done'], 'ARGUMENT_INVALID'],
    [['runs', 'extra'], 'ARGUMENT_INVALID'],
    [['parked', '--limit', 'x'], 'ARGUMENT_INVALID'],
    [['show'], 'ARGUMENT_INVALID'],
    [['events', 'abcdef', '--after', '-1'], 'ARGUMENT_INVALID'],
    [['approve'], 'ARGUMENT_INVALID'],
    [['approve', 'abcdef'], 'PERSON_MISSING'],
    [['reject', 'abcdef', '--by', ' '], 'ARGUMENT_INVALID'],
    [['answer', 'abcdef'], 'ARGUMENT_INVALID'],
    [['answer', 'abcdef', 'blue', '--by', 'ana'], 'ARGUMENT_INVALID'],
    [['signal', 'abcdef'], 'ARGUMENT_INVALID'],
    [['signal', 'abcdef', 'news', '{'], 'ARGUMENT_INVALID'],
    [['cancel'], 'ARGUMENT_INVALID'],
    [['worker'], 'ARGUMENT_INVALID'],
    [['worker', 'some-name'], 'FILE_UNREADABLE'],
    [['run'], 'ARGUMENT_INVALID'],
    [['run', ''], 'ARGUMENT_INVALID'],
    [['run', 'none.ts'], 'FILE_UNREADABLE'],
    [['run', '.'], 'FILE_UNREADABLE'],
    [['run', flows], 'WORKFLOW_AMBIGUOUS'],
    [['run', `${flows}#none`], 'FILE_WITHOUT_WORKFLOW'],
    [['run', `${flows}#`], 'ARGUMENT_INVALID'],
    [['run', `${flows}#quick`, '--input', '{'], 'ARGUMENT_INVALID'],
    [['run', `${flows}#quick`, '--input', '@none.json'], 'FILE_UNREADABLE'],
    [['run', `${flows}#quick`, '--label', 'x'], 'ARGUMENT_INVALID'],
    [['run', `${flows}#quick`, '--id', 'a b'], 'RUN_ID_INVALID'],
    [['run', `${flows}#quick`, '--resume', 'r', '--id', 'x'], 'ARGUMENT_INVALID'],
    [['run', `${flows}#quick`, '--resume', 'abcdef'], 'RUN_NOT_FOUND'],
    [['run', `${flows}#quick`, '--store', 'postgres'], 'STORE_URL_INVALID'],
    [['demo', '--store', 'sqlite::memory:'], 'ARGUMENT_INVALID'],
    [['demo', '--worker', 'none.ts'], 'FILE_UNREADABLE'],
  ])('%j are answered with %s', async (args, code) => {
    const store = args.includes('--store') ? [] : ['--store', 'sqlite:bad.db'];
    expect(await problem(...args, ...store)).toEqual([2, code]);
  });

  test('say in plain words what is wrong and what to do', async () => {
    const { stderr } = await at('run', flows);
    expect(stderr).toMatch(
      /^error WORKFLOW_AMBIGUOUS: .* exports several workflows: .*quick.*\n {2}to do: Name one of them: .*flows\.ts#\w+\.\n$/,
    );
  });
});

describe('a file that cannot be loaded', () => {
  test.each([
    ['syntax.ts', 'export const a = ;', /SyntaxError/],
    ['imports.mjs', "import './none.mjs';", /Cannot find module/],
    ['package.mjs', "import 'no-such-package';", /Cannot find package/],
    ['enums.ts', 'export enum A { B }', /not supported in strip-only mode/],
  ])('%s is named with the reason', async (name, text, reason) => {
    const ended = await at('run', fileWith(name, text), '--json');
    expect([ended.code, errorOf(ended)]).toMatchObject([
      2,
      { code: 'FILE_UNREADABLE', message: expect.stringMatching(reason) as string },
    ]);
    expect((await at('worker', name)).code).toBe(2);
  });

  test('as a module because its package is CommonJS names both cures', async () => {
    const folder = join(cwd, 'commonjs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
    for (const [name, text] of [
      ['flow.ts', "import 'node:fs';"],
      ['exports.js', 'export const a = 1;'],
    ] as const) {
      writeFileSync(join(folder, name), text);
      expect(await pawl(['run', name], { cwd: folder })).toEqual({
        code: 2,
        stdout: '',
        stderr:
          `error FILE_NOT_A_MODULE: ${name} is written as an ES module, but package.json says "type": "commonjs", so Node loads it as CommonJS.\n` +
          `  to do: Write "type": "module" into package.json, or name the file ${name.replace('.', '.m')}.\n`,
      });
    }
    writeFileSync(join(folder, 'outer.mjs'), "import './flow.ts';");
    expect((await pawl(['worker', 'outer.mjs'], { cwd: folder })).stderr).toContain('name the file flow.mts');
    writeFileSync(join(folder, 'flow.cts'), "import 'node:fs';");
    expect((await pawl(['run', 'flow.cts'], { cwd: folder })).stderr).toContain('its name ends as that of');
  });

  test('exports no workflow', async () => {
    expect(await problem('run', fileWith('none.mjs', 'export const a = 1;'))).toEqual([
      2,
      'FILE_WITHOUT_WORKFLOW',
    ]);
  });
});

describe('code of a file that is no step', () => {
  test.each([
    ['ends.mjs', 'process.exit(0);', 'COMMAND_UNANSWERED'],
    ['waits.mjs', 'await new Promise(() => undefined);', 'COMMAND_UNANSWERED'],
    [
      'later.mjs',
      "queueMicrotask(() => { throw new Error('later'); }); await new Promise(() => undefined);",
      'CODE_THREW',
    ],
    [
      'rejects.mjs',
      "void Promise.reject(new Error('later')); await new Promise(() => undefined);",
      'CODE_THREW',
    ],
  ])('%s must not look like a command that worked', async (name, text, code) => {
    const file = fileWith(name, text);
    expect(await problem('run', file)).toEqual([3, code]);
    const { stderr } = await at('run', file);
    expect(stderr).toContain(`error ${code}: `);
    expect(stderr.includes(file)).toBe(code === 'CODE_THREW'); // the place that threw is what its author needs
  });
});

describe('options without a command', () => {
  test('are an error, for programs as for people', async () => {
    expect(await problem()).toEqual([2, 'ARGUMENT_INVALID']);
    expect((await at('--store', 'sqlite:x')).stderr).toMatch(
      /^error ARGUMENT_INVALID: .* no command\.\n.*`npx pawl help`/,
    );
  });
});

describe('a store that cannot be used', () => {
  test('is a file of somebody else, which stays as it is', async () => {
    const file = fileWith(
      'notes.txt',
      'not a database, and long enough to be taken for a header of one'.repeat(4),
    );
    expect(await problem('runs', '--store', `sqlite:${file}`)).toEqual([3, 'STORE_NOT_OURS']);
    expect(await problem('run', `${flows}#quick`, '--store', `sqlite:${file}`)).toEqual([
      3,
      'STORE_NOT_OURS',
    ]);
    expect(readFileSync(join(cwd, file), 'utf8')).toMatch(/^not a database/);
  });

  test('lies below a file', async () => {
    fileWith('plain', '');
    expect(await problem('run', `${flows}#quick`, '--store', 'sqlite:plain/a.db')).toEqual([
      3,
      'STORE_READ_ONLY',
    ]);
  });

  test.skipIf(process.getuid?.() === 0)('lies in a folder that must not be written', async () => {
    mkdirSync(join(cwd, 'locked'));
    chmodSync(join(cwd, 'locked'), 0o555);
    expect(await problem('run', `${flows}#quick`, '--store', 'sqlite:locked/a.db')).toEqual([
      3,
      'STORE_READ_ONLY',
    ]);
  });

  test('in memory lives as long as its command', async () => {
    expect((await at('run', `${flows}#quick`, '--store', 'sqlite::memory:')).code).toBe(0);
    expect(await problem('runs', '--store', 'sqlite::memory:')).toEqual([3, 'STORE_MISSING']);
  });
});

describe('help', () => {
  test('lists the commands and the exit codes', async () => {
    const { code, stdout, stderr } = await at('--help');
    expect([code, stderr]).toEqual([0, '']);
    for (const word of ['run', 'worker', 'approve', 'demo', '--store', '--json', 'Exit codes'])
      expect(stdout).toContain(word);
    expect(stdout).not.toContain('--serve');
    expect((await at('help', 'run')).stdout).toContain('npx pawl run examples/hello.ts');
    expect((await at('run', '-h')).stdout).toBe((await at('help', 'run')).stdout);
  });

  test('is what a command line without a command gets, with exit code 2', async () => {
    const { code, stdout } = await at();
    expect([code, stdout]).toEqual([2, (await at('help')).stdout]);
  });

  test('does not hide the version', async () => {
    expect(await at('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });
});
