/** What a function step can be asked for. */
import { z } from 'zod';

export const functionInputSchema = z.strictObject({
  function: z.string().min(1).describe('The name under which the engine was given the function.'),
  input: z.unknown().optional().describe('What the function gets; null when left out.'),
});

export type FunctionInput = z.infer<typeof functionInputSchema>;
