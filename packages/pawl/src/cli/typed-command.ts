/** Commands as a person can type them: whatever the command line hints at goes through here. */
import { DEFAULT_TENANT } from '../run/index.ts';
import { shellWord, withoutPassword } from '../std/index.ts';
import type { Session } from './session.ts';

/** npx finds Pawl in a project, where its bare name is on nobody's path, and also where it is installed for everybody. */
const PROGRAM = 'npx pawl';

/** Turns `pawl why RUN` into what can be typed here. */
export type Typed = (command: string) => string;

/** `npx pawl why RUN`, and with its store and tenant where those are not the defaults. */
export function typedFor(session: Pick<Session, 'store' | 'isStoreNamed' | 'tenant'>): Typed {
  const { store, isStoreNamed, tenant } = session;
  const flags = [
    isStoreNamed ? ` --store ${shellWord(withoutPassword(store))}` : '',
    tenant === DEFAULT_TENANT ? '' : ` --tenant ${shellWord(tenant)}`,
  ].join('');
  return (command) => {
    const isAboutRuns = !/^pawl (?:help|demo)\b/.test(command);
    return `${command.replace(/^pawl\b/, PROGRAM)}${isAboutRuns ? flags : ''}`;
  };
}

/** A text with all the commands that it holds in backquotes. */
export function typedText(text: string, typed: Typed): string {
  return text.replace(/`(pawl [^`]+)`/g, (_all, command: string) => `\`${typed(command)}\``);
}
