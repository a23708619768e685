/** What a reduce step can be asked for. */
import { z } from 'zod';
import { answerSchema } from '../answer.ts';
import { plainTextSchema } from '../input-parts.ts';

const STRATEGIES = ['concat', 'collect', 'merge', 'vote', 'expression'] as const;

export const reduceInputSchema = z
  .strictObject({
    items: z.array(z.unknown()).describe('What one value is made of.'),
    strategy: z.enum(STRATEGIES).describe('How it is made.'),
    separator: plainTextSchema
      .optional()
      .describe('Of concat: what stands between two texts; a line break when left out.'),
    expression: answerSchema.optional(),
  })
  .refine((input) => input.separator === undefined || input.strategy === 'concat', {
    path: ['separator'],
    message: 'belongs to the strategy concat',
  })
  .refine((input) => (input.expression === undefined) === (input.strategy !== 'expression'), {
    path: ['expression'],
    message: 'the strategy expression needs one, which a graph has evaluated; no other takes one',
  });

export type ReduceInput = z.infer<typeof reduceInputSchema>;
