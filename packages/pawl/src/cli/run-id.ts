/** Run ids as people type them: in full, or the first characters of one. */
import type { Engine, RunSummary } from '../engine/index.ts';
import { isPawlError, pawlError } from '../errors/index.ts';
import { MAX_LIMIT, MAX_PREFIX_PAGES, MIN_PREFIX } from './defaults.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SHOWN_CANDIDATES = 5;

/**
 * The id of the run that a person means.
 * @throws `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `ARGUMENT_INVALID` for less than six characters
 */
export async function resolveRunId(engine: Pick<Engine, 'runs'>, typed: string): Promise<string> {
  if (UUID.test(typed)) return typed;
  if (await isRun(engine, typed)) return typed;
  if (typed.length < MIN_PREFIX) {
    throw pawlError('ARGUMENT_INVALID', {
      argument: `run "${typed}"`,
      problem: `no run has this id, and the beginning of an id needs at least ${MIN_PREFIX} characters`,
    });
  }
  return onlyOne(typed, await runsThatBegin(engine, typed));
}

async function isRun(engine: Pick<Engine, 'runs'>, runId: string): Promise<boolean> {
  try {
    await engine.runs.get(runId);
    return true;
  } catch (error) {
    if (isPawlError(error) && (error.code === 'RUN_NOT_FOUND' || error.code === 'RUN_ID_INVALID'))
      return false;
    throw error;
  }
}

/** Newest first, and only as far as a person's memory goes: the last 10,000 runs. */
async function runsThatBegin(engine: Pick<Engine, 'runs'>, prefix: string): Promise<string[]> {
  const found: string[] = [];
  let before: string | undefined;
  for (let page = 0; page < MAX_PREFIX_PAGES; page++) {
    const runs: readonly RunSummary[] = await engine.runs.list({
      limit: MAX_LIMIT,
      ...(before === undefined ? {} : { before }),
    });
    found.push(...runs.map((run) => run.runId).filter((runId) => runId.startsWith(prefix)));
    before = runs.at(-1)?.runId;
    if (runs.length < MAX_LIMIT) break;
  }
  return found;
}

function onlyOne(prefix: string, found: readonly string[]): string {
  const [first, second] = found;
  if (first === undefined) throw pawlError('RUN_NOT_FOUND', { runId: prefix });
  if (second === undefined) return first;
  const more = found.length > SHOWN_CANDIDATES ? `, and ${found.length - SHOWN_CANDIDATES} more` : '';
  throw pawlError('RUN_AMBIGUOUS', { prefix, runs: `${found.slice(0, SHOWN_CANDIDATES).join(', ')}${more}` });
}
