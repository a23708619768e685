/** The limit of a payload: what a graph asks for, and what it gives, must fit into its log. */
import { messageOf, type PawlError } from '../errors/index.ts';
import type { Command } from '../run/index.ts';
import { byteLength, encodeValue, NO_VALUE, type Payload } from '../std/index.ts';
import type { Failure } from '../step/index.ts';
import type { Output } from './output.ts';
import { failing, type Visit } from './step-command.ts';

/** The command itself, or the failure of its step where what it carries is too large. */
export function withinLimit(visit: Visit, command: Command, limit: number): Command {
  const payload = payloadOfCommand(command);
  const bytes = payload.length * 3 > limit ? byteLength(payload) : 0;
  if (bytes <= limit) return command;
  const { path } = visit;
  const message = messageOf('PAYLOAD_TOO_LARGE', { what: `The input of "${path}"`, bytes, limit });
  return failing(visit, { class: 'terminal', code: 'PAYLOAD_TOO_LARGE', message, path });
}

/** What executes is limited where it is recorded. */
function payloadOfCommand(command: Command): Payload {
  if (command.type === 'StartChild') return command.child.input;
  return command.type === 'OpenWait' ? (command.wait.payload ?? NO_VALUE) : NO_VALUE;
}

/** An output that cannot be recorded is a failure of its run. */
export function recordable(output: Output, limit: number): Output {
  if (output.type === 'failed') return output;
  try {
    encodeValue(output.output, 'The output of the graph', limit);
    return output;
  } catch (error) {
    const { code, message } = error as PawlError; // VALUE_INVALID, PAYLOAD_TOO_LARGE
    const failure: Failure = { class: 'terminal', code, message, path: 'output' };
    return { type: 'failed', failure };
  }
}
