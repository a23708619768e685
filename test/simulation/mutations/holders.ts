/** Mutations of the rules of JOURNAL C: who holds a run, how the dead are noticed, what becomes of their attempts. */
import type { Mutation, Omission } from './mutation.ts';

const STEPS = 'worker/step-runner.ts';
const ROUNDS = 'worker/rounds.ts';
const WORKER = 'worker/worker.ts';
const BEATS = 'worker/beats.ts';
const DEATH = 'worker/death-watch.ts';

export const holderMutations: readonly Mutation[] = [
  {
    id: 'C served',
    without: 'a worker claims only versions that it serves',
    edits: [
      {
        file: 'store/sqlite/claim.ts',
        find: 'lane.format <= EVENT_FORMAT && versions.get(lane.workflow)?.has(lane.version) === true',
        replace: 'lane.format <= EVENT_FORMAT && versions.has(lane.workflow)',
      },
    ],
  },
  {
    id: 'C beats',
    without: 'a holder beats',
    edits: [{ file: 'worker/defaults.ts', find: 'BEAT_MS = 10_000', replace: 'BEAT_MS = 60_000' }],
  },
  {
    id: 'C silence',
    without: 'a holder is silent only after it has missed two beats',
    edits: [{ file: 'worker/defaults.ts', find: 'SILENT_MS = 30_000', replace: 'SILENT_MS = 4_000' }],
  },
  {
    id: 'C monotonic',
    without: 'silence is judged on a monotonic clock',
    edits: [
      {
        file: DEATH,
        find: 'const now = this.#platform.clock.monotonic();',
        replace: 'const now = this.#platform.clock.now();',
      },
      {
        file: DEATH,
        find: 'this.#platform.clock.monotonic() - sighting.seenMonotonic',
        replace: 'this.#platform.clock.now() - sighting.seenMonotonic',
      },
    ],
  },
  {
    id: 'C looks again',
    without: 'an observer that was stopped looks again before it judges',
    edits: [{ file: DEATH, find: 'if (!wasRefreshed) await this.refresh();', replace: '' }],
  },
  {
    id: 'C silent holders',
    without: 'the runs of a silent holder can be taken',
    edits: [
      { file: DEATH, find: 'if (this.#isSilent(id)) dead.push({ id, isProven: false });', replace: '' },
    ],
  },
  {
    id: 'C lost',
    without: 'an attempt whose holder is gone is recorded as lost',
    edits: [
      {
        file: STEPS,
        find: "outbox.add({ type: 'step.lost', path: step.spec.path, data: numbered(attempt) });\n      this.#session.flush();",
        replace: 'outbox.force();',
      },
    ],
  },
  {
    id: 'C lost is free',
    without: 'a lost attempt does not use up the attempts of its step',
    edits: [
      {
        file: 'run/fold-steps.ts',
        find: "step.status = 'waiting';\n  step.dueAt = 0;",
        replace: "step.status = 'waiting';\n  step.used++;\n  step.dueAt = 0;",
      },
    ],
  },
  {
    id: 'C unknown effect',
    without: 'an at-most-once attempt of unknown fate is not simply tried again',
    edits: [
      {
        file: STEPS,
        find: 'if (!step.spec.isAtMostOnce || !hasFired) {',
        replace: 'if (step.spec.isAtMostOnce || !hasFired || !step.spec.isAtMostOnce) {',
      },
    ],
  },
  {
    id: 'C fresh beat',
    without: 'before an at-most-once step fires, the last beat is young or the run is confirmed',
    edits: [
      {
        file: STEPS,
        find: 'if (!(await host.whenBeatIsFresh(since))) await this.#session.confirmHeld();',
        replace: '',
      },
    ],
  },
  {
    id: 'C cancelled start',
    without: 'an at-most-once attempt that was cancelled while its start was written does not fire',
    edits: [
      {
        file: 'worker/pipeline/execute.ts',
        find: 'if (!execution.stop.isStopped) return fireAndTime(execution);',
        replace: 'if (execution) return fireAndTime(execution);',
      },
    ],
  },
  {
    id: 'C compares',
    without: 'a worker compares what it holds with its memory',
    edits: [
      {
        file: WORKER,
        find: 'const rows = await part.heldBy(workerId);',
        replace:
          'const rows = (await part.heldBy(workerId)).filter((row) => this.#sessions.has(row.run.num));',
      },
    ],
  },
  {
    id: 'C on its way',
    without: 'a run whose creation or claim is on its way is not taken up a second time',
    edits: [{ file: WORKER, find: 'if (!session && !isOnItsWay)', replace: 'if (!session)' }],
  },
  {
    id: 'C poll',
    without: 'a poll is the net under the wake-ups',
    edits: [
      {
        file: ROUNDS,
        find: 'void this.guarded(() => this.#round()).then(() => this.#watchDeaths());',
        replace: '',
      },
    ],
  },
  {
    id: 'C outlives the store',
    without: 'a heartbeat that fails is tried again',
    edits: [
      { file: BEATS, find: 'this.#arm(Math.round(1_000 * (0.8 + 0.4 * platform.random())));', replace: '' },
    ],
  },
  {
    id: 'C replay outlives the store',
    without: 'a replay asks a store again that is away',
    edits: [
      {
        file: 'worker/log-reader.ts',
        find: "if (!isPawlError(error) || error.code !== 'STORE_UNAVAILABLE') throw error;",
        replace: 'throw error;',
      },
    ],
  },
];

export const holderOmissions: readonly Omission[] = [
  {
    rule: 'C, compare-and-set of a claim',
    why: 'claims of one store are one after the other here, as in SQLite under its write lock; for stores that claim side by side',
  },
  { rule: 'C, order of claims', why: 'fairness is no safety: the contract suite holds the turns' },
  {
    rule: 'C, dead at once',
    why: 'without the proof the dead are noticed by their silence: later, not wrongly',
  },
  {
    rule: 'C, strikes and quarantine',
    why: 'processes die by the plan and not by their runs; test/crash/poison.test.ts kills by a step',
  },
  {
    rule: 'C, sixty seconds before reconcile',
    why: 'it is for work that goes on after its start, and simulated effects happen at their start',
  },
  { rule: 'C, slots', why: 'a limit of load; worlds with one slot run as right as those with a hundred' },
  {
    rule: 'C, busy files, bursts, PostgreSQL',
    why: 'one connection serves all simulated processes: test/contract/sqlite-processes.test.ts has real ones',
  },
];
