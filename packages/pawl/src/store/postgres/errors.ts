/** What PostgreSQL's error codes (https://www.postgresql.org/docs/current/errcodes-appendix.html) mean for the caller. */
import { isPawlError, pawlError, type PawlError } from '../../errors/index.ts';

/** An error that the server sent. */
interface ServerError extends Error {
  readonly code: string;
  readonly severity: string;
}

function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, severity } = error as Partial<ServerError>;
  return typeof code === 'string' && typeof severity === 'string' ? (error as ServerError) : undefined;
}

/** Whether the statement failed and its session lives: then it certainly did not happen. */
export function isStatementError(error: unknown): boolean {
  return serverError(error)?.severity === 'ERROR';
}

/** Deadlock, serialization failure, and a key that somebody took in the same moment: done again, it may well succeed. */
const PASSING: ReadonlySet<string> = new Set(['40001', '40P01', '23505', '55P03']);

export function isPassing(error: unknown): boolean {
  return PASSING.has(serverError(error)?.code ?? '');
}

/** Connection, resources, operator, system, wrong password, missing database, missing right, read-only server: the surroundings failed. */
const SURROUNDINGS = ['08', '53', '57', '58', '28', '3D', '42501', '25006'];

/** The error for the caller where the surroundings failed or the data are damaged; undefined where the statement itself is at fault. */
export function surroundingsError(error: unknown): PawlError | undefined {
  const known = serverError(error);
  if (known === undefined) return undefined;
  const { code, message } = known;
  if (code.startsWith('XX')) return pawlError('STORE_CORRUPT', { what: message }, { cause: error });
  // our statements fit our schema, so where one does not, the schema is damaged
  if (code.startsWith('42') && code !== '42501')
    return pawlError('STORE_CORRUPT', { what: `the schema: ${message}` }, { cause: error });
  return SURROUNDINGS.some((start) => code.startsWith(start)) ? unavailable(error) : undefined;
}

/** Wrong user or password, missing database, missing right, read-only server. */
const REFUSALS = ['28', '3D', '42501', '25006'];

/** An error of the opening: it names the place, and what no waiting mends is told from what it does. */
export function openingError(error: unknown, location: string): unknown {
  if (!isPawlError(error) || error.code !== 'STORE_UNAVAILABLE') return error;
  const code = serverError(error.cause)?.code ?? '';
  const problem = String(error.params['problem']);
  if (REFUSALS.some((start) => code.startsWith(start)))
    return pawlError('STORE_REFUSED', { location, problem }, { cause: error });
  return pawlError('STORE_UNAVAILABLE', { problem: `${location}: ${problem}` }, { cause: error });
}

export function unavailable(error: unknown): PawlError {
  return pawlError('STORE_UNAVAILABLE', { problem: problemOf(error) }, { cause: error });
}

/** The connection broke with a write under way: it may have landed, or land still. */
export function unknownFate(error: unknown): PawlError {
  return pawlError('STORE_UNKNOWN', { problem: problemOf(error) }, { cause: error });
}

/** A refused connection comes as a list of tries without words of its own. */
function problemOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(problemOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The error code of a migration that finds that another process was faster. */
export const MOVED_ON = 'PW001';

export function isMovedOn(error: unknown): boolean {
  return serverError(error)?.code === MOVED_ON;
}
