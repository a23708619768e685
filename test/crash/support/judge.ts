/** The judge: reads every log, every row and every effect, and names each promise that was broken. */
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { nodePlatform } from '../../../packages/pawl/src/engine/index.ts';
import {
  emptyState,
  fold,
  foldAll,
  isTerminal,
  type RunState,
  type StoredEvent,
} from '../../../packages/pawl/src/run/index.ts';
import { decodePayload } from '../../../packages/pawl/src/std/index.ts';
import type { RunRow, Store } from '../../../packages/pawl/src/store/index.ts';
import { attemptName, attemptProblems, attemptsOf, type LoggedAttempt } from './attempts.ts';
import { effectProblems } from './effect-rules.ts';
import { expectedOf } from './expected.ts';
import type { Firing } from './protocol.ts';
import { isOnServer, openStore } from './stores.ts';
import type { AskedRun, World } from './world.ts';

export interface JudgedRun {
  readonly row: RunRow;
  readonly state: RunState;
  readonly events: readonly StoredEvent[];
  readonly firings: readonly Firing[];
}

export interface Verdict {
  readonly runs: number;
  readonly events: number;
  readonly firings: number;
  /** Firings beyond one for each attempt that ended by itself: lost attempts, and starts that were never written. */
  readonly repeats: number;
  readonly lost: number;
  readonly problems: readonly string[];
}

export interface JudgeOptions {
  /** Status of runs that must not complete, by run id. */
  readonly statuses?: ReadonlyMap<string, string>;
}

/** Judges what all processes together have left behind, once they are gone. */
export async function judge(world: World, options: JudgeOptions = {}): Promise<Verdict> {
  const runs = await readRuns(world);
  const problems: string[] = storeProblems(world, runs);
  for (const asked of world.asked) problems.push(...endProblems(asked, runs.get(asked.id), options));
  for (const [runId, run] of runs) {
    const found = [...attemptProblems(run), ...effectProblems(run, world)];
    problems.push(...found.map((problem) => `run ${runId}: ${problem}`));
  }
  const unknown = world.firings.filter((firing) => !runs.has(firing.runId));
  problems.push(...unknown.map((firing) => `an effect of run ${firing.runId}, which is not in the store`));
  return { ...count(runs, world.firings), problems };
}

/** What is wrong with the file, the logs and the rows, whatever their runs were to come to. */
export function storeProblems(world: World, runs: ReadonlyMap<string, JudgedRun>): string[] {
  const problems = isOnServer(world.store) ? [] : fileProblems(world.store);
  for (const [runId, run] of runs)
    for (const problem of [...logProblems(run), ...rowProblems(run)])
      problems.push(`run ${runId}: ${problem}`);
  return problems;
}

function count(runs: ReadonlyMap<string, JudgedRun>, firings: readonly Firing[]): Omit<Verdict, 'problems'> {
  const events = [...runs.values()].flatMap((run) => run.events);
  const attempts = [...runs.values()].flatMap((run) => firedAttempts(run));
  return {
    runs: runs.size,
    events: events.length,
    firings: firings.length,
    repeats: firings.length - attempts.filter(({ ends }) => ends[0]?.type !== 'step.lost').length,
    lost: events.filter((event) => event.type === 'step.lost').length,
  };
}

function firedAttempts({ events, firings }: JudgedRun): LoggedAttempt[] {
  const fired = new Set(firings.map(({ path, attempt }) => attemptName(path, attempt)));
  return [...attemptsOf(events)].flatMap(([name, attempt]) => (fired.has(name) ? [attempt] : []));
}

/** Every run of the store, children included. */
export async function readRuns(world: World): Promise<ReadonlyMap<string, JudgedRun>> {
  const store = await openStore(world.store, nodePlatform());
  const byRun = Map.groupBy(world.firings, (firing) => firing.runId);
  const runs = new Map<string, JudgedRun>();
  try {
    for (const row of await allRows(store)) {
      const events = await store.readEvents(row.run, 0, 100_000);
      const state = foldAll(row.run, events);
      runs.set(row.run.runId, { row, state, events, firings: byRun.get(row.run.runId) ?? [] });
    }
  } finally {
    await store.close();
  }
  return runs;
}

const PAGE = 1_000;

async function allRows(store: Store): Promise<RunRow[]> {
  const rows: RunRow[] = [];
  for (let before: string | undefined; ; before = rows.at(-1)?.run.runId) {
    const page = await store.listRuns({
      tenant: 'default',
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
}

/** What SQLite itself thinks of the file. */
function fileProblems(file: string): string[] {
  const db = new DatabaseSync(file);
  const rows = db.prepare('pragma integrity_check').all() as { integrity_check: string }[];
  const orphans = db
    .prepare(
      'select run, count(*) as events from events where run not in (select num from runs) group by run',
    )
    .all() as { run: number; events: number }[];
  db.close();
  return [
    ...rows.filter((row) => row.integrity_check !== 'ok').map((row) => `integrity: ${row.integrity_check}`),
    ...orphans.map((row) => `${row.events} events without the row of their run ${row.run}`),
  ];
}

/** What a run came to, against what it must come to. */
export function endProblems(
  asked: AskedRun,
  run: JudgedRun | undefined,
  { statuses }: JudgeOptions = {},
): string[] {
  if (!run) return [`run ${asked.id} was started and is not in the store`];
  const wanted = statuses?.get(asked.id) ?? 'completed';
  const { status, parked } = run.state;
  if (status !== wanted) {
    return [
      `run ${asked.id} (${asked.workflow}) is ${status}${parked ? ` (${parked.reason}: ${parked.message})` : ''}, not ${wanted}`,
    ];
  }
  const expected = expectedOf(asked);
  if (wanted !== 'completed' || expected === undefined) return [];
  const output = decodePayload(run.state.output ?? '');
  return isDeepStrictEqual(output, expected)
    ? []
    : [`run ${asked.id} gave ${JSON.stringify(output)}, not ${JSON.stringify(expected)}`];
}

function logProblems({ events }: JudgedRun): string[] {
  const gap = events.findIndex((event, index) => event.seq !== index + 1);
  const end = events.findIndex((event) =>
    ['run.completed', 'run.failed', 'run.cancelled'].includes(event.type),
  );
  return [
    ...(events[0]?.type === 'run.created' ? [] : ['its log does not begin with run.created']),
    ...(gap === -1 ? [] : [`its log has seq ${events[gap]?.seq} where ${gap + 1} belongs`]),
    ...(end === -1 || end === events.length - 1
      ? []
      : [`${events.length - 1 - end} events stand behind its end`]),
  ];
}

/** The row is what the log says; nothing that rests or has ended is still claimed. */
function rowProblems({ row, state, events }: JudgedRun): string[] {
  const forgetful = emptyState(row.run, { history: false });
  for (const event of events) fold(forgetful, event);
  const pairs: [what: string, row: unknown, log: unknown][] = [
    ['lastSeq', row.lastSeq, events.length],
    ['status', row.status, state.status],
    ['status folded without history', forgetful.status, state.status],
    ['parkReason', row.parkReason, state.parked?.reason],
    ['usage', row.usage, state.usage],
  ];
  const rests = isTerminal(state.status) || state.status === 'parked';
  if (rests)
    pairs.push(['holder', row.holder, null], ['dueAt', row.dueAt, null], ['strikes', row.strikes, 0]);
  return pairs
    .filter(([, a, b]) => !isDeepStrictEqual(a, b))
    .map(([what, a, b]) => `its row says ${what} ${JSON.stringify(a)}, its log ${JSON.stringify(b)}`);
}
