/** What each event must keep, given what stands before it in its log. */
import type { StoredEvent } from '../../../packages/pawl/src/run/index.ts';
import type { Judge } from './violation.ts';
import { ATTEMPTS } from '../world/workflows.ts';
import type { WatchedRun } from './watched-run.ts';

export function judgeEvent(run: WatchedRun, event: StoredEvent, judge: Judge): void {
  const { path = '' } = event;
  if (event.seq !== run.events.length + 1)
    judge('dense', `${run.id} has event ${event.seq} after ${run.events.length}`);
  switch (event.type) {
    case 'step.started':
      return started(run, `${path}@${event.data.attempt ?? 1}`, judge);
    case 'step.completed':
    case 'step.failed':
    case 'step.retried':
      return ended(run, event, judge);
    case 'step.lost':
      return once(run, { key: `${path}@${event.data.attempt ?? 1}`, as: event.type }, judge);
    case 'step.cancelled':
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
  if (kind !== 'approval' || event.actor === 'deadline' || dueAt === undefined || event.at < dueAt) return;
  judge('late', `${run.id} took a decision on "${event.path}" ${event.at - dueAt} ms after its deadline`);
}

function started(run: WatchedRun, key: string, judge: Judge): void {
  if (run.starts.has(key)) judge('one outcome', `${run.id} starts ${key} twice`);
  run.starts.add(key);
}

type End = Extract<StoredEvent, { type: 'step.completed' | 'step.failed' | 'step.retried' }>;

function ended(run: WatchedRun, event: End, judge: Judge): void {
  const { path = '', type } = event;
  const key = `${path}@${event.data.attempt ?? 1}`;
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
  if (failure?.class !== 'retryable') return;
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
