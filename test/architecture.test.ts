/** Holds the sources to the law of architecture/rooms.mjs, and the checker of that law to planted breaches. */
import { describe, expect, test } from 'vitest';
import { picture, withPicture } from '../architecture/draw.mjs';
import { entries, platform, rooms, strangers } from '../architecture/rooms.mjs';
import { exists, fileAt, filesBelow } from './house/files.ts';
import { importsOf } from './house/imports.ts';
import { impurities } from './house/purity.ts';
import { fileCycles, type Law, lawBreaches, wallBreaches } from './house/walls.ts';

const law: Law = { rooms, entries, strangers };
const src = 'packages/pawl/src/';
const sources = filesBelow(src)
  .filter((file) => file.path.endsWith('.ts'))
  .map((file) => ({ path: file.path.slice(src.length), text: file.text }));

describe('the house', () => {
  test('has a law without cycles and without unknown rooms', () => {
    expect(lawBreaches(law)).toEqual([]);
  });

  test('keeps every import within its walls and through the doors', () => {
    expect(wallBreaches(sources, law)).toEqual([]);
  });

  test('has no cycle of files, type imports included', () => {
    expect(fileCycles(sources).map((cycle) => cycle.join(' -> '))).toEqual([]);
  });

  test('keeps clocks, chance, timers and the outside away from pure and deterministic rooms', () => {
    expect(impurities(sources, law)).toEqual([]);
  });

  test('gives a reason for every excused impurity and every platform file', () => {
    const reasons = Object.values(law.rooms).flatMap((room) => Object.values(room.impure ?? {}));
    expect(reasons.filter((one) => one.reason.length < 20)).toEqual([]);
    const missing = Object.keys(platform).filter((path) => !exists(`${src}${path}`));
    expect(missing).toEqual([]);
  });

  test.skipIf(!exists('ARCHITECTURE.md'))('is drawn in ARCHITECTURE.md as it stands (npm run docs)', () => {
    const { text } = fileAt('ARCHITECTURE.md');
    expect(text).toContain(picture());
    expect(withPicture(text)).toBe(text);
  });
});

const planted: Law = {
  rooms: {
    ground: { title: 'g', purity: 'pure', imports: [], packages: [] },
    middle: { title: 'm', purity: 'deterministic', imports: ['ground'], packages: ['node:async_hooks'] },
    'middle/inner': { title: 'i', purity: 'open', imports: ['middle'], packages: ['node:*'] },
    kinds: { title: 'k', purity: 'open', imports: ['ground'], packages: ['*'] },
  },
  entries: { 'index.ts': { imports: ['middle', 'middle/inner'] } },
  strangers: ['kinds'],
};

function breachesOf(path: string, text: string): string[] {
  return wallBreaches([{ path, text }], planted).map((line) => line.replace(/^\S+ /, ''));
}

