/** The promise of a kind's declaration: it is taken as it is, with the type of its input forgotten. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineKind } from './kind.ts';

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
