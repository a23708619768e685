/** Promises of how `run` and `worker` read what they are pointed at. */
import { describe, expect, test } from 'vitest';
import { parseReference } from './workflow-reference.ts';

function reading(typed: string, ...files: readonly string[]): unknown {
  return parseReference(typed, (file) => files.includes(file));
}

describe('a reference', () => {
  test.each(['flow.ts', 'flow.js', 'flow.mjs', 'flow.mts', 'dir/flow', './flow', 'dir\\flow'])(
    '%s is a file',
    (typed) => {
      expect(reading(typed)).toEqual({ kind: 'file', file: typed });
    },
  );

  test('without a path or an ending is the name of a workflow', () => {
    expect(reading('release-check')).toEqual({ kind: 'name', name: 'release-check' });
  });

  test('is a file where one of that name exists', () => {
    expect(reading('flow', 'flow')).toEqual({ kind: 'file', file: 'flow' });
  });

  test('names an export behind the last "#"', () => {
    expect(reading('flow.ts#nightly')).toEqual({ kind: 'file', file: 'flow.ts', exportName: 'nightly' });
    expect(reading('a#b/flow.ts#x')).toEqual({ kind: 'file', file: 'a#b/flow.ts', exportName: 'x' });
  });

  test('is the whole text where a file is named so', () => {
    expect(reading('flow.ts#nightly', 'flow.ts#nightly')).toEqual({ kind: 'file', file: 'flow.ts#nightly' });
  });

  test('refuses an empty text and an empty export', () => {
    expect(() => reading(' ')).toThrow('it is empty');
    expect(() => reading('flow.ts#')).toThrow('the name of an export must follow "#"');
  });
});
