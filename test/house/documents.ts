/** The documents for readers: their examples, links and anchors, as the test of the documents sees them. */
import { dirname, posix } from 'node:path';
import { exists, fileAt, filesBelow, type HouseFile } from './files.ts';

const PAGES = ['README.md', 'ARCHITECTURE.md', 'GLOSSARY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

/** Every page: those of the root, all of docs, and the README of every room and kind. */
export function documents(): HouseFile[] {
  const root = PAGES.filter(exists).map(fileAt);
  const inner = [...filesBelow('docs'), ...filesBelow('packages')].filter((file) =>
    file.path.endsWith('.md'),
  );
  return [...root, ...inner];
}

export interface Example {
  /** `docs/functions.md:12`: where its fence opens. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
  /** `greet.ts`, where the first line of the block is a comment with a file's name: such a block is run. */
  readonly file: string | undefined;
}

/** A block that is run, and what the `text` block right below it says that it prints; nothing where there is none. */
export interface Program {
  readonly place: string;
  readonly file: string;
  readonly prints: string;
}

/** The fenced blocks of a page. */
export function examplesOf(file: HouseFile): Example[] {
  const examples: Example[] = [];
  const lines = file.text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const language = /^```(\w+)/.exec(lines[index] ?? '')?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', index);
    const code = lines.slice(index + 1, end).join('\n');
    const name = /^\/\/ ([\w-]+\.ts)$/m.exec(lines[index + 1] ?? '')?.[1];
    examples.push({ place: `${file.path}:${index + 1}`, language, code, file: name });
    index = end;
  }
  return examples;
}

/** The blocks of a page that name their file, in order: later ones may import earlier ones. */
export function programsOf(file: HouseFile): Program[] {
  const lines = file.text.split('\n');
  return examplesOf(file).flatMap(({ place, code, file: name }) => {
    if (name === undefined) return [];
    const below = Number(place.split(':').at(-1)) + code.split('\n').length + 1;
    const [gap, fence] = lines.slice(below);
    const end = lines.indexOf('```', below + 2);
    const prints = gap === '' && fence === '```text' ? lines.slice(below + 2, end).join('\n') : '';
    return [{ place, file: name, prints }];
  });
}

/** A block without imports and exports is the body of a workflow function, with everything of the package at hand. */
export function moduleOf({ code }: Example): string {
  if (/^(?:import|export) /m.test(code)) return code;
  const declared = code.split('\n').filter((line) => line.startsWith('declare '));
  const body = code.split('\n').filter((line) => !line.startsWith('declare '));
  return [
    "import { defineKind, type Engine, pawl, RateLimitedError, secret, StepFailed, TerminalError, workflow } from 'pawl';",
    "import { z } from 'zod';",
    ...declared,
    'declare const engine: Engine;',
    "export const example = workflow({ name: 'example' }, async (ctx) => {",
    ...body,
    '});',
    'export const known = [defineKind, engine, pawl, RateLimitedError, secret, StepFailed, TerminalError, z];',
  ].join('\n');
}

/** Links within the repository that lead nowhere: a file that is not there, or an anchor that its page does not have. */
export function brokenLinks(file: HouseFile): string[] {
  const prose = file.text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return targets
    .filter((target) => !/^(?:https?|mailto):/.test(target))
    .filter((target) => !leads(file, target))
    .map((target) => `${file.path}: ${target}`);
}

function leads(file: HouseFile, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const full = path === '' ? file.path : posix.join(dirname(file.path), path);
  if (!exists(full)) return false;
  return anchor === undefined || anchorsOf(fileAt(full)).has(anchor);
}

/** Tests that a page quotes behind a link, `[file](path.ts) "name of the test"`, and that the file does not hold. */
export function missingTests(file: HouseFile): string[] {
  const quotes = file.text.matchAll(/\]\(([^)\s]+\.ts)\)\s+"([^"]+)"/g);
  return [...quotes].flatMap(([, target = '', name = '']) => {
    const path = posix.join(dirname(file.path), target);
    const isThere = exists(path) && fileAt(path).text.includes(name.replaceAll(/\s+/g, ' '));
    return isThere ? [] : [`${file.path}: ${target} has no test "${name}"`];
  });
}

/** Lines of a shown test run, ` ✓ project file.ts` and the names below it, that the tests of today would not print. */
export function missingTestLines(file: HouseFile): string[] {
  const shown = examplesOf(file).filter(({ code }) => /^ ✓ .*\.test\.ts$/m.test(code));
  let tests = '';
  return shown
    .flatMap(({ code }) => code.split('\n'))
    .filter((line) => {
      const path = /^ ✓ \w+ +(\S+)$/.exec(line)?.[1];
      if (path !== undefined) tests = exists(path) ? fileAt(path).text : '';
      const name = /^ {2,}✓ (?:(?:[A-Z]\d+ ?)+:? )?(.+)$/.exec(line)?.[1];
      return path === undefined ? name !== undefined && !tests.includes(name) : tests === '';
    })
    .map((line) => `${file.path}: ${line.trim()}`);
}

/** Files that a page names in code style, `worker/session.ts`, and that are nowhere in the repository. */
export function missingFiles(file: HouseFile, all: readonly string[]): string[] {
  const named = [...file.text.matchAll(/`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|mjs))`/g)].map(
    (match) => match[1] ?? '',
  );
  const isPlaceholder = (name: string): boolean => /[A-Z]{4}/.test(name);
  return named
    .filter((name) => !isPlaceholder(name) && !all.some((path) => `/${path}`.endsWith(`/${name}`)))
    .map((name) => `${file.path}: ${name}`);
}

/** Anchors as a reader's browser has them: ids that are written out, and headings in lower case with dashes. */
function anchorsOf({ text }: HouseFile): Set<string> {
  const ids = [...text.matchAll(/<a id="([^"]+)">/g)].map((match) => match[1] ?? '');
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => slugOf(match[1] ?? ''));
  return new Set([...ids, ...headings]);
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}
