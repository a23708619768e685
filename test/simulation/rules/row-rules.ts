/** What a run's row, its projections and its relatives must keep, given its log. */
import { foldAll, isOpenStep, isTerminal, type RunStatus } from '../../../packages/pawl/src/run/index.ts';
import type { Judge } from './violation.ts';
import type { WatchedRun } from './watched-run.ts';

/** State = fold from zero; terminal is final. */
export function judgeRow(run: WatchedRun, judge: Judge): void {
  const { row, state, events, id } = run;
  const fresh = foldAll({ tenant: 'default', runId: id }, events);
  if (fresh.status !== row.status)
    judge('fold', `${id} folds to ${fresh.status}, its row says ${row.status}`);
  if (JSON.stringify(fresh.usage) !== JSON.stringify(state.usage) || fresh.deliveries !== state.deliveries)
    judge('fold', `${id} folds to something else from zero`);
  if (row.status === 'parked' && fresh.parked?.reason !== row.park_reason)
    judge('fold', `${id} is parked for ${fresh.parked?.reason}, its row says ${row.park_reason}`);
  const end = events.findIndex((event) =>
    ['run.completed', 'run.failed', 'run.cancelled'].includes(event.type),
  );
  if (end !== -1 && end !== events.length - 1) judge('terminal', `${id} has events behind its end`);
  if (!isTerminal(row.status as RunStatus)) return;
  if (row.holder !== null) judge('terminal', `${id} has ended and is held`);
  const open = [...state.steps.values()].find((step) => isOpenStep(step));
  if (open) judge('terminal', `${id} has ended, "${open.path}" in it is ${open.status}`);
}

/** Ledger and row are the sums of the events. */
export function judgeSums(run: WatchedRun, inLedger: number, judge: Judge): void {
  const sum = { steps: 0, all: 0 };
  for (const event of run.events) {
    const usage = 'usage' in event.data ? event.data.usage : undefined;
    if (usage === undefined) continue;
    const tokens = usage.inputTokens + usage.outputTokens;
    sum.all += tokens;
    if (event.type.startsWith('step.')) sum.steps += tokens;
  }
  if (inLedger !== sum.steps)
    judge('ledger', `${run.id} used ${sum.steps} by its events, ${inLedger} by the ledger`);
  const inRow = run.row.input_tokens + run.row.output_tokens;
  if (inRow !== sum.all) judge('ledger', `${run.id} used ${sum.all} by its events, ${inRow} by its row`);
}

/** The rows of open gates and sleeps are those that the fold says are open. */
export function judgeWaits(run: WatchedRun, rows: readonly string[], judge: Judge): void {
  if (isTerminal(run.row.status as RunStatus)) return;
  const folded = [...run.state.waits.values()]
    .filter((wait) => wait.status === 'open' && wait.kind !== 'signal')
    .map((wait) => wait.path);
  if (rows.toSorted().join() !== folded.toSorted().join())
    judge('projection', `${run.id} waits for ${folded.join()}, its rows say ${rows.join()}`);
}

/** Parent and child agree in every moment, and a run ends after its children. */
export function judgeFamily(run: WatchedRun, all: readonly WatchedRun[], judge: Judge): void {
  const { parent_id: parentId, parent_path: path } = run.row;
  const hasEnded = isTerminal(run.row.status as RunStatus);
  const parent = all.find((one) => one.id === parentId);
  if (parentId !== null && !parent) judge('family', `${run.id} was created without its parent`);
  if (parent && path !== null) {
    const child = parent.state.children.get(path);
    if (!child) judge('family', `${run.id} exists, its parent has not started it`);
    const isTold = child?.status !== 'running';
    if (hasEnded && run.state.continuedTo === undefined && !isTold)
      judge('family', `${run.id} has ended, its parent has not been told`);
    if (!hasEnded && isTold) judge('family', `${run.id} lives, its parent says that it has ended`);
  }
  if (!hasEnded) return;
  for (const child of all) {
    if (child.row.parent_id === run.id && !isTerminal(child.row.status as RunStatus))
      judge('family', `${run.id} has ended before its child ${child.id}`);
  }
  const { continuedTo } = run.state;
  if (continuedTo !== undefined && !all.some((one) => one.id === continuedTo))
    judge('family', `${run.id} goes on as a run that does not exist`);
  for (const child of run.state.children.values())
    if (!all.some((one) => one.id === child.childRunId))
      judge('family', `${run.id} has started a child that does not exist`);
}
