/** The migrations, append-only: one that was released is never edited (its hash is compared at every open). */
import { journal } from './0001-journal.ts';
import { functions } from './0002-functions.ts';

/** The script of version n is element n - 1. */
export const migrations: readonly string[] = [journal, functions];
