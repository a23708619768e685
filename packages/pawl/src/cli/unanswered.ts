/** Ends that a command did not choose: code of a workflow file that throws outside of every step, or that ends the process. */
import { writeSync } from 'node:fs';
import { type PawlError, pawlError } from '../errors/index.ts';
import { EXIT } from './exit-code.ts';

export interface Unanswered {
  /** Shows the error; everything that it writes has left when it returns. */
  readonly show: (error: PawlError) => string;
  /** Shows the stack of code that is not ours, where that is wanted. */
  readonly stackOf: (error: unknown) => string;
}

const STDERR = 2;
/** What Node ends with where a file waits at its top level for something that never comes. */
const UNSETTLED = 13;

/** Guards this process until it is told that the command has its answer. */
export function guardAnswer({ show, stackOf }: Unanswered): () => void {
  let isAnswered = false;
  process.on('uncaughtException', (error: unknown) => {
    isAnswered = true;
    const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    say(`${stackOf(error)}${show(pawlError('CODE_THREW', { problem }, { cause: error }))}`);
    process.exit(EXIT.environment);
  });
  process.on('exit', (code) => {
    if (isAnswered || (code !== EXIT.ok && code !== UNSETTLED)) return;
    say(show(pawlError('COMMAND_UNANSWERED')));
    process.exitCode = EXIT.environment;
  });
  return () => {
    isAnswered = true;
  };
}

/** At once: the process is about to end. */
function say(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // nobody is left to be told
  }
}
