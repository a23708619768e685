/** The step kind `join`: marks where several paths meet, and does nothing else. */
import { z } from 'zod';
import { defineKind } from '../../step/index.ts';

export const joinKind = defineKind<Readonly<Record<string, never>>>({
  name: 'join',
  isInline: true,
  schema: z.strictObject({}),
  labels: ['ok'],
  retry: 'none',
  execute: async () => ({ output: undefined }),
});
