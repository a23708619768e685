/** The step kind `parallel`: marks where several paths begin, and does nothing else. */
import { z } from 'zod';
import { defineKind } from '../../step/index.ts';

export const parallelKind = defineKind<Readonly<Record<string, never>>>({
  name: 'parallel',
  isInline: true,
  schema: z.strictObject({}),
  labels: ['ok'],
  retry: 'none',
  execute: async () => ({ output: undefined }),
});
