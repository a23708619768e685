/** The limits of the verify kind. */

/** Of one attempt, with all its clauses. */
export const TIMEOUT = '5m';

export const MAX_CLAUSES = 1_000;

/** Kept of each output stream of a command while it runs, half of it head and half of it tail. */
export const STREAM_BYTES = 10 * 1024 * 1024;

/** From SIGTERM to SIGKILL, when a command must end. */
export const KILL_DELAY_MS = 5_000;

/** How long a process that a command left behind may keep its pipes open. */
export const PIPE_GRACE_MS = 1_000;

/** Of a file whose text is looked at. */
export const FILE_BYTES = 10 * 1024 * 1024;

/** Of one regular expression on one text. */
export const MATCH_MS = 5_000;

/** Of what a finding says is wrong. */
export const PROBLEM_BYTES = 1_024;

/** Of what a clause is called where it has no name. */
export const NAME_BYTES = 200;

/** Of what is quoted: the last line of a command, a text that is missing. */
export const QUOTED_BYTES = 300;

/** Of all that is wrong, in the message of the failure. */
export const MESSAGE_BYTES = 8 * 1024;

/** Kept of a text, and of standard input, in the record of the step. */
export const RECORDED_BYTES = 4 * 1024;
