/** Holds the documents to the code: examples compile and run, links lead somewhere, commands and error codes exist. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../packages/pawl/src/cli/commands.ts';
import { validateText } from '../packages/pawl/src/graph/index.ts';
import { graphFormatPage, graphSchemaInPlace, graphSchemaText, kindsPage } from '../scripts/graphs-doc.mjs';
import { catalogue } from '../packages/pawl/src/errors/index.ts';
import {
  brokenLinks,
  documents,
  examplesOf,
  missingFiles,
  missingTestLines,
  missingTests,
  moduleOf,
  type Program,
  programsOf,
} from './house/documents.ts';
import { fileAt, filesBelow, rootFolder } from './house/files.ts';

const pages = documents();
const forReaders = pages.filter(({ path }) => /^(?:README\.md|docs\/[^/]+\.md)$/.test(path));
const folder = mkdtempSync(join(tmpdir(), 'pawl-docs-'));
/** Each program is a process of its own. */
const PROGRAMS_MS = 60_000;
const names = commands.map((command) => command.name);

const examples = forReaders.flatMap(examplesOf).filter((example) => example.language === 'ts');

/** Each page has a folder of its own, in which an example finds the files that the page named before. */
function folderOf(place: string): string {
  return basename(place.split(':')[0] ?? '', '.md');
}

beforeAll(() => {
  symlinkSync(join(rootFolder, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [index, example] of examples.entries()) {
    const inner = join(folder, folderOf(example.place));
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, example.file ?? `example-${index}.ts`), moduleOf(example));
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Type-checks all examples with one call of the compiler; gives its complaints, placed where the examples stand. */
function complaints(): string[] {
  const compilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  const config = {
    extends: join(rootFolder, 'tsconfig.base.json'),
    compilerOptions,
    include: ['*/*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(rootFolder, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], {
    cwd: folder,
    encoding: 'utf8',
  });
  const lines = stdout.replaceAll(
    /[\w-]+\/example-(\d+)\.ts/g,
    (_all, index) => examples[Number(index)]?.place ?? '',
  );
  return status === 0 ? [] : lines.trim().split('\n');
}

/** What a program of a page prints, with whatever it complains about. */
function outputOf({ place, file }: Program): string {
  const done = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
    cwd: join(folder, folderOf(place)),
    encoding: 'utf8',
    timeout: 20_000,
  });
  return `${done.stdout}${done.stderr}`.trim();
}

describe('the documents', () => {
  test('hold examples that compile', () => {
    expect(examples.length).toBeGreaterThan(10);
    expect(complaints()).toEqual([]);
  });

  const withPrograms = forReaders.filter((page) => programsOf(page).length > 0);

  test.each(withPrograms)(
    'hold programs that print what they say: $path',
    (page) => {
      const programs = programsOf(page);
      const printed = programs.map((program) => ({ ...program, prints: outputOf(program) }));
      expect(printed).toEqual(programs);
    },
    PROGRAMS_MS,
  );

  test('link to files and headings that exist', () => {
    expect(pages.flatMap(brokenLinks)).toEqual([]);
  });

  test('name files that exist', () => {
    const all = filesBelow('.').map((file) => file.path);
    const lasting = pages.filter((page) => !page.path.startsWith('docs/decisions/'));
    expect(lasting.flatMap((page) => missingFiles(page, all))).toEqual([]);
  });

  test('quote tests that exist, from the files that they link to', () => {
    expect(pages.flatMap(missingTests)).toEqual([]);
  });

  test('show lines of a test run that tests print', () => {
    expect(pages.flatMap(missingTestLines)).toEqual([]);
  });

  test('name error codes of the catalogue only', () => {
    const codes = new Set(Object.keys(catalogue));
    const unknown = forReaders.flatMap((page) => {
      const named = [...page.text.matchAll(/\[`([A-Z]+(?:_[A-Z]+)+)`\]/g)].map((match) => match[1] ?? '');
      return named.filter((code) => !codes.has(code)).map((code) => `${page.path}: ${code}`);
    });
    expect(unknown).toEqual([]);
  });

  test('show commands that the command line has', () => {
    const unknown = forReaders.flatMap((page) => {
      const shown = [...page.text.matchAll(/(?:^|`|npx )pawl ([a-z]+)/gm)].map((match) => match[1] ?? '');
      return shown
        .filter((name) => ![...names, 'help'].includes(name))
        .map((name) => `${page.path}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });
});

describe('docs/graphs.md', () => {
  const graphs = forReaders.flatMap(examplesOf).filter((example) => example.language === 'yaml');

  test('holds graphs that are right, without a warning', () => {
    expect(graphs.length).toBeGreaterThan(1);
    expect(
      graphs.flatMap(({ place, code }) =>
        validateText(code).problems.map(({ message }) => `${place}: ${message}`),
      ),
    ).toEqual([]);
  });

  test('goes with the pages of fields and kinds, and with the schema of editors, as the sources have them (npm run docs)', () => {
    expect(fileAt('docs/graph-format.md').text).toBe(graphFormatPage());
    expect(fileAt('docs/kinds.md').text).toBe(kindsPage());
    expect(graphSchemaInPlace()).toBe(graphSchemaText());
  });
});

describe('docs/cli.md', () => {
  const { text } = fileAt('docs/cli.md');

  test.each(names)('describes the command %s', (name) => {
    expect(text).toContain(`\`pawl ${name}`);
  });

  test('describes every option that the help shows', () => {
    const shown = commands.flatMap((command) => command.options ?? []).filter((option) => !option.isHidden);
    const flags = shown.map((option) => /--[a-z-]+/.exec(option.flags)?.[0] ?? option.flags);
    expect([...new Set(flags)].filter((flag) => !text.includes(flag))).toEqual([]);
  });
});
