/** Mutations of the rules of JOURNAL D: how a function is driven through its log. */
import type { Mutation, Omission } from './mutation.ts';

const DRIVER = 'replay/driver.ts';
const SESSION = 'worker/session.ts';

export const driverMutations: readonly Mutation[] = [
  {
    id: 'D1 one a turn',
    without: 'one outcome a turn',
    edits: [
      {
        file: 'worker/drivers.ts',
        find: '    if (!driver.isSynchronous) return true;\n  }\n  return false;',
        replace: '    if (!driver.isSynchronous && deliveries.isEmpty) return true;\n  }\n  return false;',
      },
    ],
  },
  {
    id: 'D1 log order',
    without: 'outcomes are delivered in the order of the log',
    edits: [
      {
        file: 'worker/delivery-queue.ts',
        find: 'return this.#waiting.shift();',
        replace: 'return this.#waiting.pop();',
      },
    ],
  },
  {
    id: 'D2 recorded',
    without: 'the pipeline obeys what is recorded: a step that has ended is not cancelled',
    edits: [
      {
        file: 'worker/command-desk.ts',
        find: 'steps.has(path) || (known && isOpenStep(known)) ? steps.cancel(path, command.reason) : undefined;',
        replace:
          "steps.cancel(path, command.reason) ?? { type: 'step.cancelled' as const, path, data: { reason: String(known && isOpenStep(known)) } };",
      },
    ],
  },
  {
    id: 'D3 parks',
    without: 'code that asks for something else than the log holds parks before it fires',
    edits: [
      {
        file: SESSION,
        find: "if (end.type === 'diverged') {",
        replace: "if (end.type === 'diverged' && this.isOver) {",
      },
      {
        file: SESSION,
        find: "if (this.driver.difference !== undefined) return this.park('diverged', this.driver.difference);",
        replace: '',
      },
    ],
  },
  {
    id: 'D3 caught up',
    without: 'calls without a record wait until everything recorded is delivered',
    edits: [
      {
        file: DRIVER,
        find: 'if (!this.#isCaughtUp || this.#isAbandoned) return [];',
        replace: 'if (this.#isAbandoned) return [];',
      },
      {
        file: 'worker/replay-log.ts',
        find: '    driver.deliver(delivery);\n',
        replace:
          '    driver.deliver(delivery);\n    driver.catchUp();\n    for (const command of driver.takeCommands()) if (command.type === "ScheduleStep") this.#session.steps.schedule(command.step, 0);\n    (this.#session as unknown as { outbox: unknown }).outbox;\n',
      },
      {
        file: 'worker/step-runner.ts',
        find: 'if (!this.#session.mayFire || step.isCancelled) return;',
        replace: 'if (step.isCancelled) return;',
      },
    ],
  },
  {
    id: 'D4 patience',
    without: 'a replay waits for a call behind something that is not ctx',
    edits: [
      {
        file: 'worker/replay-log.ts',
        find: 'if (restMs <= 0) return;',
        replace: 'if (restMs <= 60_000) return;',
      },
    ],
  },
  {
    id: 'D4 stays in memory',
    without: 'a run with no call open stays in memory',
    edits: [{ file: 'worker/conclude.ts', find: ' || driver.openCount === 0', replace: '' }],
  },
  {
    id: 'D5 same signal',
    without: 'a signal that is open in the scope gives the same promise',
    edits: [
      {
        file: 'replay/wait-calls.ts',
        find: 'if (open) return open as CtxPromise<T | undefined>;',
        replace: '',
      },
      {
        file: 'replay/wait-calls.ts',
        find: "mayOverlap: wait.kind === 'sleep',",
        replace: 'mayOverlap: true,',
      },
    ],
  },
  {
    id: 'D5 occurrence',
    without: 'a repeated name takes its occurrence',
    edits: [{ file: 'replay/scope.ts', find: '    this.#occurrences.set(name, occurrence);', replace: '' }],
  },
  {
    id: 'D6 sealed losers',
    without: 'a race seals its losers',
    edits: [
      {
        file: 'replay/parallel-calls.ts',
        find: 'if (other !== index) site.driver.sealScope',
        replace: 'if (other < 0) site.driver.sealScope',
      },
    ],
  },
  {
    id: 'D6 signal goes back',
    without: 'a signal that only a sealed loser got goes back to the buffer',
    edits: [
      {
        file: 'run/fold-waits.ts',
        find: 'return match(state, wait.name, given.signal);',
        replace: 'return undefined;',
      },
    ],
  },
  {
    id: 'D7 sealed end',
    without: 'what is open at the end is closed in its commit',
    edits: [
      {
        file: 'worker/conclude.ts',
        find: '  finish(session, {\n    event,\n    closing: closingEvents(session, { reason, after: session.driver.deliveries }),\n  });\n}\n\nexport function finish(',
        replace:
          '  finish(session, {\n    event,\n    closing: closingEvents(session, { reason, after: session.driver.deliveries }).slice(0, 0),\n  });\n}\n\nexport function finish(',
      },
    ],
  },
  {
    id: 'D8 derived',
    without: 'random numbers and ids are derived',
    edits: [
      {
        file: 'replay/derive.ts',
        find: 'const hex = digestText(seed);',
        replace: 'const hex = digestText(seed + String(derivations++));',
      },
      {
        file: 'replay/derive.ts',
        find: '/** A number in [0, 1) with 52 random bits. */',
        replace: 'let derivations = 0;\n',
      },
    ],
  },
  {
    id: 'D8 patched',
    without: 'patched is false where the log holds a call that was not yet made',
    edits: [
      {
        file: DRIVER,
        find: 'if (!isRecorded && this.#matched < this.#setup.survey.calls) {',
        replace: 'if (!isRecorded && this.#matched < 0) {',
      },
    ],
  },
  {
    id: 'D8 patched marker',
    without: 'the first answer of patched is recorded',
    edits: [
      {
        file: DRIVER,
        find: "if (!isRecorded) this.#issue({ type: 'RecordMarker', path, marker: { kind: 'patched', after } });",
        replace: 'void after;',
      },
    ],
  },
  {
    id: 'D10 pause',
    without: 'a paused run starts nothing new',
    edits: [
      {
        file: SESSION,
        find: "if (this.#phase !== 'live' || this.#isDraining || status === 'paused' || status === 'parked')\n      return false;",
        replace: "if (this.#phase !== 'live' || this.#isDraining) return false;",
      },
      {
        file: SESSION,
        find: "if (this.#isDraining || this.state.status === 'paused' || this.state.status === 'parked')",
        replace: 'if (this.#isDraining)',
      },
    ],
  },
  {
    id: 'D10 cancel',
    without: 'a cancelled run fires nothing but its clean-up',
    edits: [
      {
        file: SESSION,
        find: 'return cancelRequested ? this.cancelFlow.isCleaningUp : this.ending === undefined;',
        replace: 'return cancelRequested !== null && this.ending === undefined;',
      },
      {
        file: 'replay/driver.ts',
        find: '    this.abandon(reason);\n    return false;',
        replace: '    return false;',
      },
      {
        file: SESSION,
        find: '    if (this.state.cancelRequested && this.cancelFlow.turn()) return',
        replace:
          '    for (const command of this.driver.takeCommands()) this.#obey(command);\n    if (this.state.cancelRequested && this.cancelFlow.turn()) return',
      },
    ],
  },
  {
    id: 'D10 clean-up',
    without: 'onCancel runs when a run is cancelled',
    edits: [
      {
        file: 'worker/cancel-flow.ts',
        find: 'if (!workflow.onCancel || this.#hasCleanedUp) {',
        replace: 'if (!workflow.onCancel || this.#stage !== "none") {',
      },
    ],
  },
  {
    id: 'D10 clean-up once',
    without: 'an onCancel that is recorded does not run again',
    edits: [{ file: 'worker/cancel-flow.ts', find: '    this.#hasCleanedUp = true;', replace: '' }],
  },
  {
    id: 'D10 cancel at once',
    without: 'only a run without open parts is cancelled in the external commit',
    edits: [
      {
        file: 'worker/cancel-at-once.ts',
        find: ' || state.steps.size > 0 || state.children.size > 0',
        replace: '',
      },
    ],
  },
];

export const driverOmissions: readonly Omission[] = [
  {
    rule: 'D5, refused names',
    why: 'generated programs have good names; replay/call-names.test.ts has bad ones',
  },
  {
    rule: 'D5, the list of a map',
    why: 'generated lists do not change between lives; replay/scopes.test.ts changes one',
  },
  {
    rule: 'D7, forgotten awaits, unhandled rejections',
    why: 'generated programs look at every call; replay/forgotten-awaits.test.ts does not',
  },
  {
    rule: 'D8, now()',
    why: 'it may differ where an outcome was handed over ahead of the disk and lost with its process; replay/derived-values.test.ts holds it',
  },
  { rule: 'D9 streaming', why: 'not needed to be right: it bounds memory' },
];
