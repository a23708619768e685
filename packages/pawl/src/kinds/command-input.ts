/** The parts of an input that say which command is run, and with what around it. */
import { z } from 'zod';
import type { SecretRef } from '../step/index.ts';
import { plainTextSchema, textOrSecretSchema } from './input-parts.ts';

const MAX_ARGUMENTS = 10_000;
const MAX_VARIABLES = 10_000;

/** Variables that Pawl sets itself; see `commandRequest`. */
const OURS = ['PAWL_RUN_ID', 'PAWL_STEP_PATH', 'PAWL_ATTEMPT', 'PAWL_IDEMPOTENCY_KEY'];

const variableName = plainTextSchema
  .min(1)
  .refine((name) => !name.includes('='), 'the name of a variable must not hold "="')
  .refine((name) => !OURS.includes(name), `${OURS.join(', ')} are set by Pawl`);

export const commandFields = {
  command: plainTextSchema.min(1).optional().describe('Run by `/bin/sh -c`.'),
  argv: z
    .array(plainTextSchema)
    .min(1)
    .max(MAX_ARGUMENTS)
    .refine(([program]) => program !== '', { path: [0], message: 'the program has no name' })
    .optional()
    .describe('Program and arguments, run without a shell.'),
  cwd: plainTextSchema.min(1).optional().describe('Working folder; that of the worker when left out.'),
  env: z
    .record(variableName, textOrSecretSchema)
    .refine((env) => Object.keys(env).length <= MAX_VARIABLES, `at most ${MAX_VARIABLES} variables`)
    .optional()
    .describe('Added to the environment of the worker, or all of it with `cleanEnv`.'),
  cleanEnv: z
    .boolean()
    .optional()
    .describe("The command gets nothing of the worker's environment, PATH included."),
  stdin: z.string().optional().describe('Written to standard input; empty when left out.'),
} as const;

/** Exactly one of `command` and `argv`. */
export interface CommandInput {
  readonly command?: string | undefined;
  readonly argv?: readonly string[] | undefined;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | SecretRef>> | undefined;
  readonly cleanEnv?: boolean | undefined;
  readonly stdin?: string | undefined;
}
