/** Promises of step paths: a step's identity is its scope, its name and its occurrence. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInside, isName, pathOf, requireName } from './path.ts';

const names = fc.stringMatching(/^[^/#:\s]{1,20}$/u);

describe('a name', () => {
  test.each(['a', 'lint', 'fetch-42', 'größe', '检查', '🐾', 'a.b', 'a'.repeat(64), '🐾'.repeat(64)])(
    'may be %s',
    (name) => {
      expect(isName(name)).toBe(true);
      expect(requireName(name, 'ctx.step')).toBe(name);
    },
  );

  test.each<[string, unknown]>([
    ['empty', ''],
    ['longer than 64 characters', 'a'.repeat(65)],
    ['with a slash', 'a/b'],
    ['with an occurrence', 'a#2'],
    ['with a colon', 'item:1'],
    ['with a space', 'a b'],
    ['with a line break', 'a\n'],
    ['with a no-break space', 'a\u00A0b'],
    ['a number', 5],
    ['undefined', undefined],
    ['a symbol', Symbol('s')],
  ])('may not be %s', (_what, name) => {
    expect(isName(name)).toBe(false);
    expect(() => requireName(name, 'ctx.step')).toThrowError(
      expect.objectContaining({
        code: 'NAME_INVALID',
        message: `"${String(name)}" is not a name for ctx.step.`,
      }),
    );
  });
});

describe('a path', () => {
  test.each([
    ['', 'lint', 1, 'lint'],
    ['', 'lint', 2, 'lint#2'],
    ['review', 'lint', 1, 'review/lint'],
    ['review/item:2', 'search', 3, 'review/item:2/search#3'],
  ])('in the scope "%s" of %s, time %d, is %s', (scope, name, occurrence, path) => {
    expect(pathOf(scope, name, occurrence)).toBe(path);
  });

  test('belongs to one call only: another scope, name or occurrence has another path', () => {
    const calls = fc.tuple(fc.array(names, { maxLength: 3 }), names, fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(calls, calls, ([scopeA, nameA, nthA], [scopeB, nameB, nthB]) => {
        const isSame = scopeA.join('/') === scopeB.join('/') && nameA === nameB && nthA === nthB;
        expect(pathOf(scopeA.join('/'), nameA, nthA) === pathOf(scopeB.join('/'), nameB, nthB)).toBe(isSame);
      }),
    );
  });

  test.each([
    ['review/lint', 'review', true],
    ['review/a/b', 'review', true],
    ['review', 'review', false],
    ['reviews/lint', 'review', false],
    ['review#2/lint', 'review', false],
    ['a/review/lint', 'review', false],
    ['', 'review', false],
  ])('%s lies inside %s: %s', (path, scope, isIn) => {
    expect(isInside(path, scope)).toBe(isIn);
  });
});
