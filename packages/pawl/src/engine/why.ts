/** Why a run does not move, and the command that moves it. */
import { isOpenStep, isTerminal, type RunState, type StepState, type WaitState } from '../run/index.ts';
import { shellWord } from '../std/index.ts';
import type { RunRow, WorkerRow } from '../store/index.ts';
import type { Why } from './api.ts';
import { gateCommand } from './gate-command.ts';

type Reason = Why['reasons'][number];

export interface WhyFacts {
  readonly row: RunRow;
  readonly state: RunState;
  /** Workers whose processes are alive, as far as can be told. */
  readonly workers: readonly Pick<WorkerRow, 'id' | 'serves' | 'queues'>[];
  /** Whether one of them holds the run. */
  readonly isDriven: boolean;
  readonly nowMs: number;
  /** Runs that its open children are now, by their paths: some of them, where they are many. */
  readonly children: ReadonlyMap<string, { readonly runId: string; readonly isCancelled: boolean }>;
  /** Where this process drives the run: calls that are open in its function. */
  readonly openCalls: readonly { readonly path: string; readonly kind: string }[] | undefined;
}

export function whyOf(facts: WhyFacts): Why {
  const { state } = facts;
  return { runId: state.runId, status: state.status, reasons: reasons(facts) };
}

function reasons(facts: WhyFacts): readonly Reason[] {
  const { state, row, nowMs } = facts;
  if (isTerminal(state.status)) return [ended(state)];
  if (state.parked) return [parked(state)];
  if (state.status === 'paused') return [{ text: 'It was paused.', command: `pawl resume ${state.runId}` }];
  const open = [...openWaits(state, nowMs), ...openSteps(facts), ...openChildren(facts)];
  if (state.cancelRequested) open.unshift({ text: 'It is being cancelled.' });
  const isOrphan = row.holder !== null && !facts.isDriven;
  const isDue = row.holder === null && row.dueAt !== null && row.dueAt <= nowMs;
  if ((isDue || isOrphan) && !isServed(facts)) return [...open, nobody(facts)];
  if (open.length > 0) return open;
  if (isOrphan) return [{ text: 'Its worker died: another one that serves it will take it.' }];
  if (row.holder === null)
    return [{ text: isDue ? 'It is queued: a worker that serves it will take it.' : 'Nothing is due.' }];
  const isIdleHere = facts.openCalls?.length === 0;
  if (isIdleHere)
    return [
      {
        text: 'Its function has no ctx call open and has not returned: it awaits something that is not ctx.',
      },
    ];
  return [{ text: `It is being driven by ${row.holder}.` }];
}

function ended(state: RunState): Reason {
  if (state.continuedTo !== undefined)
    return { text: `It went on as run ${state.continuedTo}.`, command: `pawl show ${state.continuedTo}` };
  if (state.status === 'failed') return { text: 'It failed.', command: `pawl show ${state.runId}` };
  return { text: `It is ${state.status}.` };
}

function parked(state: RunState): Reason {
  const { reason, message, path } = state.parked as NonNullable<RunState['parked']>;
  const text = `It is parked (${reason}): ${message}`;
  if (reason === 'unknown_effect') {
    return {
      text: `${text} If it happened: \`pawl answer ${state.runId} ${shellWord(path ?? 'STEP')} VALUE --by NAME\`. If it did not:`,
      command: `pawl retry ${state.runId}`,
    };
  }
  if (reason === 'diverged')
    return { text: `${text}. Deploy code that fits, then:`, command: `pawl resume ${state.runId}` };
  if (reason === 'step_limit')
    return { text, command: `pawl resume ${state.runId} --max-steps ${twiceTheLimit(message)}` };
  if (reason === 'deadlocked') return { text, command: `pawl cancel ${state.runId}` };
  return { text, command: `pawl retry ${state.runId}` };
}

/** The recorded message names the limit. */
function twiceTheLimit(message: string): string {
  const limit = /\d+/.exec(message)?.[0];
  return limit === undefined ? 'N' : String(2 * Number(limit));
}

function isServed({ row, workers }: WhyFacts): boolean {
  return workers.some((worker) => worker.serves.includes(`${row.workflow}@${row.version}`));
}

