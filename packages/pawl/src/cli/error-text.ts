/** How an error is shown: two lines for people, one JSON object for programs, never a stack trace unasked. */
import { CommanderError } from 'commander';
import { type ErrorCode, isPawlError, type PawlError, pawlError } from '../errors/index.ts';
import { EXIT, exitCodeOfError } from './exit-code.ts';
import { type Typed, typedText } from './typed-command.ts';
import { oneLine } from './view/plain-text.ts';

/** Characters of a message that are shown. */
const MAX_MESSAGE = 2_000;

/** What is shown of an error. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly todo: string;
  readonly exitCode: number;
}

/** The report of anything that was thrown; what no code stands for is a defect of ours. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof CommanderError) return reportOfParser(error);
  const known = isPawlError(error) ? error : ofUnknown(error);
  return { code: known.code, message: known.message, todo: known.todo, exitCode: exitCodeOfError(known) };
}

/** Options without a command, for which the parser would only print its help. */
const MISSING = {
  code: 'ARGUMENT_INVALID',
  message: 'There are options, but no command.',
  todo: 'See `pawl help`.',
} as const;

function reportOfParser(error: CommanderError): ErrorReport {
  if (error.code === 'commander.help') return { ...MISSING, exitCode: EXIT.usage };
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const hint = rest.join(' ').trim();
  const message = `${first.slice(0, 1).toUpperCase()}${first.slice(1)}`.replace(/\.?$/, '.');
  return {
    code: 'ARGUMENT_INVALID',
    message: hint === '' ? message : `${message} ${hint}`,
    todo: 'See `pawl help`.',
    exitCode: EXIT.usage,
  };
}

function ofUnknown(error: unknown): PawlError {
  const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return pawlError(
    'INVARIANT',
    { rule: `an error without a code reached the command line: ${problem}` },
    { cause: error },
  );
}

/** `error CODE: message`, and what to do in a second line; or the one JSON object of `--json`. */
export function errorText(
  report: ErrorReport,
  options: { readonly isJson: boolean; readonly typed: Typed },
): string {
  const { code } = report;
  const message = clipped(report.message);
  const todo = typedText(report.todo, options.typed);
  if (options.isJson) return JSON.stringify({ error: { code, message, todo } });
  return `error ${code}: ${oneLine(message)}\n  to do: ${oneLine(todo)}`;
}

/** Whatever somebody typed may stand in a message. */
function clipped(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE)}…`;
}

/** The stack with its causes, for `PAWL_DEBUG=1`. */
export function stackText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${stackText(error.cause)}`;
}
