/** Answers: what a kind finds in the place of an expression that its graph has evaluated. */
import { z } from 'zod';

export const answerSchema = z
  .union([
    z.strictObject({ source: z.string(), value: z.unknown().refine((value) => value !== undefined) }),
    z.strictObject({ source: z.string(), problem: z.string() }),
  ])
  .describe('CEL; the graph evaluates it before the step starts.');

/** The text of the expression, and what it gave, or why it gave nothing. */
export type Answer = z.infer<typeof answerSchema>;
