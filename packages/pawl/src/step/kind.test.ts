/** The promise of a kind's declaration: it is taken as it is, with the type of its input forgotten. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { canEndAs, defineKind } from './kind.ts';

test('a declared kind is the object that was given', async () => {
  const kind = {
    name: 'echo',
    schema: z.object({ text: z.string() }),
    execute: async (input: { text: string }) => ({ output: input.text }),
  };
  const declared = defineKind(kind);
  expect(declared).toBe(kind);
  expect(await declared.execute({ text: 'a' } as never, {} as never)).toEqual({ output: 'a' });
});

test.each([
  [undefined, 'ok', true],
  [undefined, 'passed', false],
  [['passed'], 'passed', true],
  [['passed', 'failed'], 'failed', false],
  ['any', 'left', true],
  ['any', 'cancelled', false],
] as const)('H3: a kind with labels %j may end as "%s": %s', (labels, label, may) => {
  expect(canEndAs(labels === undefined ? {} : { labels }, label)).toBe(may);
});
