/** What is worth saying about one step beside its name: what it waits for, how it ended, what comes next. */
import type { StepView } from '../../engine/index.ts';
import { formatDuration } from '../../std/index.ts';
import { failureLine } from './failure-line.ts';
import { oneLine } from './plain-text.ts';
import { timeText } from './times.ts';

/** One line, often empty. `now` is the time that "in 3 s" is counted from, in milliseconds. */
export function stepDetail(step: StepView, now: number): string {
  return [attemptText(step), stateText(step, now), usageText(step)].filter((part) => part !== '').join(' · ');
}

function attemptText(step: StepView): string {
  return step.attempt > 1 ? `attempt ${step.attempt}` : '';
}

function stateText(step: StepView, now: number): string {
  switch (step.status) {
    case 'waiting':
      return waitingText(step, now);
    case 'failed':
      return step.failure ? failureLine(step.failure) : (step.outcome ?? 'failed');
    case 'completed':
      return endedText(step);
    case 'cancelled':
    case 'skipped':
      return step.status;
    case 'pending':
      return step.queue === undefined ? '' : `waits for a worker of queue ${oneLine(step.queue)}`;
    case 'running':
      if (step.isLost) return 'lost with its worker, tried again once a worker takes the run';
      if (step.workerId !== undefined) return `on worker ${step.workerId}`;
      return step.childRunId === undefined ? '' : `run ${step.childRunId}`;
  }
}

function endedText(step: StepView): string {
  const outcome =
    step.outcome === undefined || ['ok', 'resolved', 'received'].includes(step.outcome) ? '' : step.outcome;
  const isDue = step.kind === 'approval' && step.outcome !== 'expired'; // only a person has a name
  const by = step.by === undefined ? (isDue ? 'at its deadline' : '') : `by ${step.by}`;
  const child = step.childRunId === undefined ? '' : `run ${step.childRunId}`;
  return [outcome, by, child].filter((part) => part !== '').join(' ');
}

function waitingText(step: StepView, now: number): string {
  if (step.childRunId !== undefined) return `waits for run ${step.childRunId}`;
  const message = step.message === undefined ? '' : `: ${oneLine(step.message)}`;
  const until = step.dueAt === undefined ? '' : `, until ${timeText(step.dueAt)}`;
  switch (step.kind) {
    case 'approval':
      return `waits for an approval${message}${until}`;
    case 'input':
      return `waits for an answer${message}${until}`;
    case 'signal':
      return `waits for a signal${until}`;
    case 'sleep':
      return step.dueAt === undefined ? 'sleeps' : `sleeps until ${timeText(step.dueAt)}`;
    default:
      return betweenAttempts(step, now);
  }
}

function betweenAttempts(step: StepView, now: number): string {
  const failure = step.failure ? failureLine(step.failure) : 'lost';
  if (step.dueAt === undefined) return failure;
  const delay = Date.parse(step.dueAt) - now;
  return `${failure}, next attempt ${delay > 0 ? `in ${formatDuration(delay)}` : 'now'}`;
}

function usageText(step: StepView): string {
  const { usage } = step;
  if (usage === undefined) return '';
  const tokens = usage.inputTokens + usage.outputTokens;
  const parts = [tokens > 0 ? `${tokens} tokens` : '', usage.costUsd === '0' ? '' : `$${usage.costUsd}`];
  return parts.filter((part) => part !== '').join(', ');
}
