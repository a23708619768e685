/** Mutations of the rules of JOURNAL A: what is written when, who may write it, in which order anybody sees it. */
import type { Mutation, Omission } from './mutation.ts';

const SESSION = 'worker/session.ts';
const OUTBOX = 'worker/outbox.ts';
const STEPS = 'worker/step-runner.ts';
const APPLY = 'store/sqlite/apply-batch.ts';
const REQUIREMENT = 'store/sqlite/requirement.ts';

export const commitMutations: readonly Mutation[] = [
  {
    id: 'A1 order',
    without: 'batches keep the order of what was produced',
    edits: [
      {
        file: OUTBOX,
        find: 'const entries = this.#compacted();',
        replace: 'const entries = [...this.#compacted()].reverse();',
      },
    ],
  },
  {
    id: 'A1 dropped',
    without: 'what is behind a doubtful batch is dropped, and not sent again',
    edits: [
      {
        file: SESSION,
        find: 'this.steps.salvage(this.outbox.drop());\n    this.outbox = this.#newOutbox();\n    this.#restart();',
        replace:
          "this.outbox.sendOneByOne();\n    this.#phase = 'live';\n    this.flush();\n    this.scheduleTurn();",
      },
    ],
  },
  {
    id: 'A1 folded again',
    without: 'the function in memory is given up after an unknown fate',
    edits: [
      {
        file: SESSION,
        find: 'this.outbox = this.#newOutbox();\n    this.#restart();',
        replace: "this.outbox = this.#newOutbox();\n    this.#phase = 'live';\n    this.scheduleTurn();",
      },
    ],
  },
  {
    id: 'A2 seen',
    without: 'a conclusion applies only if nothing arrived that its writer had not seen',
    edits: [
      { file: APPLY, find: 'head.arrivedSeq <= prepared.conclusion.conclusion.seenSeq', replace: 'true' },
    ],
  },
  {
    id: 'A2 facts stand',
    without: 'the facts of a batch stand where its conclusion is left out',
    edits: [
      {
        file: APPLY,
        find: 'const answer = apply(group, head, { ...prepared, conclusion });',
        replace:
          'const answer = apply(group, head, prepared.conclusion === conclusion ? prepared : { ...prepared, events: [], conclusion });',
      },
    ],
  },
  {
    id: 'A2 takes what arrived',
    without: 'a driver that is behind first takes what arrived',
    edits: [
      {
        file: SESSION,
        find: 'if (isBehind) this.#intake.note();\n    else this.#intake.catchUp();',
        replace: 'if (!isBehind) this.#intake.catchUp();',
      },
    ],
  },
  {
    id: 'A2 no running ahead',
    without: 'the driver does not run ahead of a conclusion',
    edits: [
      {
        file: 'worker/outcomes.ts',
        find: 'outbox.hasConclusion || state.cancelRequested || ending',
        replace: 'ending',
      },
      {
        file: SESSION,
        find: '    if (this.outbox.hasConclusion) return;\n    if (this.state.cancelRequested &&',
        replace: '    if (this.state.cancelRequested &&',
      },
    ],
  },
  {
    id: 'A3 due',
    without: 'an arrival makes its run due',
    edits: [
      {
        file: 'store/sqlite/arrive.ts',
        find: "set(head, 'dueAt', Math.min(head.dueAt ?? group.now, group.now));",
        replace: '',
      },
    ],
  },
  {
    id: 'A3 verbs',
    without: "an operator's verb makes any unfinished run due",
    edits: [
      {
        file: 'engine/acts.ts',
        find: "wakes: 'always',\n      requires: { status: act.from },",
        replace: 'requires: { status: act.from },',
      },
      {
        file: 'engine/acts.ts',
        find: "wakes: act.wakes ?? 'arrival',",
        replace: "...(act.requires?.status ? {} : { wakes: act.wakes ?? ('arrival' as const) }),",
      },
    ],
  },
  {
    id: 'A3 requires',
    without: 'a decision needs its wait to be open',
    edits: [
      {
        file: REQUIREMENT,
        find: 'openWait === undefined ? undefined : waitProblem(group, head, openWait)',
        replace: 'openWait === "" ? waitProblem(group, head, openWait) : undefined',
      },
    ],
  },
  {
    id: 'A3 late',
    without: 'a decision past the deadline is refused although nobody has written the expiry',
    edits: [
      {
        file: REQUIREMENT,
        find: 'wait.due_at === null || wait.due_at > now',
        replace: 'wait.due_at === null || wait.due_at > 0 * now',
      },
    ],
  },
  {
    id: 'A4 claims again',
    without: 'an unknown fate is resolved by claiming again, not by reading',
    edits: [
      {
        file: 'worker/claim-again.ts',
        find: 'return await host.store.reclaim(held.run, host.workerId, epoch);',
        replace:
          'return { row: { epoch: held.epoch, now: await host.store.getRun(held.run.tenant, held.run.runId) } };',
      },
    ],
  },
  {
    id: 'A4 resend',
    without: 'a resend gets the first answer',
    edits: [
      { file: APPLY, find: 'if (first !== undefined) return first;', replace: '' },
      {
        file: APPLY,
        find: 'db.run(insertAnswer, head.num, batch.dedupeId, now, JSON.stringify(answer));',
        replace: '',
      },
    ],
  },
  {
    id: 'A4 attached',
    without: 'attempts that run are kept through an unknown fate',
    edits: [{ file: STEPS, find: 'if (step.isDetached) continue;', replace: '' }],
  },
  {
    id: 'A4 salvaged',
    without: 'ends that a doubtful commit lost are recorded again',
    edits: [
      { file: SESSION, find: 'this.steps.salvage(this.outbox.drop());', replace: 'this.outbox.drop();' },
    ],
  },
  {
    id: 'A4 retries salvaged',
    without: 'ends of attempts that are tried again are among them',
    edits: [
      {
        file: OUTBOX,
        find: "event.type === 'step.failed' || event.type === 'step.retried',",
        replace: "event.type === 'step.failed',",
      },
    ],
  },
  {
    id: 'A4 start in doubt',
    without: 'an at-most-once step whose start is in doubt is asked for again',
    edits: [
      {
        file: STEPS,
        find: "step.status === 'running' && !step.awaitsStart &&",
        replace: "step.status === 'running' &&",
      },
      { file: SESSION, find: "this.#waiters.fail('the fate of a commit was unknown');", replace: '' },
    ],
  },
  {
    id: 'A4 new outbox',
    without: 'an attempt that is kept takes the barrier of the new outbox',
    edits: [{ file: STEPS, find: 'Object.assign(step, asked);', replace: '' }],
  },
  {
    id: 'A5 epoch',
    without: 'the fence compares the epoch',
    edits: [{ file: REQUIREMENT, find: 'head.epoch !== fence.epoch', replace: 'head.epoch < fence.epoch' }],
  },
  {
    id: 'A6 written behind',
    without: 'a start is written in its own right after 25 ms',
    edits: [{ file: SESSION, find: '      this.outbox.force();\n      this.flush();', replace: '' }],
  },
  {
    id: 'A6 once first',
    without: 'an at-most-once step waits until its start is durable',
    edits: [
      { file: STEPS, find: 'if (step.spec.isAtMostOnce) return this.#beginOnce(step, event);', replace: '' },
    ],
  },
  {
    id: 'A7 only open call',
    without: 'an outcome runs ahead of the disk only where it belongs to the only open call',
    edits: [
      {
        file: 'worker/outcomes.ts',
        find: 'driver.openCount === 1 && driver.isOpen(path)',
        replace: 'driver.isOpen(path)',
      },
    ],
  },
  {
    id: 'A7 no gaps',
    without: 'what lies between is read before a commit of our own is taken in',
    edits: [
      {
        file: SESSION,
        find: 'events.length > 0 && firstSeq > this.state.lastSeq + 1',
        replace: 'events.length < 0',
      },
    ],
  },
  {
    id: 'A7 effects wait',
    without: 'an effect waits for what the function had before it called',
    edits: [
      {
        file: STEPS,
        find: 'if (!isTask && step.barrier > this.#session.outbox.durable) return;',
        replace: '',
      },
    ],
  },
  {
    id: 'A7 repeatable',
    without: 'only a repeatable step may fire on repeatable outcomes that are not durable',
    edits: [
      {
        file: 'worker/command-desk.ts',
        find: 'command.step.isRepeatable ? barriers.firm : barriers.any',
        replace: 'barriers.firm',
      },
    ],
  },
  {
    id: 'A9 child',
    without: "child.started and the child's first event are one transaction",
    edits: [
      {
        file: APPLY,
        find: 'for (const run of part.creates) done.created.push(createRun(group, run));',
        replace:
          'for (const run of part.creates) if (run.run.parentRunId === undefined) done.created.push(createRun(group, run));',
      },
    ],
  },
  {
    id: 'A9 child end',
    without: "the child's end and the parent's child.ended are one transaction",
    edits: [{ file: 'worker/endings.ts', find: '...(parent ? { arrivals: [parent] } : {}),', replace: '' }],
  },
  {
    id: 'A9 continued',
    without: 'a run and the one that it goes on as are one transaction',
    edits: [
      { file: 'worker/endings.ts', find: '...(end.creates ? { creates: end.creates } : {}),', replace: '' },
    ],
  },
  {
    id: 'A9 parent of continued',
    without: 'a continued run keeps its parent',
    edits: [
      {
        file: 'worker/conclude.ts',
        find: 'parentRunId === undefined ? {} : { parentRunId,',
        replace: 'parentRunId === parentRunId ? {} : { parentRunId,',
      },
    ],
  },
  {
    id: 'A9 children first',
    without: 'a run is terminal only after its children are',
    edits: [{ file: 'worker/conclude.ts', find: '    isWaiting = true;\n', replace: '' }],
  },
  {
    id: 'A9 nothing behind',
    without: 'nothing is accepted behind the end of a run',
    edits: [
      {
        file: REQUIREMENT,
        find: "if (isTerminal(head.status)) return refused('run_terminal', `the run is ${head.status}`);",
        replace:
          "if (isTerminal(head.status) && fence !== EXTERNAL) return refused('run_terminal', `the run is ${head.status}`);",
      },
    ],
  },
  {
    id: 'A9 forwarded',
    without: 'the old id of a continued run forwards signals',
    edits: [
      {
        file: 'engine/acts.ts',
        find: 'return state.continuedTo;',
        replace: 'return state.continuedTo === undefined ? undefined : undefined;',
      },
    ],
  },
  {
    id: 'B carried',
    without: 'a continued run takes the signals along that nobody consumed',
    edits: [
      {
        file: 'worker/conclude.ts',
        find: 'payload: checked.payload }, ...carriedSignals(session)]',
        replace: 'payload: checked.payload }, ...carriedSignals(session).slice(0, 0)]',
      },
    ],
  },
  {
    id: 'B ledger',
    without: 'the ledger has a line for every attempt that used something',
    edits: [{ file: APPLY, find: 'writeLedger(group, head, batch.ledger);', replace: '' }],
  },
  {
    id: 'B ledger at the end',
    without: 'the ledger has a line for attempts that the end of their run cancelled',
    edits: [{ file: APPLY, find: 'writeLedger(group, head, conclusion.conclusion.ledger);', replace: '' }],
  },
  {
    id: 'A10 end of a loser',
    without: 'what is sealed is not cancelled where its end is on its way',
    edits: [{ file: 'worker/command-desk.ts', find: 'if (outbox.endsCall(path)) return;', replace: '' }],
  },
  {
    id: 'A10 one end',
    without: 'an attempt whose end is on its way is not ended again',
    edits: [
      {
        file: 'worker/endings.ts',
        find: 'if (outbox.endsCall(path)) continue; // its end is on its way: an attempt has one',
        replace: '',
      },
    ],
  },
];

export const commitOmissions: readonly Omission[] = [
  {
    rule: 'A1, batches fail alone',
    why: 'no simulated batch is one that a store cannot hold; the contract suite of the stores does that',
  },
  {
    rule: 'A3, externals are never merged',
    why: 'an external batch is its own batch in the types; the contract suite holds that a lost lease refuses no neighbor',
  },
  {
    rule: 'A5, holder in the fence',
    why: 'not needed where history is never set back: every claim has an epoch of its own',
  },
  {
    rule: 'A5, history set back',
    why: 'the simulated disk never forgets a commit; test/contract/sqlite-file.test.ts sets a file back',
  },
  {
    rule: 'A6, folded starts',
    why: 'not needed to be right: a start of its own says the same in one row more',
  },
  {
    rule: 'A8 values',
    why: 'simulated programs return plain JSON; the unit tests of std and step send everything else',
  },
  { rule: 'A9, order of row locks', why: 'one thread has no deadlocks; for stores that lock rows' },
  { rule: 'A10 checksum', why: 'no simulated bit flips; test/contract/sqlite-file.test.ts damages events' },
];
