/** What a shell step can be asked for. */
import { z } from 'zod';
import { commandFields } from '../command-input.ts';

export const shellInputSchema = z
  .strictObject({
    ...commandFields,
    allowExit: z
      .union([z.array(z.int().min(0).max(255)).max(256), z.literal(true)])
      .optional()
      .describe('Exit codes besides 0 that are data; true: every code, and an end by a signal too.'),
  })
  .refine((input) => (input.command === undefined) !== (input.argv === undefined), {
    message: 'give either `command` or `argv`',
  });

/** Exactly one of `command` and `argv`. */
export type ShellInput = z.infer<typeof shellInputSchema>;
