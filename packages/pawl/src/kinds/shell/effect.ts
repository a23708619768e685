/** The effect of a shell step: runs the command and tells a good end from the bad ones. */
import { type ProcessEnded, runProcess } from '../../clients/index.ts';
import { type ErrorCode, messageOf } from '../../errors/index.ts';
import { type Failure, FailureError, type KindResult, type StepContext } from '../../step/index.ts';
import { commandRequest } from '../command-request.ts';
import { textEnd } from '../excerpt.ts';
import { SecretReader } from '../secrets.ts';
import { FAILURE_BYTES, KILL_DELAY_MS, PIPE_GRACE_MS, STREAM_BYTES } from './defaults.ts';
import type { ShellInput } from './input.ts';
import { outputOf } from './output.ts';

const LIMITS = { streamBytes: STREAM_BYTES, killDelayMs: KILL_DELAY_MS, pipeGraceMs: PIPE_GRACE_MS };

/** The longest last line of stderr that a message quotes. */
const QUOTED_BYTES = 300;

/**
 * Runs the command.
 * @throws `SHELL_START`, `SHELL_EXIT`, `SHELL_SIGNAL`; the reason of the signal when the attempt is aborted.
 */
export async function runShell(input: ShellInput, context: StepContext): Promise<KindResult> {
  const secrets = new SecretReader(context);
  const ended = await runProcess(commandRequest(input, context, secrets), LIMITS, context.signal);
  if (ended.kind === 'not_started') {
    const failureClass = ended.isTransient ? 'retryable' : 'terminal';
    throw failure('SHELL_START', { problem: secrets.mask(ended.problem) }, { class: failureClass });
  }
  const problem = problemOf(ended, input, secrets);
  if (problem) throw problem;
  return { outcome: 'ok', output: outputOf(ended, secrets) };
}

function problemOf(ended: ProcessEnded, input: ShellInput, secrets: SecretReader): FailureError | undefined {
  const { exitCode, signal } = ended;
  if (input.allowExit === true || exitCode === 0) return undefined;
  if (exitCode !== null && input.allowExit?.includes(exitCode)) return undefined;
  const { stdout, stderr } = outputOf(ended, secrets);
  const tails = {
    stdout: textEnd(secrets.mask(stdout), FAILURE_BYTES),
    stderr: textEnd(secrets.mask(stderr), FAILURE_BYTES),
  };
  if (exitCode === null) {
    return failure('SHELL_SIGNAL', { signal: signal ?? 'a signal' }, { data: { signal, ...tails } });
  }
  const lastLine = textEnd(tails.stderr.trimEnd().split('\n').at(-1) ?? '', QUOTED_BYTES);
  const detail = lastLine === '' ? '.' : `: ${lastLine}`;
  return failure('SHELL_EXIT', { exitCode, detail }, { data: { exitCode, ...tails } });
}

function failure(
  code: ErrorCode,
  params: Readonly<Record<string, string | number>>,
  details: Partial<Failure> = {},
): FailureError {
  return new FailureError({ class: 'terminal', code, message: messageOf(code, params), ...details });
}
