/** What is recorded of the input of a shell step: everything but what should stay secret. */
import type { Json } from '../../std/index.ts';
import { recordedEnv } from '../command-request.ts';
import { textStart } from '../excerpt.ts';
import { RECORDED_STDIN_BYTES } from './defaults.ts';
import { type ShellInput, shellInputSchema } from './input.ts';

/**
 * References stay references; values of variables with a telling name are masked; long standard input is cut. Of an input that
 * does not fit the schema nothing is recorded: nobody knows where in it a secret is.
 */
export function recordedShellInput(input: ShellInput): Json {
  if (!shellInputSchema.safeParse(input).success) return null;
  const { command, argv, cwd, env, cleanEnv, stdin, allowExit } = input;
  return {
    ...(command === undefined ? {} : { command }),
    ...(argv === undefined ? {} : { argv: [...argv] }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: recordedEnv(env) }),
    ...(cleanEnv === undefined ? {} : { cleanEnv }),
    ...(stdin === undefined ? {} : { stdin: textStart(stdin, RECORDED_STDIN_BYTES) }),
    ...(allowExit === undefined ? {} : { allowExit: allowExit === true ? true : [...allowExit] }),
  };
}
