/** A mutation: one rule of the journal taken out of a copy of the sources, as pairs of text to find and to put in its place. */

import type { Family } from '../run-seed.ts';

export interface Edit {
  /** Below `packages/pawl/src`. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutation {
  /** The rule and a word of its own: `A2 seen`. */
  readonly id: string;
  /** What no longer holds. */
  readonly without: string;
  readonly edits: readonly Edit[];
  /** Worlds that are played; left out: those of functions. */
  readonly family?: Family;
}

/** A rule, or a part of one, that no mutation stands for, and why. */
export interface Omission {
  readonly rule: string;
  readonly why: string;
}

/** The text of a file without the rule. @throws where an edit does not fit exactly once. */
export function mutate(mutation: Mutation, file: string, text: string): string {
  return mutation.edits
    .filter((edit) => edit.file === file)
    .reduce((changed, { find, replace }) => {
      const parts = changed.split(find);
      if (parts.length !== 2)
        throw new Error(`${mutation.id}: "${find}" stands ${parts.length - 1} times in ${file}`);
      return parts.join(replace);
    }, text);
}
