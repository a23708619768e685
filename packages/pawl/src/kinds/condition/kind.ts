/** The step kind `condition`: ends with the label of the branch that the graph has chosen. */
import { z } from 'zod';
import { defineKind } from '../../step/index.ts';

const inputSchema = z.strictObject({
  branch: z
    .string()
    .min(1)
    .describe('The first branch whose expression is true, else the default; the graph evaluates them.'),
});

/** Its labels are the branches of its step. */
export const conditionKind = defineKind<z.infer<typeof inputSchema>>({
  name: 'condition',
  isInline: true,
  schema: inputSchema,
  labels: 'any',
  retry: 'none',
  execute: async ({ branch }) => ({ outcome: branch, output: undefined }),
});
