/** What each event must keep, given what stands before it in its log. */
import type { StoredEvent } from '../../../packages/pawl/src/run/index.ts';
import type { Judge } from './violation.ts';
import { ATTEMPTS, LIMITED } from '../world/workflows.ts';
import type { WatchedRun } from './watched-run.ts';

export function judgeEvent(run: WatchedRun, event: StoredEvent, judge: Judge): void {
  const { path = '' } = event;
  if (event.seq !== run.events.length + 1)
    judge('dense', `${run.id} has event ${event.seq} after ${run.events.length}`);
  switch (event.type) {
    case 'step.scheduled':
      return scheduled(run, `${path}@${event.data.attempt ?? 1}`, judge);
    case 'step.started':
      return started(run, `${path}@${event.data.attempt ?? 1}`, judge);
    case 'step.completed':
    case 'step.failed':
    case 'step.retried':
      return ended(run, event, judge);
    case 'step.lost':
      judgeBehind(run, event, judge);
      if (run.state.steps.get(path)?.isUnknown) return; // the word that an attempt of unknown fate did not happen
      return once(run, { key: `${path}@${event.data.attempt ?? 1}`, as: event.type }, judge);
    case 'step.cancelled':
      if (run.ends.has(path) && isTask(run, path)) return; // its worker was faster: void, as the fold says
      return once(run, { key: path, as: event.type }, judge);
    case 'step.skipped':
      return once(run, { key: path, as: event.type }, judge);
    case 'wait.opened':
    case 'approval.requested':
      return once(run, { key: `${path} opened`, as: event.type }, judge);
    case 'wait.resolved':
      judgeLate(run, event, judge);
      return once(run, { key: `${path} closed`, as: event.type }, judge);
    case 'wait.expired':
      return once(run, { key: `${path} closed`, as: event.type }, judge);
    case 'child.started':
      return once(run, { key: `${path} started`, as: event.type }, judge);
    case 'child.ended':
      return once(run, { key: path, as: event.type }, judge);
    case 'marker.recorded':
      return once(run, { key: `${path} marked`, as: event.type }, judge);
    default:
  }
}

/** A decision past its deadline is refused, even where nobody has written the expiry. */
function judgeLate(run: WatchedRun, event: StoredEvent, judge: Judge): void {
  const { dueAt, kind } = run.state.waits.get(event.path ?? '') ?? {};
  if (kind !== 'approval' || event.actor === undefined || dueAt === undefined || event.at < dueAt) return;
  judge('late', `${run.id} took a decision on "${event.path}" ${event.at - dueAt} ms after its deadline`);
}

function scheduled(run: WatchedRun, key: string, judge: Judge): void {
  if (run.scheduled.has(key) || run.starts.has(key))
    judge('one outcome', `${run.id} schedules ${key} behind its start, or twice`);
  run.scheduled.add(key);
}

/** Whether any attempt of a step waited for a worker. */
function isTask({ scheduled: keys }: WatchedRun, path: string): boolean {
  for (const key of keys) if (key.slice(0, key.lastIndexOf('@')) === path) return true;
  return false;
}

/** Nothing but the word of its driver follows the end of a task. */
function judgeBehind(run: WatchedRun, { path = '', type }: StoredEvent, judge: Judge): void {
  if (run.ends.has(path) && isTask(run, path))
    judge('one outcome', `${run.id}: "${path}" has ${type} after ${run.ends.get(path)}`);
}

function started(run: WatchedRun, key: string, judge: Judge): void {
  if (run.starts.has(key)) judge('one outcome', `${run.id} starts ${key} twice`);
  run.starts.add(key);
}

type End = Extract<StoredEvent, { type: 'step.completed' | 'step.failed' | 'step.retried' }>;

function ended(run: WatchedRun, event: End, judge: Judge): void {
  const { path = '', type } = event;
  const key = `${path}@${event.data.attempt ?? 1}`;
  judgeBehind(run, event, judge);
  if (event.data.start) started(run, key, judge);
  const isAnswer = type === 'step.completed' && event.data.answered === true; // a person's word about an attempt of unknown fate
  if (!isAnswer) once(run, { key, as: type }, judge);
  if (type !== 'step.retried') once(run, { key: path, as: type }, judge);
  if (type === 'step.failed') judgeAttempts(run, event, judge);
}

/** A step gives up when it has failed as often as it may: attempts that were lost with their holder do not count. */
function judgeAttempts(run: WatchedRun, event: End, judge: Judge): void {
  const { path = '' } = event;
  const failure = JSON.parse(event.payload ?? 'null') as { readonly class?: unknown } | null;
  if (failure?.class !== 'retryable' || path.endsWith(LIMITED)) return;
  const isTry = (key: string, as: string): boolean => key.startsWith(`${path}@`) && as === 'step.retried';
  const retried = [...run.ends].filter(([key, as]) => isTry(key, as)).length;
  if (retried + 1 !== ATTEMPTS)
    judge('attempts', `"${path}" of ${run.id} is given up after ${retried + 1} of ${ATTEMPTS} attempts`);
}

/** One outcome an attempt, one end a step, one opening and one end a wait. */
function once(run: WatchedRun, end: { readonly key: string; readonly as: string }, judge: Judge): void {
  const known = run.ends.get(end.key);
  if (known !== undefined) judge('one outcome', `${run.id}: "${end.key}" has ${end.as} after ${known}`);
  run.ends.set(end.key, end.as);
}
