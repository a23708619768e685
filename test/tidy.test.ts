/** Holds every file to the style guide, and every rule of the style guide to a planted breach. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filesBelow, type HouseFile } from './house/files.ts';
import { functionsOf } from './house/functions.ts';
import { problemsOf, readmeProblems, rules } from './house/tidy.ts';

const files = filesBelow('.');

describe('every file', () => {
  test.each(rules.map((rule) => rule.name))('keeps the rule that %s', (name) => {
    const rule = rules.find((one) => one.name === name);
    const problems = files.flatMap((file) =>
      (rule?.check(file) ?? []).map((problem) => `${file.path} ${problem}`),
    );
    expect(problems).toEqual([]);
  });

  test('of a room with more than three belongs to a room with a README', () => {
    expect(readmeProblems(files)).toEqual([]);
  });

  test('and folder of the root has a plain name: the URL of a store, taken for a file, would leave another one there', () => {
    expect(readdirSync('.').filter((name) => !/^[\w.-]+$/.test(name))).toEqual([]);
  });
});

const opening = '/** Says what this file is for. */\n';
const source = 'packages/pawl/src/worker/lease.ts';

function brokenRules(file: HouseFile): string[] {
  return rules.filter((rule) => rule.check(file).length > 0).map((rule) => rule.name);
}

function lines(count: number): string {
  return 'a();\n'.repeat(count);
}

function words(...parts: string[]): string {
  return parts.join('');
}

const planted: [rule: string, path: string, text: string][] = [
  ['a file is short', source, opening + lines(500)],
  ['a file is short', 'test/crash/kill.test.ts', opening + lines(800)],
  ['a file name is kebab-case', 'packages/pawl/src/worker/leaseKeeper.ts', opening],
  ['a file name is kebab-case', 'packages/pawl/src/worker/lease_keeper.ts', opening],
  ['a file name says what is inside', 'packages/pawl/src/worker/utils.ts', opening],
  ['a file name says what is inside', 'packages/pawl/src/worker/types.ts', opening],
  ['a file opens with a sentence that says what it is for', source, "import { a } from './a.ts';"],
  ['a file opens with a sentence that says what it is for', source, '/** Lease */\n'],
  [
    'an index.ts holds named re-exports only',
    'packages/pawl/src/worker/index.ts',
    `${opening}export * from './a.ts';`,
  ],
  [
    'an index.ts holds named re-exports only',
    'packages/pawl/src/worker/index.ts',
    `${opening}export const a = 1;`,
  ],
  ['a function is short', source, `${opening}function long() {\n${lines(69)}}`],
  ['a function is short', source, `${opening}const long = () => {\n${lines(69)}};`],
  ['a function is short', source, `${opening}const long = () =>\n  list(\n${'a,\n'.repeat(68)});`],
  [
    'a function is short',
    source,
    `${opening}class A {\n  async long<T>(a: T): Promise<T> {\n${lines(69)}  }\n}`,
  ],
  ['a function has at most three parameters', source, `${opening}function wide(a, b, c, d) {}`],
  [
    'a function has at most three parameters',
    source,
    `${opening}const wide = (a: A<B, C>, b, { c, d }, e = [1, 2]) => a;`,
  ],
  ['a function has at most three parameters', source, `${opening}class A {\n  constructor(a, b, c, d) {}\n}`],
  ['a function has at most three parameters', source, `${opening}const a = { wide(b, c, d, e): void {} };`],
  ['no any', source, `${opening}const a: any = 1;`],
  ['no any', source, `${opening}const a = b as any;`],
  ['no any', source, `${opening}const a: Array<any> = [];`],
  ['no comment silences a tool', source, `${opening}// ${words('@ts', '-ignore')}\na();`],
  ['no comment silences a tool', source, `${opening}/* ${words('eslint', '-disable')} */\na();`],
  ['no comment silences a tool', source, `${opening}// ${words('biome', '-ignore')} format: no\na();`],
  ['no promise of later work in a comment', source, `${opening}// ${words('TO', 'DO')} later\na();`],
  ['no enum and no namespace', source, `${opening}export enum Color { Red }`],
  ['no enum and no namespace', source, `${opening}namespace A { }`],
  [
    'no parameter that declares a field',
    source,
    `${opening}class A {\n  constructor(private readonly a: A) {}\n}`,
  ],
  ['no default export', source, `${opening}export default a;`],
  ['no default export', source, `${opening}export { a as default };`],
  ['the clock, chance and timers come from the platform', source, `${opening}const a = Date.now();`],
  ['the clock, chance and timers come from the platform', source, `${opening}setTimeout(a, 5);`],
  [
    'the clock, chance and timers come from the platform',
    source,
    `${opening}import { randomUUID } from 'node:crypto';`,
  ],
  ['only the command line talks to a terminal', source, `${opening}console.log(1);`],
  ['only the command line talks to a terminal', source, `${opening}process.exit(1);`],
  ['a test waits for signals and never sleeps', 'test/a.test.ts', `${opening}await sleep(50);`],
  ['a test waits for signals and never sleeps', 'test/a.test.ts', `${opening}setTimeout(done, 50);`],
  ['a test waits for signals and never sleeps', 'test/a.test.ts', `${opening}import 'node:timers/promises';`],
  [
    'no host of a registry is named',
    'docs/install.md',
    `npm --registry ${words('registry', '.', 'npmjs.org')}`,
  ],
  ['no path of one machine is named', 'docs/install.md', `cd ${words('/', 'home/ada/pawl')}`],
  ['the name of a test is a sentence', 'test/a.test.ts', `${opening}test('works', () => {});`],
  [
    'the name of a test is a sentence',
    'test/a.test.ts',
    `${opening}it.each([1])('should be a good number', () => {});`,
  ],
];

