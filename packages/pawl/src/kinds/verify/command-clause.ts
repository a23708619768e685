/** A clause on a command: it must end with its status, and write what is asked of its standard output. */
import { type OutputText, type ProcessEnded, runProcess } from '../../clients/index.ts';
import { messageOf } from '../../errors/index.ts';
import { FailureError, type StepContext } from '../../step/index.ts';
import { commandRequest } from '../command-request.ts';
import { leftOutMark, textEnd } from '../excerpt.ts';
import type { SecretReader } from '../secrets.ts';
import { KILL_DELAY_MS, PIPE_GRACE_MS, QUOTED_BYTES, STREAM_BYTES } from './defaults.ts';
import type { Clause } from './input.ts';
import { textProblems } from './text-clause.ts';

const LIMITS = { streamBytes: STREAM_BYTES, killDelayMs: KILL_DELAY_MS, pipeGraceMs: PIPE_GRACE_MS };

/**
 * Runs the command; what is wrong with how it ended, one line a demand.
 * @throws `SHELL_START` (retryable) where the machine is short of something: that says nothing about what is verified.
 */
export async function commandProblems(
  clause: Clause,
  context: StepContext,
  secrets: SecretReader,
): Promise<readonly string[]> {
  const ended = await runProcess(commandRequest(clause, context, secrets), LIMITS, context.signal);
  if (ended.kind === 'not_started') {
    const message = messageOf('SHELL_START', { problem: secrets.mask(ended.problem) });
    if (ended.isTransient) throw new FailureError({ class: 'retryable', code: 'SHELL_START', message });
    return [message];
  }
  const output = await textProblems(textOf(ended.stdout.text()), clause, context.signal);
  return [
    ...endProblems(ended, clause.status ?? 0, secrets),
    ...output.map((problem) => `stdout ${problem}`),
  ];
}

function endProblems(ended: ProcessEnded, status: number, secrets: SecretReader): readonly string[] {
  if (ended.exitCode === status) return [];
  const stderr = secrets.mask(textOf(ended.stderr.text())).trimEnd();
  const lastLine = textEnd(stderr.split('\n').at(-1) ?? '', QUOTED_BYTES);
  const how =
    ended.exitCode === null ? `was ended by ${ended.signal}` : `ended with exit code ${ended.exitCode}`;
  return [`${how}, not ${status}${lastLine === '' ? '' : `: ${lastLine}`}`];
}

function textOf({ head, tail, leftOutBytes }: OutputText): string {
  return leftOutBytes === 0 ? head : `${head}\n${leftOutMark(leftOutBytes)}\n${tail}`;
}
