/** The limits of the shell kind. */

/** Of one attempt. */
export const TIMEOUT = '5m';

/** Kept of each output stream while the command runs, half of it head and half of it tail. */
export const STREAM_BYTES = 10 * 1024 * 1024;

/** Both streams as JSON text: under the limit of a payload (16 MiB), so that a command that ran is never lost over its output. */
export const OUTPUT_BYTES = 15 * 1024 * 1024;

/** Kept of each stream in a failure. */
export const FAILURE_BYTES = 4 * 1024;

/** Kept of standard input in the record of the step. */
export const RECORDED_STDIN_BYTES = 4 * 1024;

/** From SIGTERM to SIGKILL, when a command must end. */
export const KILL_DELAY_MS = 5_000;

/** How long a process that the command left behind may keep its pipes open. */
export const PIPE_GRACE_MS = 1_000;
