/** Who acts: the name that was given, or the person at the terminal. */
import { pawlError } from '../errors/index.ts';
import { type Call, textOption } from './command.ts';
import { personHere, type Session } from './session.ts';

export const BY_OPTION = {
  flags: '--by <name>',
  about: 'who acts; at a terminal the name of its user',
} as const;

/** @throws `PERSON_MISSING` where nobody is named and nobody sits at a terminal */
export function requirePerson(session: Session, call: Call, verb: string): string {
  const by = optionalPerson(session, call);
  if (by === undefined) throw pawlError('PERSON_MISSING', { verb });
  return by;
}

export function optionalPerson(session: Session, call: Call): string | undefined {
  return textOption(call, 'by') ?? personHere(session.screen);
}
