/** Builds, packs and installs the package as a user gets it, and uses every door of it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphJsonSchema } from '../packages/pawl/src/graph/json-schema.ts';
import { rootFolder } from './house/files.ts';

const dist = join(rootFolder, 'packages/pawl/dist');
const project = mkdtempSync(join(tmpdir(), 'pawl-package-'));
let tarball = '';

interface Manifest {
  readonly exports: Record<string, unknown>;
}

/** The environment of a user: a Node that is new enough, and nothing of this repository on the path. */
function userEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !part.includes('node_modules'));
  const rest = Object.entries(process.env).filter(([name]) => {
    return !/^(?:npm_(?!config_)|npm_config_(?:local_)?prefix$|INIT_CWD$|NODE_(?!EXTRA_CA_CERTS$)|VITEST|TEST$)/i.test(
      name,
    );
  });
  return {
    ...Object.fromEntries(rest),
    PATH: [dirname(process.execPath), ...path].join(delimiter),
    NO_COLOR: '1',
  };
}

function run(command: string, args: readonly string[], cwd = project) {
  const done = spawnSync(command, args, { cwd, env: userEnvironment(), encoding: 'utf8', timeout: 120_000 });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

function succeed(command: string, args: readonly string[], cwd = project): string {
  const done = run(command, args, cwd);
  expect(done.status, `${command} ${args.join(' ')}\n${done.stdout}\n${done.stderr}`).toBe(0);
  return done.stdout;
}

const greet = `
import { workflow } from 'pawl';

export const greet = workflow({ name: 'greet' }, async (ctx, input: { name?: string }) => {
  const name = await ctx.step('name', () => input.name ?? 'world');
  return await ctx.step('greet', async () => ({ greeting: \`Hello, \${name}!\` }));
});
`;

const program = `
import { pawl } from 'pawl';
import { greet } from './greet.ts';

const engine = await pawl.open({ store: 'sqlite:library.db', workflows: [greet] });
const run = await engine.start(greet, { name: 'Ada' });
const output = await run.result();
await engine.close();
console.log(JSON.stringify(output));
`;

beforeAll(() => {
  succeed(process.execPath, ['scripts/build-package.mjs'], rootFolder);
  tarball = join(project, succeed('npm', ['pack', '--silent', '--pack-destination', project], dist).trim());
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'user', private: true, type: 'module' }),
  );
  succeed('npm', ['install', '--no-audit', '--no-fund', tarball]);
  writeFileSync(join(project, 'greet.ts'), greet);
  writeFileSync(join(project, 'program.ts'), program);
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the published package', () => {
  test('opens every door that its manifest names', () => {
    const manifest: Manifest = JSON.parse(
      readFileSync(join(project, 'node_modules/pawl/package.json'), 'utf8'),
    );
    const doors = Object.keys(manifest.exports).filter((door) => !door.endsWith('.json'));
    expect(doors).toEqual(expect.arrayContaining(['.', './sqlite', './testing']));
    for (const door of doors) {
      const name = door.replace(/^\./, 'pawl');
      const code = `console.log(Object.keys(await import('${name}')).length)`;
      expect(Number(succeed(process.execPath, ['--input-type=module', '-e', code])), name).toBeGreaterThan(0);
    }
  });

  test('holds the JSON Schema of graphs, as a module and where editors look for it', () => {
    const code =
      "console.log(JSON.stringify((await import('pawl/graph.schema.json', { with: { type: 'json' } })).default))";
    const imported: unknown = JSON.parse(succeed(process.execPath, ['--input-type=module', '-e', code]));
    expect(imported).toEqual(graphJsonSchema());
    const file = join(project, 'node_modules/pawl/graph/graph.schema.json'); // the path in docs/graphs.md
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(imported);
  });

  test('runs a workflow through the library', () => {
    expect(JSON.parse(succeed(process.execPath, ['program.ts']))).toEqual({ greeting: 'Hello, Ada!' });
  });

  test('runs a workflow file through the command line', () => {
    const output = succeed('npx', ['pawl', 'run', 'greet.ts', '--input', '{"name":"Ada"}', '--json']);
    const last: unknown = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ status: 'completed', output: { greeting: 'Hello, Ada!' } });
  });

  test('keeps the warnings of Node about its own experiments off the command line', () => {
    expect(run('npx', ['pawl', 'run', 'greet.ts', '--input', '{}', '--json']).stderr).not.toContain(
      'ExperimentalWarning',
    );
  });

  test('holds declarations that compile in a strict project', () => {
    const tsc = join(rootFolder, 'node_modules/typescript/bin/tsc');
    const types = ['--types', 'node', '--typeRoots', join(rootFolder, 'node_modules/@types')];
    const options = [
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--strict',
      '--skipLibCheck',
      'false',
      '--noEmit',
    ];
    succeed(process.execPath, [tsc, ...options, '--allowImportingTsExtensions', ...types, 'program.ts']);
  });

  test('holds built files only: no sources, no tests', () => {
    const packed = succeed('tar', ['-tzf', tarball]).trim().split('\n');
    const names = packed.map((name) => name.replace(/^package\//, ''));
    expect(names).toEqual(
      expect.arrayContaining(['LICENSE', 'package.json', 'index.js', 'index.d.ts', 'bin/pawl.js']),
    );
    expect(names.filter((name) => /\.test\.|^src\/|(?<!\.d)\.ts$/.test(name))).toEqual([]);
  });

  test('passes the checks of publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: dist, strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('has types that resolve in every way that modules are resolved', () => {
    const attw = join(rootFolder, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    succeed(process.execPath, [attw, tarball, '--profile', 'esm-only', '--no-emoji']);
  });
});

describe('an old Node', () => {
  const bin = join(rootFolder, 'packages/pawl/bin/pawl.js');
  const pretend = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.9.0'}})";
  const disguise = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`];

  test('gets one command that works, and exit code 3, where no newer one is installed', () => {
    const lone = mkdtempSync(join(tmpdir(), 'pawl-old-node-'));
    writeFileSync(join(lone, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(lone, 'pawl.js'), readFileSync(bin));
    const done = run(process.execPath, [...disguise, 'pawl.js', 'run', 'a file.ts'], lone);
    rmSync(lone, { recursive: true });
    expect(done.status).toBe(3);
    expect(done.stderr).toContain("npx -y -p node@24 pawl run 'a file.ts'");
  });

  test('hands over to the Node of the project, and ends as that one ends', () => {
    const good = run(process.execPath, [...disguise, bin, '--version'], rootFolder);
    expect(good).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    const wrong = run(process.execPath, [...disguise, bin, 'no-such-command'], rootFolder);
    expect(wrong.status).toBe(2);
  });
});