function nobody({ row }: WhyFacts): Reason {
  return {
    text: `no_worker_version: no live worker serves ${row.workflow} version ${row.version}.`,
    command: 'pawl worker FILE',
  };
}

function until(dueAt: number | null | undefined): string {
  return dueAt ? ` until ${new Date(dueAt).toISOString()}` : '';
}

function openWaits(state: RunState, nowMs: number): Reason[] {
  return [...state.waits.values()]
    .filter((wait) => wait.status === 'open')
    .map((wait) => waitReason(state.runId, wait, nowMs));
}

function waitReason(runId: string, wait: WaitState, nowMs: number): Reason {
  const { path, dueAt, message, kind } = wait;
  const ends = dueAt !== undefined && dueAt <= nowMs ? ' (due now)' : until(dueAt);
  if (kind === 'sleep') return { text: `It sleeps in "${path}"${ends}.` };
  const command = gateCommand(runId, { ...wait, kind });
  if (kind === 'signal') return { text: `It waits for the signal "${wait.name}"${ends}.`, command };
  const asked = message === undefined ? '' : `: ${message}`;
  const what = kind === 'input' ? 'an answer to' : 'a decision on';
  return { text: `It waits for ${what} "${path}"${ends}${asked}`, command };
}

/** Its attempt is a task: with a worker, or with none. */
function dispatched(step: StepState, { workers, nowMs }: WhyFacts): Reason {
  const { path, attempt, queue = '', status, workerId = '', startedAt } = step;
  if (status === 'running') {
    const isAlive = workers.some(({ id }) => id === workerId);
    const seconds = Math.round(Math.max(0, nowMs - startedAt) / 1_000);
    return isAlive
      ? {
          text: `Step "${path}" has been running for ${seconds} s on worker ${workerId} (attempt ${attempt}).`,
        }
      : { text: `Step "${path}" (attempt ${attempt}) was lost with worker ${workerId}.` };
  }
  if (workers.some(({ queues }) => queues === undefined || queues.includes(queue)))
    return {
      text: `Step "${path}" waits for a slot of a worker that serves queue "${queue}" and has "${step.needs ?? step.kind}".`,
    };
  return {
    text: `no_queue_worker: no live worker serves queue "${queue}", for which step "${path}" waits.`,
    command: `pawl worker --queue ${shellWord(queue)}`,
  };
}

function openSteps(facts: WhyFacts): Reason[] {
  const { state, nowMs, isDriven } = facts;
  return [...state.steps.values()].filter(isOpenStep).map((step) => {
    if (step.status === 'pending' || (step.status === 'running' && step.queue !== undefined))
      return dispatched(step, facts);
    const since = Math.max(0, nowMs - step.startedAt);
    if (step.status === 'running' && !isDriven)
      return {
        text: `Step "${step.path}" (attempt ${step.attempt}) was lost with its worker; the next worker that takes the run tries it again, or asks about it where it is atMostOnce.`,
      };
    if (step.status === 'running')
      return {
        text: `Step "${step.path}" has been running for ${Math.round(since / 1_000)} s (attempt ${step.attempt}).`,
      };
    if (step.dueAt === null)
      return { text: `Step "${step.path}" waits for an operator.`, command: `pawl retry ${state.runId}` };
    if (step.used === 0)
      return { text: `Step "${step.path}" was lost with its worker, and is tried again at once.` };
    const times = step.used === 1 ? 'once' : `${step.used} times`;
    const at = step.dueAt ? ` at ${new Date(step.dueAt).toISOString()}` : ' at once';
    return { text: `Step "${step.path}" failed ${times} and is tried again${at}.` };
  });
}

/** A run ends after its children, also after those that it does not need any more. */
function openChildren({ state, children }: WhyFacts): Reason[] {
  return [...state.children.values()]
    .filter((child) => child.status === 'running')
    .map(({ path, childRunId, workflow }) => {
      const { runId, isCancelled } = children.get(path) ?? { runId: childRunId, isCancelled: false };
      const text = isCancelled
        ? `It ends after its child run ${runId} (${workflow}), which is being cancelled.`
        : `It waits for its child run ${runId} (${workflow}).`;
      return { text, command: `pawl why ${runId}` };
    });
}
