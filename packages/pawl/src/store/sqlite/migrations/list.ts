/** The migrations, append-only: one that was released is never edited (its hash is compared at every open). */
import { journal } from './0001-journal.ts';
import { onCancel } from './0002-on-cancel.ts';
import { tasks } from './0003-tasks.ts';
import { retention } from './0004-retention.ts';

/** The script of version n is element n - 1. */
export const migrations: readonly string[] = [journal, onCancel, tasks, retention];