describe('the checker of walls', () => {
  test('accepts an import through the door of an allowed room', () => {
    expect(breachesOf('middle/a.ts', "import { x } from '../ground/index.ts';")).toEqual([]);
    expect(breachesOf('index.ts', "export { x } from './middle/inner/index.ts';")).toEqual([]);
  });

  test.each([
    ['a value import', "import { x } from '../middle/index.ts';"],
    ['a type import', "import type { X } from '../middle/index.ts';"],
    ['an inline type import', "import { type X } from '../middle/index.ts';"],
    ['a side-effect import', "import '../middle/index.ts';"],
    ['a namespace import', "import * as m from '../middle/index.ts';"],
    ['a re-export', "export { x } from '../middle/index.ts';"],
    ['a type re-export', "export type { X } from '../middle/index.ts';"],
    ['a star re-export', "export * as m from '../middle/index.ts';"],
    ['a dynamic import', "const m = await import('../middle/index.ts');"],
    ['a dynamic import in a template', 'const m = await import(`../middle/index.ts`);'],
    ['an import type expression', "type X = import('../middle/index.ts').X;"],
    ['a require', "const m = require('../middle/index.ts');"],
    ['a module named by URL', "new Worker(new URL('../middle/index.ts', import.meta.url));"],
    ['an import broken over lines', "import {\n  x,\n} from\n  '../middle/index.ts';"],
    [
      'an import with comments in it',
      "import { x } from /* fine */ '../middle/index.ts'; // eslint-disable-line",
    ],
    ['an import after a comment that forbids checking', "/* no-check */ import '../middle/index.ts';"],
    [
      'an import after a string that looks like a comment',
      "const a = '/*'; import '../middle/index.ts'; const b = '*/';",
    ],
    ['an import after a regular expression with a quote', "const a = /['`]/; import '../middle/index.ts';"],
    ['an import inside a template expression', 'const a = `${await import("../middle/index.ts")}`;'],
  ])('sees %s through a wall', (_form, text) => {
    expect(breachesOf('ground/a.ts', text)).toEqual(['ground may not import middle']);
  });

  test.each([
    ['a comment', "// import '../middle/index.ts';"],
    ['a block comment', "/* import '../middle/index.ts'; */"],
    ['a string', 'const a = "import \'../middle/index.ts\'";'],
    ['a template', "const a = `import '../middle/index.ts'`;"],
  ])('reads no import in %s', (_form, text) => {
    expect(importsOf(text)).toEqual([]);
  });

  test('refuses a crossing beside the door', () => {
    expect(breachesOf('middle/a.ts', "import { x } from '../ground/x.ts';")).toEqual([
      'imports ground/x.ts: cross the wall through ground/index.ts',
    ]);
  });

  test('treats a room inside a room as another room', () => {
    expect(breachesOf('middle/a.ts', "import './inner/index.ts';")).toEqual([
      'middle may not import middle/inner',
    ]);
  });

  test('keeps kinds strangers to each other', () => {
    expect(breachesOf('kinds/a/index.ts', "import { x } from '../b/index.ts';")).toEqual([
      'kinds are strangers: a may not import b',
    ]);
    expect(breachesOf('kinds/index.ts', "import { x } from './b/index.ts';")).toEqual([]);
  });

  test('refuses packages that a room does not list', () => {
    expect(breachesOf('ground/a.ts', "import fs from 'node:fs';")).toEqual([
      'ground may not import the package node:fs',
    ]);
    expect(breachesOf('kinds/a.ts', "import { workflow } from 'pawl';")).toEqual([
      'kinds may not import the package pawl',
    ]);
  });

  test('refuses a computed import, a missing extension, a step out of src and a file without a room', () => {
    expect(breachesOf('kinds/a.ts', 'await import(name);')[0]).toContain('computed name');
    expect(breachesOf('kinds/a.ts', 'await import(`./${name}.ts`);')[0]).toContain('computed name');
    expect(breachesOf('kinds/a.ts', "import './b';")[0]).toContain('without its extension');
    expect(breachesOf('kinds/a.ts', "import '../../bin/pawl.js';")[0]).toContain('outside of src');
    expect(breachesOf('attic/a.ts', '')).toEqual(['lies in no room of architecture/rooms.mjs']);
  });

  test('refuses a source that imports a test, and a test that reaches above its room', () => {
    expect(breachesOf('middle/a.ts', "import './b.test.ts';")).toEqual(['imports the test middle/b.test.ts']);
    expect(breachesOf('ground/a.test.ts', "import '../middle/index.ts';")).toEqual([
      'a test of ground may not import middle',
    ]);
  });

  test('finds cycles of files through type imports', () => {
    const files = [
      { path: 'ground/a.ts', text: "import { b } from './b.ts';" },
      { path: 'ground/b.ts', text: "import type { C } from './c.ts';" },
      { path: 'ground/c.ts', text: "export type { A } from './a.ts';" },
    ];
    expect(fileCycles(files)).toEqual([['ground/a.ts', 'ground/b.ts', 'ground/c.ts', 'ground/a.ts']]);
  });

  test('refuses a law with a cycle or an unknown room', () => {
    const base = { title: 't', purity: 'open', packages: [] } as const;
    const circular = { a: { ...base, imports: ['b'] }, b: { ...base, imports: ['a'] } };
    expect(lawBreaches({ ...planted, entries: {}, rooms: circular })).toEqual([
      'the law has a cycle: a -> b -> a',
    ]);
    const unknown = { a: { ...base, imports: ['cellar'] } };
    expect(lawBreaches({ ...planted, entries: {}, rooms: unknown })).toEqual([
      'a may import cellar, which is no room',
    ]);
  });
});

function impurityOf(path: string, text: string): string | undefined {
  const [first] = impurities([{ path, text }], planted);
  return first?.split(' ')[1];
}

describe('the checker of purity', () => {
  test.each([
    ['Date.now', 'const a = Date.now();'],
    ['new', 'const a = new Date();'],
    ['new', 'const a = new Date;'],
    ['new', 'const a = Date();'],
    ['Math.random', 'const a = Math.random();'],
    ['performance', 'const a = performance.now();'],
    ['randomUUID', "import { randomUUID } from 'node:crypto';"],
    ['randomUUID', 'const a = crypto.randomUUID();'],
    ['fetch', 'const a = fetch(url);'],
    ['setTimeout', 'setTimeout(run, 5);'],
    ['setImmediate', 'const later = setImmediate;'],
    ['process', 'const a = process.env.HOME;'],
    ['globalThis', 'const a = globalThis["Date"];'],
    ['async', 'const a = async () => 1;'],
    ['await', 'await a;'],
    ['Date.now', 'const a = `at ${Date.now()}`;'],
  ])('sees %s in a pure room', (name, text) => {
    expect(impurityOf('ground/a.ts', text)).toBe(name);
  });

  test('lets a deterministic room wait, and keeps clocks and chance away from it', () => {
    expect(impurityOf('middle/a.ts', 'await a;')).toBeUndefined();
    expect(impurityOf('middle/a.ts', 'Date.now();')).toBe('Date.now');
    expect(impurityOf('middle/inner/a.ts', 'Date.now();')).toBeUndefined();
  });

  test('is not fooled by words of our own, strings and comments', () => {
    const text =
      "const a = { process: 1, fetch: 2 }; a.process; new Date(5); 'Date.now()'; // await fetch(x)\n";
    expect(impurityOf('ground/a.ts', text)).toBeUndefined();
  });

  test('excuses only the named use in the named file', () => {
    const ground = { ...planted.rooms['ground'], impure: { 'a.ts': { uses: ['Date.now'], reason: 'r' } } };
    const excusing = { ...planted, rooms: { ground } } as Law;
    const files = ['a.ts', 'b.ts'].map((name) => ({ path: `ground/${name}`, text: 'Date.now(); fetch(x);' }));
    expect(impurities(files, excusing).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'ground/a.ts:1 fetch',
      'ground/b.ts:1 Date.now',
      'ground/b.ts:1 fetch',
    ]);
  });
});
