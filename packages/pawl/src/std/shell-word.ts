/** Words for a shell: what a printed command is made of. */

/** A word as a POSIX shell takes it: as it is, or in single quotes. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
