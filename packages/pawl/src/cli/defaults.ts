/** Every default and limit of the command line. */

export const DEFAULT_STORE = 'sqlite:.pawl/pawl.db';

/** The demo keeps away from the database of the work. */
export const DEFAULT_DEMO_STORE = 'sqlite:.pawl/demo.db';

/** Rows of `runs`, `parked` and `workers` unless `--limit` says otherwise; the engine allows 1,000. */
export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 1_000;

/** Shorter beginnings of run ids are refused: a beginning is the time of the start, and six characters span hours. */
export const MIN_PREFIX = 6;
/** How many pages of 1,000 runs are searched for the beginning of an id, newest first. */
export const MAX_PREFIX_PAGES = 10;

/** How often the live view is drawn again. */
export const FRAME_MS = 80;
/** Rows of the live view where the terminal does not say how high it is. */
export const DEFAULT_ROWS = 24;
export const DEFAULT_COLUMNS = 80;

/** Lines of one value in `show` without `--full`. */
export const VALUE_LINES = 24;
/** What an approval shows of its arguments at the terminal. */
export const QUESTION_LINES = 20;

/** How long a drain waits for attempts that execute. */
export const DRAIN_TIMEOUT = '10s';
/** The demo gives up on a worker that does not do its next thing for so long. */
export const DEMO_LIMIT_MS = 30_000;
