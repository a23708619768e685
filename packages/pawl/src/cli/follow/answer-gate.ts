/** Puts one question to the person at the terminal and sends the answer to the run. */
import type { Engine } from '../../engine/index.ts';
import { isPawlError } from '../../errors/index.ts';
import { unreachable } from '../../std/index.ts';
import type { Session } from '../session.ts';
import { oneLine } from '../view/plain-text.ts';
import { askPerson, type AskOptions } from './ask.ts';
import type { Answer } from './decision.ts';
import type { Gate } from './standing.ts';

export interface Answering extends AskOptions {
  readonly engine: Engine;
  /** The person at the terminal. */
  readonly by: string;
}

/** `answered` also where somebody else was faster; `later` leaves the gate open. */
export async function answerGate(
  session: Session,
  gate: Gate,
  answering: Answering,
): Promise<'answered' | 'later' | 'again'> {
  const { screen } = session;
  const answer = await askPerson(screen, gate, answering);
  if (answer === undefined) {
    if (!answering.signal.aborted) return 'later';
    screen.lines('');
    return 'answered';
  }
  if (answer.kind === 'later') return 'later';
  try {
    await send(gate, answer, answering);
    return 'answered';
  } catch (error) {
    if (!isPawlError(error) || error.family !== 'usage') throw error;
    screen.lines(`  ${screen.style.red(oneLine(`${error.code}: ${error.message}`))}`);
    return error.code === 'ANSWER_INVALID' || error.code === 'VALUE_INVALID' ? 'again' : 'later';
  }
}

async function send(
  gate: Gate,
  answer: Exclude<Answer, { kind: 'later' }>,
  { engine, by }: Answering,
): Promise<void> {
  switch (answer.kind) {
    case 'value':
      return engine.answer(gate.runId, gate.path, answer.value, { by });
    case 'approved':
    case 'rejected': {
      const decide = answer.kind === 'approved' ? engine.approve.bind(engine) : engine.reject.bind(engine);
      return decide(gate.runId, gate.path, {
        by,
        ...(answer.comment === undefined ? {} : { comment: answer.comment }),
      });
    }
    default:
      return unreachable(answer);
  }
}
