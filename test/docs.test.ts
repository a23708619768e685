/** Holds the documents to the code: examples compile, links lead somewhere, commands and error codes exist. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { commands } from '../packages/pawl/src/cli/commands.ts';
import { catalogue } from '../packages/pawl/src/errors/index.ts';
import {
  brokenLinks,
  documents,
  type Example,
  examplesOf,
  missingFiles,
  missingTests,
  moduleOf,
} from './house/documents.ts';
import { fileAt, filesBelow, rootFolder } from './house/files.ts';

const pages = documents();
const forReaders = pages.filter(({ path }) => /^(?:README\.md|docs\/[^/]+\.md)$/.test(path));
const folder = mkdtempSync(join(tmpdir(), 'pawl-docs-'));
const names = commands.map((command) => command.name);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Type-checks all examples with one call of the compiler; gives its complaints, placed where the examples stand. */
function complaints(examples: readonly Example[]): string[] {
  symlinkSync(join(rootFolder, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [index, example] of examples.entries()) {
    writeFileSync(join(folder, `example-${index}.ts`), moduleOf(example));
  }
  const compilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  const config = {
    extends: join(rootFolder, 'tsconfig.base.json'),
    compilerOptions,
    include: ['example-*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(rootFolder, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], {
    cwd: folder,
    encoding: 'utf8',
  });
  const lines = stdout.replaceAll(
    /example-(\d+)\.ts/g,
    (_all, index) => examples[Number(index)]?.place ?? '',
  );
  return status === 0 ? [] : lines.trim().split('\n');
}

describe('the documents', () => {
  test('hold examples that compile', () => {
    const examples = forReaders.flatMap(examplesOf).filter((example) => example.language === 'ts');
    expect(examples.length).toBeGreaterThan(10);
    expect(complaints(examples)).toEqual([]);
  });

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
