/** Commands as a person can type them: whatever the command line hints at goes through here. */
import { shellWord } from '../std/index.ts';
import type { Session } from './session.ts';

/** npx finds Pawl in a project, where its bare name is on nobody's path, and also where it is installed for everybody. */
const PROGRAM = 'npx pawl';

/** Turns `pawl why RUN` into what can be typed here. */
export type Typed = (command: string) => string;

/** `npx pawl why RUN`, and with its store where that is not the default. */
export function typedFor({ store, isStoreNamed }: Pick<Session, 'store' | 'isStoreNamed'>): Typed {
  return (command) => {
    const isAboutStore = isStoreNamed && !/^pawl (?:help|demo)\b/.test(command);
    const flag = isAboutStore ? ` --store ${shellWord(store)}` : '';
    return `${command.replace(/^pawl\b/, PROGRAM)}${flag}`;
  };
}

/** A text with all the commands that it holds in backquotes. */
export function typedText(text: string, typed: Typed): string {
  return text.replace(/`(pawl [^`]+)`/g, (_all, command: string) => `\`${typed(command)}\``);
}