describe('the style guide', () => {
  test.each(planted)('finds a breach of "%s" in %s', (rule, path, text) => {
    expect(brokenRules({ path, text })).toEqual([rule]);
  });

  test('has a planted breach for each of its rules', () => {
    const covered = new Set(planted.map(([rule]) => rule));
    expect(rules.map((rule) => rule.name).filter((name) => !covered.has(name))).toEqual([]);
  });

  test('names the file, the rule and what to do in every message', () => {
    expect(problemsOf({ path: source, text: `${opening}Date.now();` })).toEqual([
      `${source}: the clock, chance and timers come from the platform: line 2: Date.now: use platform.clock.now()`,
    ]);
  });

  test('accepts what only looks like a breach', () => {
    const text = [
      opening,
      "const a = 'Date.now() any enum TO', b = `console.log ${c.now()}`;",
      'const join = { any: 1, console: 2 };',
      'declare function f(a: Map<string, number>, b: () => void, c: { d: 1; e: 2 }): void;',
      'const moment = new Date(at);',
      'const g = cond ? (x) : (y, z);',
    ].join('\n');
    expect(brokenRules({ path: source, text })).toEqual([]);
  });

  test('asks rooms with many files for a README of ten to thirty lines', () => {
    const folder = 'packages/pawl/src/run/';
    const room = ['a', 'b', 'c', 'd'].map((name) => ({ path: `${folder}${name}.ts`, text: '' }));
    const readme = (count: number): HouseFile => ({
      path: `${folder}README.md`,
      text: 'line\n'.repeat(count),
    });
    expect(readmeProblems(room)).toEqual([`${folder} needs a README.md`]);
    expect(readmeProblems([...room, readme(9)])).toHaveLength(1);
    expect(readmeProblems([...room, readme(31)])).toHaveLength(1);
    expect(readmeProblems([...room, readme(30)])).toEqual([]);
    expect(readmeProblems(room.slice(1))).toEqual([]);
  });
});

describe('the scanner of functions', () => {
  const shapes: [text: string, found: string][] = [
    ['function a(b, c) { return 1; }', 'a/2'],
    ['async function* a<T>(b: T) { }', 'a/1'],
    ['const a = function (b) { };', 'a/1'],
    ['const a = (b, c) => 1;', 'a/2'],
    ['const a = async <T,>(b: T): Promise<T> => { };', 'a/1'],
    ['const a = b => 1;', 'a/1'],
    ['list.map((b) => ({ b }));', 'map/1'],
    ['class A { a(b): { c: number } { } }', 'a/1'],
    ['class A { get a(): B { } static async #c(d): Promise<E | undefined> { } }', '#c/1 a/0'],
    ['class A { [Symbol.dispose](): void { } }', ']/0'],
    ['const o = { a(b) { }, async c() { }, d: (e, f) => { } };', 'a/1 c/0 d/2'],
    ['function a(b = (c, d) => 1) { }', 'a/1 b/2'],
    ['function a(this: B, c: C) { }', 'a/1'],
    ['function a(): (b: B) => C { return d; }', 'a function/1 a/0'],
    ['function a(): Map<string, () => void> { }', 'a function/0 a/0'],
    ['const a = (b): b is C => true;', 'a/1'],
    ['if (a) { } for (;;) { } while (b) { } switch (c) { } try { } catch (d) { }', ''],
    ['const a = b ? c(d) : { e: 1 };', ''],
    ['const { a, b } = c(d);', ''],
  ];

  test.each(shapes)('reads the functions of %s', (text, expected) => {
    const found = functionsOf(text).map((one) => `${one.name}/${one.parameters}`);
    expect(found.toSorted().join(' ')).toBe(expected);
  });

  test('counts the lines of a function from its first to its last', () => {
    const [one] = functionsOf('const a = 1;\nfunction b(\n  c: C,\n): D {\n  return c;\n}\n');
    expect(one).toMatchObject({ name: 'b', line: 2, lines: 5 });
  });

  test('knows the block of a describe, which is no function of its own', () => {
    const found = functionsOf(
      "describe('a', () => {\n});\ndescribe.each([1])('b', () => {\n});\ntest('c d e', () => {\n});",
    );
    expect(found.map((one) => one.isGroup)).toEqual([true, true, false]);
  });
});
