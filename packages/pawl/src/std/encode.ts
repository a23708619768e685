/** The way of a value into the journal: checked, turned into text, and handed on as what the text says. */
import { pawlError } from '../errors/index.ts';
import { findValueProblem } from './json.ts';
import { NO_VALUE, type Payload } from './payload.ts';

/**
 * The payload of a value that comes from users.
 * @throws `VALUE_INVALID` with the path of what is not plain JSON; `what` names the value in the message.
 */
export function encodeValue(value: unknown, what: string): Payload {
  if (value === undefined) return NO_VALUE;
  const problem = findValueProblem(value);
  if (problem) throw pawlError('VALUE_INVALID', { what, path: problem.path, problem: problem.problem });
  return JSON.stringify(value);
}
