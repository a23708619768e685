/** What must hold of a run's row before a batch or an arrival is taken. */
import { isTerminal } from '../../run/index.ts';
import { EXTERNAL, type Fence, type Refused, type Requirement, type TaskFence } from '../index.ts';
import type { Group } from './group.ts';
import type { Head } from './head.ts';
import { selectTaskFence } from './queries/select-task-fence.ts';
import { selectWait } from './queries/select-wait.ts';

export function refused(reason: Refused['reason'], detail: string): Refused {
  return { type: 'refused', reason, detail };
}

/** Nothing follows the end of a run, and only its holder of this epoch writes as its holder. */
export function fenceProblem(group: Group, head: Head, fence: Fence | typeof EXTERNAL): Refused | undefined {
  if (isTerminal(head.status)) return refused('run_terminal', `the run is ${head.status}`);
  if (fence === EXTERNAL) return undefined;
  if (head.holder === null) return refused('lease_lost', 'nobody holds the run');
  if (head.holder !== group.names.holder(fence.holder))
    return refused('lease_lost', 'another holder has the run');
  if (head.epoch !== fence.epoch) {
    return refused('lease_lost', `the run is in epoch ${head.epoch}, the batch is of ${fence.epoch}`);
  }
  if (fence.readSeq > head.lastSeq) {
    return refused(
      'lease_lost',
      `history was set back: the log ends at ${head.lastSeq}, ${fence.readSeq} was read`,
    );
  }
  return undefined;
}

/** The first requirement that does not hold. */
export function unmetRequirement(
  group: Group,
  head: Head,
  requires: Requirement | undefined,
): Refused | undefined {
  if (requires === undefined) return undefined;
  const { openWait, status, unheldAt, task } = requires;
  if (status !== undefined && !status.includes(head.status))
    return refused('conflict', `the run is ${head.status}`);
  if (unheldAt !== undefined) {
    if (head.holder !== null) return refused('conflict', 'the run is held');
    if (head.lastSeq !== unheldAt)
      return refused('conflict', `the log ends at ${head.lastSeq}, not at ${unheldAt}`);
  }
  return (
    (task === undefined ? undefined : taskProblem(group, head, task)) ??
    (openWait === undefined ? undefined : waitProblem(group, head, openWait))
  );
}

/** Whoever had a task and lost it writes nothing about its attempt any more. */
function taskProblem({ db, names }: Group, head: Head, task: TaskFence): Refused | undefined {
  const { path, attempt, holder, epoch } = task;
  const row = db.get(selectTaskFence, head.num, path);
  if (row === undefined || row.attempt !== attempt)
    return refused('conflict', `attempt ${attempt} of "${path}" is no task any more`);
  if (row.holder === null || row.holder !== names.holder(holder))
    return refused('conflict', `another holder has the task of "${path}"`);
  if (row.epoch === epoch) return undefined;
  return refused('conflict', `the task of "${path}" is in epoch ${row.epoch}, the batch is of ${epoch}`);
}

/** The deadline is judged by the store's clock, even where nobody has written the expiry yet. */
function waitProblem({ db, now }: Group, head: Head, path: string): Refused | undefined {
  const wait = db.get(selectWait, head.num, path);
  if (wait === undefined) return refused('conflict', `"${path}" is not open`);
  if (wait.due_at === null || wait.due_at > now) return undefined;
  return { ...refused('conflict', `the deadline of "${path}" has passed`), isLate: true };
}
