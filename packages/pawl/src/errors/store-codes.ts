/** The error codes of stores: where they are, whose they are, and when they do not answer. Part of the catalogue. */
import type { Entry } from './entry.ts';

export const storeCodes = {
  STORE_URL_INVALID: {
    family: 'usage',
    message: '"{url}" is not a store.',
    todo: 'Use "sqlite:PATH", "sqlite::memory:" or "postgres://USER@HOST:PORT/DATABASE"; several clusters with commas between them, each once and without `target_session_attrs`.',
  },
  STORE_MISSING: {
    family: 'operational',
    message: 'There is no database {file}.',
    todo: 'Start a run with `pawl run FILE`, or name the right store with --store or PAWL_STORE.',
  },
  STORE_NOT_OURS: {
    family: 'operational',
    message: '{file} is not a Pawl database.',
    todo: 'Use another path or database; nothing was changed.',
  },
  STORE_TOO_NEW: {
    family: 'operational',
    message: '{file} was written by a newer Pawl (schema {found}, this one knows {known}).',
    todo: 'Upgrade Pawl; the file was not changed.',
  },
  STORE_READ_ONLY: {
    family: 'operational',
    message: '{file} cannot be written.',
    todo: 'Check permissions of the file and of its folder.',
  },
  STORE_LOCKED: {
    family: 'operational',
    message: '{file} is locked by another program.',
    todo: 'Close what holds it and try again.',
  },
  STORE_CORRUPT: {
    family: 'operational',
    message: 'Damaged data: {what}.',
    todo: 'Restore the database from a backup; nothing was guessed.',
  },
  SHARDS_DIFFER: {
    family: 'operational',
    message: '{location} is {found}, and it was opened as {expected}.',
    todo: 'Name all clusters of the store, in the order in which they were opened first: their number and order are fixed. Nothing was changed.',
  },
  STORE_UNAVAILABLE: {
    family: 'operational',
    message: 'The store did not answer: {problem}',
    todo: 'Check disk space and the database; work goes on when it is back.',
  },
  STORE_REFUSED: {
    family: 'operational',
    message: 'The server of {location} refused: {problem}',
    todo: 'Waiting does not help: make the database, or check the user, its password and its rights there.',
  },
  STORE_UNKNOWN: {
    family: 'operational',
    message: 'It is unknown whether a commit landed: {problem}',
    todo: 'Nothing to do: the engine claims again and reads.',
  },
  MIGRATION_CHANGED: {
    family: 'operational',
    message: 'Migration {version} of {file} differs from the one in this Pawl.',
    todo: 'Use the Pawl release that wrote it.',
  },
} as const satisfies Record<string, Entry>;
