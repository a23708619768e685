/** What must be true of a world when it is over. */
import type { StoredEvent } from '../../../packages/pawl/src/run/index.ts';
import type { Store } from '../../../packages/pawl/src/store/index.ts';
import type { Accepted } from '../world/people.ts';
import type { Seen } from './seen.ts';
import type { Judge } from './violation.ts';
import type { WatchedRun } from './watched-run.ts';

export interface Ended {
  readonly store: Store;
  readonly runs: readonly WatchedRun[];
  readonly accepted: readonly Accepted[];
  /** Messages that each run was sent. */
  readonly messages: ReadonlyMap<string, readonly string[]>;
  readonly seen: Seen;
  /** Whether a workflow has an `onCancel`. */
  readonly cleansUp: (workflow: string) => boolean;
  readonly judge: Judge;
}

export async function judgeEnd(ended: Ended): Promise<void> {
  for (const run of ended.runs) {
    await judgeLog(ended, run);
    judgeCancel(run, ended);
  }
  for (const one of ended.accepted) judgeAccepted(ended, one);
  for (const [runId, messages] of ended.messages) judgeMessages(ended, runId, messages);
}

/** Nothing that was written once has changed since. */
async function judgeLog({ store, judge }: Ended, run: WatchedRun): Promise<void> {
  const ref = { tenant: 'default', runId: run.id, num: run.num };
  const now = await store.readEvents(ref, 0, 10_000);
  if (JSON.stringify(now) !== JSON.stringify(run.events)) judge('dense', `the log of ${run.id} was changed`);
}

/** A cancel that stands in the log is how the run ends. */
function judgeCancel(run: WatchedRun, { judge, cleansUp }: Ended): void {
  const isCancelled = run.events.some((event) => event.type === 'run.cancel_requested');
  if (isCancelled && run.row.status !== 'cancelled')
    judge('conclusions', `${run.id} is ${run.row.status} although its cancel was recorded`);
  const hasBegun = run.events.some((event) => event.type.startsWith('step.'));
  if (run.row.status === 'cancelled' && hasBegun && cleansUp(run.row.workflow) && !run.ends.has(':onCancel'))
    judge('clean up', `${run.id} was cancelled without its onCancel`);
}

function judgeAccepted({ runs, judge }: Ended, one: Accepted): void {
  const chain = chainOf(runs, one.runId);
  const events = chain.flatMap((run) => originals(run));
  if (one.what === 'signal') {
    const found = events.filter(
      (event) => event.type === 'signal.received' && event.payload === JSON.stringify(one.value),
    );
    if (found.length !== 1)
      judge('signals', `the message ${one.value} to ${one.runId} stands ${found.length} times in its log`);
    return;
  }
  const outcome = chain[0]?.state.waits.get(one.path)?.outcome;
  if (outcome !== one.value)
    judge('signals', `"${one.path}" of ${one.runId} was ${one.value}, its run says ${outcome}`);
}

/** A run and the ones that it went on as. */
function chainOf(runs: readonly WatchedRun[], runId: string): readonly WatchedRun[] {
  const run = runs.find((one) => one.id === runId);
  if (!run) return [];
  const { continuedTo } = run.state;
  return continuedTo === undefined ? [run] : [run, ...chainOf(runs, continuedTo)];
}

/** Events of a run without the messages that it took along from the run before it. */
function originals(run: WatchedRun): readonly StoredEvent[] {
  if (run.state.created.trigger.kind !== 'continued') return run.events;
  const next = run.events.findIndex((event, index) => index > 0 && event.type !== 'signal.received');
  const end = next === -1 ? run.events.length : next;
  const { at } = run.state.created;
  return run.events.filter((event, index) => index >= end || index === 0 || event.at !== at);
}

/** Where the whole program was played, every message was received, and each once. */
function judgeMessages({ runs, seen, judge }: Ended, runId: string, messages: readonly string[]): void {
  const chain = chainOf(runs, runId);
  if (chain.at(-1)?.row.status !== 'completed') return;
  const got = chain
    .flatMap((run) => seen.of(run.id))
    .flatMap((line) => messages.filter((one) => line === messageLine(one)));
  for (const message of messages) {
    const times = got.filter((one) => one === message).length;
    if (times !== 1) judge('signals', `${runId} got the message ${message} ${times} times`);
  }
}

function messageLine(message: string): string {
  return `${message.slice(0, message.indexOf('-'))}=${JSON.stringify(message)}`;
}
