/** Mutations of the rules of tasks: attempts of steps that wait for a worker of their queue. Played in worlds of tasks. */
import type { Mutation, Omission } from './mutation.ts';

const ATTEMPT = 'worker/task-attempt.ts';
const RUNNER = 'worker/task-runner.ts';
const STEPS = 'worker/step-runner.ts';
const ROWS = 'store/sqlite/task-rows.ts';
const REQUIREMENT = 'store/sqlite/requirement.ts';
const CLAIM = 'store/sqlite/claim.ts';
const WORKERS = 'store/sqlite/workers.ts';
const FORGOTTEN = '...db.all(selectForgotten).map(forgottenRowOf),';
const DISPATCH = 'worker/dispatch.ts';

export const taskMutations: readonly Mutation[] = [
  {
    id: 'T fence',
    family: 'tasks',
    without: 'what is recorded of a task is taken only from its holder',
    edits: [
      {
        file: REQUIREMENT,
        find: '(task === undefined ? undefined : taskProblem(group, head, task)) ??',
        replace: '(task === undefined ? undefined : (taskProblem(group, head, task), undefined)) ??',
      },
    ],
  },
  {
    id: 'T epoch in the fence',
    family: 'tasks',
    without: 'the fence of a task compares its epoch',
    edits: [
      {
        file: REQUIREMENT,
        find: 'if (row.epoch === epoch) return undefined;',
        replace: 'if (row.epoch >= 0) return undefined;',
      },
    ],
  },
  {
    id: 'T epoch raised',
    family: 'tasks',
    without: 'a claim of a task begins an epoch',
    edits: [
      {
        file: 'store/sqlite/queries/take-task.ts',
        find: 'epoch = epoch + 1 where',
        replace: 'epoch = epoch where',
      },
    ],
  },
  {
    id: 'T begun first',
    family: 'tasks',
    without: 'the start of a task is durable before it fires',
    edits: [
      {
        file: RUNNER,
        find: 'await this.#commit(attempt, event);\n    if (!readOrder',
        replace: 'void this.#commit(attempt, event).catch(() => undefined);\n    if (!readOrder',
      },
    ],
  },
  {
    id: 'T fresh beat',
    family: 'tasks',
    without: 'before an at-most-once attempt fires, the last beat is young or the task is confirmed',
    edits: [
      {
        file: RUNNER,
        find: '!readOrder(attempt.task).spec.isAtMostOnce || (await host.whenBeatIsFresh(since))',
        replace: 'since > 0 || (await host.whenBeatIsFresh(since))',
      },
    ],
  },
  {
    id: 'T begun in the row',
    family: 'tasks',
    without: 'the row of a task knows that its attempt has begun',
    edits: [
      {
        file: ROWS,
        find: "else if (event.type === 'step.started') db.run(beginTask, head.num, path, attempt);",
        replace: "else if (event.type === 'step.started') return;",
      },
    ],
  },
  {
    id: 'T freed',
    family: 'tasks',
    without: 'the tasks of a holder that is gone are taken from it',
    edits: [
      { file: CLAIM, find: 'db.run(freeTasks, num);', replace: '' },
      { file: WORKERS, find: FORGOTTEN, replace: '' }, // else it is looked for, and found, for ever
    ],
  },
  {
    id: 'T lost',
    family: 'tasks',
    without: 'an attempt whose worker is gone is recorded as lost',
    edits: [
      {
        file: RUNNER,
        find: 'if (task.hasBegun) return void this.#executeWith(attempt, () => this.#recordLoss(attempt));',
        replace: '',
      },
    ],
  },
  {
    id: 'T unknown effect',
    family: 'tasks',
    without: 'an at-most-once attempt that its worker died in is not simply tried again',
    edits: [
      {
        file: RUNNER,
        find: 'const isOnce = isAtMostOnce(attempt.task);',
        replace: 'const isOnce = attempt.task.run.num < 0 && isAtMostOnce(attempt.task);',
      },
    ],
  },
  {
    id: 'T surely gone',
    family: 'tasks',
    without: 'nobody judges what a silent worker did before it is surely gone',
    edits: [
      {
        file: RUNNER,
        find: 'if (isOnce) await this.#waitFor(formerHolder);',
        replace: 'if (isOnce && !formerHolder) await this.#waitFor(formerHolder);',
      },
    ],
  },
  {
    id: 'T keeps its deadline',
    family: 'tasks',
    without: 'the deadline of an at-most-once attempt that has begun is kept by its worker alone',
    edits: [
      {
        file: STEPS,
        find: "!(status === 'running' && spec.isAtMostOnce)",
        replace: "!(status === 'waiting')",
      },
    ],
  },
  {
    id: 'T overdue',
    family: 'tasks',
    without: 'the driver ends what is out when its deadline has passed',
    edits: [
      {
        file: STEPS,
        find: "if (this.#steps.count('away') === 0) return [];",
        replace: "if (this.#steps.count('away') >= 0) return [];",
      },
    ],
  },
  {
    id: 'T compares',
    family: 'tasks',
    without: 'a worker asks whether its tasks are still its own',
    edits: [
      {
        file: RUNNER,
        find: 'if (!isOpen || keys.has(keyOf(attempt.task))) continue;',
        replace: 'if (isOpen || keys.has(keyOf(attempt.task))) continue;',
      },
    ],
  },
  {
    id: 'T withdrawn',
    family: 'tasks',
    without: 'a cancelled step is withdrawn from its worker',
    edits: [{ file: ROWS, find: "  'step.cancelled',\n", replace: '' }],
  },
  {
    id: 'T cancel of what is out',
    family: 'tasks',
    without: 'the cancel of a step that is out is written',
    edits: [
      {
        file: STEPS,
        find: "(step.status === 'running' || step.status === 'away')",
        replace: "step.status === 'running'",
      },
    ],
  },
  {
    id: 'T claim unheard',
    family: 'tasks',
    without: 'a task whose claim went unanswered is found',
    edits: [
      {
        file: RUNNER,
        find: 'for (const task of unknown) this.#take(task);',
        replace: 'for (const task of unknown) keyOf(task);',
      },
    ],
  },
  {
    id: 'T claim in flight',
    family: 'tasks',
    without: '… also where every look meets a claim in flight',
    edits: [
      { file: RUNNER, find: 'if (this.#mustCompareAfterClaim) this.compare();', replace: '' },
      { file: RUNNER, find: 'else if (unknown.length > 0) this.compare();', replace: '' },
    ],
  },
  {
    id: 'T forgotten',
    family: 'tasks',
    without: 'what a holder without a row took is found',
    edits: [{ file: WORKERS, find: FORGOTTEN, replace: '' }],
  },
  {
    id: 'T one end',
    family: 'tasks',
    without: 'the end of an attempt takes its task away',
    edits: [{ file: ROWS, find: "  'step.completed',\n", replace: '' }],
  },
  {
    id: 'T pause',
    family: 'tasks',
    without: 'nobody begins a task of a run that is paused',
    edits: [{ file: ROWS, find: "  'run.paused',\n", replace: '' }],
  },
  {
    id: 'T park',
    family: 'tasks',
    without: 'nobody begins a task of a run that is parked',
    edits: [{ file: ROWS, find: "  'run.parked',\n", replace: '' }],
  },
  {
    id: 'T resume',
    family: 'tasks',
    without: 'tasks of a run that goes on can be begun again',
    edits: [{ file: ROWS, find: "  'run.resumed',\n", replace: '' }],
  },
  {
    id: 'T loss looked for',
    family: 'tasks',
    without: 'tasks that a dead worker had begun are looked for',
    edits: [
      {
        file: 'store/sqlite/claim-tasks.ts',
        find: 'db.all(lostTasks, 1).length > 0) ||',
        replace: 'db.all(lostTasks, 1).length > 9) ||',
      },
    ],
  },
  {
    id: 'T served',
    family: 'tasks',
    without: 'a worker claims tasks of the queues that it serves',
    edits: [
      {
        file: 'store/sqlite/claim-tasks.ts',
        find: '(queues === undefined || queues.includes(lane.queue))',
        replace: '(queues === undefined || queues.length > 0)',
      },
    ],
  },
  {
    id: 'T follows',
    family: 'tasks',
    without: 'a driver goes on from what the log says of a step that is out',
    edits: [
      { file: STEPS, find: 'if (known?.queue !== undefined) return this.#follow(step, known);', replace: '' },
    ],
  },
  {
    id: 'T dispatched',
    family: 'tasks',
    without: 'a step whose queue its driver does not serve is out',
    edits: [
      {
        file: DISPATCH,
        find: 'return queues !== undefined && !queues.has(queueOf(spec, kind));',
        replace: 'return false;',
      },
    ],
  },
  {
    id: 'T wakes its run',
    family: 'tasks',
    without: 'the end of a task makes its run due',
    edits: [
      {
        file: ATTEMPT,
        find: "isEnd ? { ...batch, wakes: 'arrival' } : batch",
        replace: 'batch',
      },
    ],
  },
];

export const taskOmissions: readonly Omission[] = [
  {
    rule: 'T, a step without a slot goes out only to a peer',
    why: 'it may as well wait as a task of its own: where it waits is no safety; test/scenario/steps-without-a-slot.test.ts holds it',
  },
  {
    rule: 'T, looks for tasks at a commit, and when a slot is free',
    why: 'the poll is the net: without them tasks begin later, not wrongly',
  },
  {
    rule: 'T, the end of a run removes its tasks',
    why: 'a net: every open attempt is closed in the commit of the end, and takes its task along',
  },
  {
    rule: 'T, what a claim may take: kinds, functions, turns of tenants',
    why: 'all simulated processes have the same kinds, and fairness is no safety: the contract suite of the stores holds both',
  },
];
