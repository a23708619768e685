/** What a shell step can be asked for. */
import { z } from 'zod';
import { plainTextSchema, textOrSecretSchema } from '../input-parts.ts';

const MAX_ARGUMENTS = 10_000;
const MAX_VARIABLES = 10_000;

/** Variables that Pawl sets itself; see `environmentOf`. */
const OURS = ['PAWL_RUN_ID', 'PAWL_STEP_PATH', 'PAWL_ATTEMPT', 'PAWL_IDEMPOTENCY_KEY'];

const variableName = plainTextSchema
  .min(1)
  .refine((name) => !name.includes('='), 'the name of a variable must not hold "="')
  .refine((name) => !OURS.includes(name), `${OURS.join(', ')} are set by Pawl`);

export const shellInputSchema = z
  .strictObject({
    /** Run by `/bin/sh -c`. */
    command: plainTextSchema.min(1).optional(),
    /** Program and arguments, run without a shell. */
    argv: z.array(plainTextSchema).min(1).max(MAX_ARGUMENTS).optional(),
    /** Working folder; that of the worker when left out. */
    cwd: plainTextSchema.min(1).optional(),
    /** Added to the environment of the worker, or all of it with `cleanEnv`. */
    env: z
      .record(variableName, textOrSecretSchema)
      .refine((env) => Object.keys(env).length <= MAX_VARIABLES, `at most ${MAX_VARIABLES} variables`)
      .optional(),
    /** The command gets nothing of the worker's environment, PATH included. */
    cleanEnv: z.boolean().optional(),
    /** Written to standard input; empty when left out. */
    stdin: z.string().optional(),
    /** Exit codes besides 0 that are data; true: every code, and an end by a signal too. */
    allowExit: z.union([z.array(z.int().min(0).max(255)).max(256), z.literal(true)]).optional(),
  })
  .refine((input) => (input.command === undefined) !== (input.argv === undefined), {
    message: 'give either `command` or `argv`',
  })
  .refine((input) => input.argv?.[0] !== '', { path: ['argv', 0], message: 'the program has no name' });

/** Exactly one of `command` and `argv`. */
export type ShellInput = z.infer<typeof shellInputSchema>;
