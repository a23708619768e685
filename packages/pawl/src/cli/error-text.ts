/** How an error is shown: a few lines for people, one JSON object for programs, never a stack trace unasked. */
import { CommanderError } from 'commander';
import { type ErrorCode, isPawlError, messageOf, type PawlError, pawlError } from '../errors/index.ts';
import type { Problem } from '../graph/index.ts';
import { EXIT, exitCodeOfError } from './exit-code.ts';
import { type Typed, typedText } from './typed-command.ts';
import { oneLine } from './view/plain-text.ts';
import { problemLine } from './view/problem-line.ts';

/** Characters of a message that are shown. */
const MAX_MESSAGE = 2_000;

/** What is shown of an error. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  /** Everything that is wrong with a graph. */
  readonly problems?: readonly Problem[];
  readonly todo: string;
  readonly exitCode: number;
}

/** The report of anything that was thrown; what no code stands for is a defect of ours. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof CommanderError) return reportOfParser(error);
  const known = isPawlError(error) ? error : ofUnknown(error);
  const { code, message, params, todo } = known;
  const report = { code, message, todo, exitCode: exitCodeOfError(known) };
  if (code !== 'GRAPH_INVALID' || !Array.isArray(known.cause)) return report;
  return {
    ...report,
    message: messageOf(code, { ...params, problems: '' }),
    problems: known.cause as Problem[],
  };
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

/** `error CODE: message`, a line for each problem of a graph, and what to do; or the one JSON object of `--json`. */
export function errorText(
  report: ErrorReport,
  options: { readonly isJson: boolean; readonly typed: Typed },
): string {
  const { code } = report;
  const message = clipped(report.message);
  const todo = typedText(report.todo, options.typed);
  const { problems } = report;
  if (options.isJson)
    return JSON.stringify({ error: { code, message, ...(problems && { problems }), todo } });
  const details = (problems ?? []).map((problem) => `  ${problemLine(problem)}`);
  return [`error ${code}: ${oneLine(message)}`, ...details, `  to do: ${oneLine(todo)}`].join('\n');
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
