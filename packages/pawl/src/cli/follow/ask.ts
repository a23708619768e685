/** Asks the person at the terminal to close a gate. */
import { isPawlError } from '../../errors/index.ts';
import { decodePayload } from '../../std/index.ts';
import { QUESTION_LINES } from '../defaults.ts';
import type { Screen } from '../screen.ts';
import { oneLine } from '../view/plain-text.ts';
import { indented, valueLines } from '../view/value-text.ts';
import { type Answer, parseDecision, parseValue } from './decision.ts';
import type { Gate } from './standing.ts';
import { TypedLines } from './typed-lines.ts';

export interface AskOptions {
  /** Aborted when the gate was closed by somebody else, or the command ends. */
  readonly signal: AbortSignal;
  /** Ctrl-C while the question stands. */
  readonly interrupt: () => void;
  /** Whether the person must decide now. */
  readonly isUrgent?: boolean;
}

/** The answer; undefined where the question was withdrawn, or the input has ended. */
export async function askPerson(
  screen: Screen,
  gate: Gate,
  options: AskOptions,
): Promise<Answer | undefined> {
  screen.lines('', ...questionLines(screen, gate));
  const lines = new TypedLines(options.interrupt);
  try {
    return await untilAnswered(screen, lines, { gate, ...options });
  } finally {
    lines.close();
  }
}

function questionLines(screen: Screen, gate: Gate): string[] {
  const { style } = screen;
  const payload = gate.payload === undefined || gate.payload === '' ? undefined : decodePayload(gate.payload);
  return [
    `${style.yellow('?')} ${style.bold(oneLine(gate.message ?? gate.path))}`,
    ...(payload === undefined ? [] : indented(valueLines(payload, QUESTION_LINES), '    ')),
  ];
}

interface Question extends AskOptions {
  readonly gate: Gate;
}

async function untilAnswered(
  screen: Screen,
  lines: TypedLines,
  question: Question,
): Promise<Answer | undefined> {
  const { gate, signal, isUrgent = false } = question;
  const isDecision = gate.kind === 'approval';
  for (;;) {
    const typed = await lines.next(promptOf(isDecision, isUrgent), signal);
    if (typed === undefined) return undefined;
    const answer = isDecision ? parseDecision(typed) : valueOrProblem(screen, typed, gate);
    if (answer && !(isUrgent && answer.kind === 'later')) return answer;
  }
}

function promptOf(isDecision: boolean, isUrgent: boolean): string {
  if (!isDecision) return '  value as JSON, or nothing for later: ';
  return isUrgent ? '  [y]es or [n]o: ' : '  [y]es, [n]o with a comment if you like, [l]ater: ';
}

function valueOrProblem(screen: Screen, typed: string, gate: Gate): Answer | undefined {
  try {
    return parseValue(typed, gate.schema);
  } catch (error) {
    if (!isPawlError(error)) throw error;
    screen.lines(`  ${screen.style.red(oneLine(error.message))}`);
    return undefined;
  }
}
