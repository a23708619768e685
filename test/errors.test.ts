/** Proves three lists of error codes equal: the catalogue, what the sources use, and the reference page. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../packages/pawl/src/errors/index.ts';
import { errorsPage } from '../scripts/errors-doc.mjs';
import { usedCodes } from './house/codes.ts';
import { exists, fileAt, filesBelow } from './house/files.ts';
import { codeOf } from './house/tokens.ts';

const src = 'packages/pawl/src/';
const sources = filesBelow('packages/pawl').filter((file) => {
  const isOurs = /\.(?:ts|js)$/.test(file.path) && !file.path.endsWith('.test.ts');
  return isOurs && file.path !== `${src}errors/catalogue.ts`;
});
const known = Object.keys(catalogue);

describe('the error catalogue', () => {
  test('holds every code that the sources use', () => {
    const unknown = sources.flatMap((file) => {
      const codes = usedCodes(file.text).filter((one) => !known.includes(one.code));
      return codes.map((one) => `${file.path}:${one.line} ${one.code} is not in the catalogue`);
    });
    expect(unknown).toEqual([]);
  });

  test('holds no code that the sources never use', () => {
    const strings = sources.flatMap((file) => codeOf(file.text).filter((token) => token.kind === 'string'));
    const words = new Set(strings.map((token) => token.text));
    expect(known.filter((code) => !words.has(code))).toEqual([]);
  });

  test('says what happened and what to do in whole sentences', () => {
    const poor = Object.entries(catalogue).filter(([code, { message, todo }]) => {
      const isWhole = /[.}`]$/.test(message) && todo.endsWith('.') && /^(?:[A-Z`{"]|ctx\.)/.test(message);
      return !isWhole || !/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(code);
    });
    expect(poor.map(([code]) => code)).toEqual([]);
  });

  test.skipIf(!exists('docs'))('is what docs/errors.md says (npm run docs)', () => {
    expect(fileAt('docs/errors.md').text).toBe(errorsPage());
  });
});

describe('the scanner of codes', () => {
  test.each([
    ["throw pawlError('A_CODE', { where });", 'A_CODE'],
    ["throw pawlError(\n  'A_CODE',\n);", 'A_CODE'],
    ["const text = messageOf('A_CODE', {});", 'A_CODE'],
    ["return failureOf('terminal', 'A_CODE', { path });", 'A_CODE'],
    ["const failure = { class: 'terminal', code: 'A_CODE', message };", 'A_CODE'],
    ["throw pawlError(isOpen ? 'A_CODE' : 'B_CODE');", 'A_CODE B_CODE'],
    ["if (failure.code === 'A_CODE') return;", 'A_CODE'],
  ])('reads a code in %s', (text, codes) => {
    expect(
      usedCodes(text)
        .map((one) => one.code)
        .join(' '),
    ).toBe(codes);
  });

  test.each([
    ["const name = 'PAWL_STORE';"],
    ["// throw pawlError('A_CODE');"],
    ['const text = "pawlError(\'A_CODE\')";'],
    ["log('READY', 'A_CODE');"],
  ])('reads no code in %s', (text) => {
    expect(usedCodes(text)).toEqual([]);
  });
});
