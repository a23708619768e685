/** The process that an input asks for: program, arguments and environment. */
import type { ProcessRequest } from '../clients/index.ts';
import type { Json } from '../std/index.ts';
import { isSecretRef, isSensitiveName, MASK, type SecretRef, type StepContext } from '../step/index.ts';
import type { CommandInput } from './command-input.ts';
import type { SecretReader } from './secrets.ts';

export function commandRequest(
  input: CommandInput,
  context: StepContext,
  secrets: SecretReader,
): ProcessRequest {
  const [file = '', ...args] = input.argv ?? ['/bin/sh', '-c', input.command ?? ''];
  const { cwd, stdin } = input;
  const env = environmentOf(input, context, secrets);
  return { file, args, cwd, stdin, env, onOutput: context.heartbeat }; // what it prints is a sign of life
}

function environmentOf(
  input: CommandInput,
  context: StepContext,
  secrets: SecretReader,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(input.cleanEnv ? {} : process.env)) {
    if (value !== undefined) env[name] = value;
  }
  for (const [name, value] of Object.entries(input.env ?? {})) env[name] = secrets.resolve(value);
  env['PAWL_RUN_ID'] = context.runId;
  env['PAWL_STEP_PATH'] = context.path;
  env['PAWL_ATTEMPT'] = String(context.attempt);
  env['PAWL_IDEMPOTENCY_KEY'] = context.idempotencyKey;
  return env;
}

/** Variables as they are recorded: references stay references, values of telling names are masked. */
export function recordedEnv(env: Readonly<Record<string, string | SecretRef>>): Json {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, recordedValue(name, value)]));
}

function recordedValue(name: string, value: string | SecretRef): Json {
  if (isSecretRef(value)) return { $secret: value.$secret };
  return isSensitiveName(name) ? MASK : value;
}
