/** Every error code of Pawl: who must act, what happened, what to do. The reference page is generated from this list. */
import type { Entry } from './entry.ts';
import { doorCodes } from './door-codes.ts';
import { graphCodes } from './graph-codes.ts';
import { kindCodes } from './kind-codes.ts';
import { importCodes } from './import-codes.ts';
import { storeCodes } from './store-codes.ts';

/** A code of this list; codes are stable, messages are not. */
export type ErrorCode = keyof typeof catalogue;

export const catalogue = {
  // Definitions
  WORKFLOW_NAME_MISSING: {
    family: 'usage',
    message: 'A workflow has no name.',
    todo: 'Give `workflow({ name: … }, …)` a name.',
  },
  WORKFLOW_NAME_INVALID: {
    family: 'usage',
    message: '"{name}" is not a workflow name.',
    todo: 'Use 1 to 64 characters without spaces, "/", "#" and ":".',
  },
  WORKFLOW_DUPLICATE: {
    family: 'usage',
    message: 'Two workflows are named "{name}" in version "{version}".',
    todo: 'Rename one of them or give it another version.',
  },
  WORKFLOW_VERSION_CHANGED: {
    family: 'usage',
    message:
      'Workflow "{name}" version "{version}" is already registered with another content: other options, schemas or steps.',
    todo: 'A version is immutable: give the changed workflow a new version.',
  },
  WORKFLOW_UNKNOWN: {
    family: 'usage',
    message: 'No workflow "{name}" is known here{hint}.',
    todo: 'Register it with `pawl.open({ workflows: [...] })`, start a worker that serves it, or `pawl run` the file that exports it.',
  },
  NOT_A_WORKFLOW: {
    family: 'usage',
    message: '{where} is not a workflow.',
    todo: 'Pass what `workflow({ name }, async (ctx, input) => …)` returns.',
  },
  NAME_INVALID: {
    family: 'usage',
    message: '"{name}" is not a name for {what}.',
    todo: 'Use 1 to 64 characters without spaces, "/", "#" and ":".',
  },
  DURATION_INVALID: {
    family: 'usage',
    message: '{where}: "{value}" is not a duration.',
    todo: 'Write "500ms", "30s", "5m", "1h30m", "2d", or whole milliseconds, at most 100 years.',
  },
  RETRY_INVALID: {
    family: 'usage',
    message: '{where}: {problem}.',
    todo: 'Use "none", "io", "model" or { attempts, initial, factor, max, jitter, on }.',
  },
  OPTION_INVALID: {
    family: 'usage',
    message: '{where}: {problem}.',
    todo: 'Correct the option; nothing was registered or changed.',
  },
  OPTION_UNKNOWN: {
    family: 'usage',
    message: '{where}: there is no option "{option}"{hint}.',
    todo: 'Remove it, or use one of: {known}.',
  },
  NOT_SUPPORTED_YET: {
    family: 'usage',
    message: '{where} is not enforced by this version of Pawl.',
    todo: 'Remove it: Pawl refuses what it would otherwise ignore.',
  },
  KIND_DUPLICATE: {
    family: 'usage',
    message: 'The kind "{kind}" is registered twice.',
    todo: 'Rename your kind.',
  },
  KIND_INVALID: {
    family: 'usage',
    message: 'The kind "{kind}": {problem}.',
    todo: 'Correct the definition of the kind.',
  },
  KIND_UNKNOWN: {
    family: 'usage',
    message: 'No executor for the kind "{kind}" is registered.',
    todo: 'Register it with `pawl.open({ kinds: [...] })`; known kinds: {known}.',
  },
  SCHEMA_ASYNC: {
    family: 'usage',
    message: 'The schema of {where} answers with a promise.',
    todo: 'Use a schema that validates synchronously: a replay cannot wait for it.',
  },
  INPUT_INVALID: {
    family: 'usage',
    message: 'The input of {what} does not fit its schema: {issues}.',
    todo: 'Correct the input; nothing was started.',
  },
  VALUE_INVALID: {
    family: 'usage',
    message: '{what} cannot be recorded: {path}: {problem}.',
    todo: 'Make it plain JSON.',
  },
  PAYLOAD_TOO_LARGE: {
    family: 'usage',
    message: '{what} is {bytes} bytes long; the limit is {limit}.',
    todo: 'Store large data elsewhere and record a reference, or raise `limits.payloadBytes`.',
  },
  NESTED_CALL: {
    family: 'usage',
    message: 'ctx.{call}("{name}") was called inside the step "{path}".',
    todo: 'Call ctx from the workflow function only; a step is recorded as one unit.',
  },
  STEP_NAME_OPEN: {
    family: 'usage',
    message: 'Two calls of "{path}" are open at the same time.',
    todo: 'Give them different names, or await the first before the second.',
  },
  SCOPE_EMPTY: {
    family: 'usage',
    message: '{call}("{name}") has no branches.',
    todo: 'Give it at least one branch.',
  },

  ...graphCodes,

  ...importCodes,

  // Doors of the engine
  RUN_NOT_FOUND: {
    family: 'usage',
    message: 'There is no run {runId}.',
    todo: 'List runs with `pawl runs`.',
  },
  RUN_ID_TAKEN: {
    family: 'usage',
    message: 'A run with the id {runId} exists.',
    todo: 'Use another id; or go on with that run (`pawl run WORKFLOW --resume {runId}`). An idempotency key gives the same run back.',
  },
  RUN_ID_INVALID: {
    family: 'usage',
    message: '"{runId}" is not a run id.',
    todo: 'Leave the id out, or use 1 to 64 letters, digits, "-", "_" and ".".',
  },
  IDEMPOTENCY_CONFLICT: {
    family: 'usage',
    message: 'The idempotency key "{key}" was used for run {runId} with another input.',
    todo: 'Use a new key for a new request.',
  },
  RUN_CONTINUED: {
    family: 'usage',
    message: 'Run {runId} went on as run {continuedTo}: what is asked there is another question.',
    todo: 'Look at it with `pawl show {continuedTo}`, and decide there.',
  },
  RUN_TERMINAL: {
    family: 'usage',
    message: 'Run {runId} is {status}: {verb} changes nothing any more.',
    todo: 'Start a new run.',
  },
  RUN_NOT_PARKED: {
    family: 'usage',
    message: 'Run {runId} is {status}, not parked: {verb} has nothing to do.',
    todo: 'See `pawl why {runId}`.',
  },
  RUN_NOT_PAUSED: {
    family: 'usage',
    message: 'Run {runId} is {status}: there is nothing to resume.',
    todo: 'See `pawl why {runId}`.',
  },
  GATE_CLOSED: {
    family: 'usage',
    message: 'Run {runId} has no open {what}{path}{open}.',
    todo: 'See `pawl why {runId}`; it may have been decided, expired or withdrawn.',
  },
  NOT_AN_APPROVER: {
    family: 'usage',
    message: '{by} may not decide "{path}" of run {runId}.',
    todo: 'Let one of its approvers decide: {approvers}.',
  },
  DECISION_LATE: {
    family: 'usage',
    message: 'The deadline of "{path}" in run {runId} has passed.',
    todo: 'The gate counts as expired; see `pawl show {runId}`.',
  },
  GATE_AMBIGUOUS: {
    family: 'usage',
    message: 'Run {runId} has several open gates: {paths}.',
    todo: 'Name the one you mean.',
  },
  PERSON_MISSING: {
    family: 'usage',
    message: '{verb} needs the name of a person.',
    todo: 'Pass `by`, or `--by NAME` on the command line.',
  },
  PAUSE_REFUSED: {
    family: 'usage',
    message: 'Run {runId} is {status}: it cannot be paused.',
    todo: 'See `pawl why {runId}`.',
  },
  ENGINE_CLOSED: {
    family: 'usage',
    message: 'The engine is closed.',
    todo: 'Open a new one with `pawl.open`.',
  },
  RUN_FAILED: {
    family: 'usage',
    message: 'Run {runId} {status}: {problem}',
    todo: 'See `pawl show {runId}`.',
  },
  FILE_UNREADABLE: {
    family: 'usage',
    message: '{file} cannot be loaded: {problem}',
    todo: 'Check the path and the file.',
  },
  FILE_NOT_A_MODULE: {
    family: 'usage',
    message: '{file} is written as an ES module, but {reason}, so Node loads it as CommonJS.',
    todo: '{cure}, or name the file {renamed}.',
  },
  ARGUMENT_INVALID: { family: 'usage', message: '{argument}: {problem}.', todo: 'See `pawl help`.' },
  RUN_AMBIGUOUS: {
    family: 'usage',
    message: 'Several runs begin with "{prefix}": {runs}.',
    todo: 'Give more characters of the id.',
  },
  FILE_WITHOUT_WORKFLOW: {
    family: 'usage',
    message: '{file} exports no workflow{hint}.',
    todo: 'Export what `workflow({ name }, async (ctx, input) => …)` returns, by default or by name.',
  },
  WORKFLOW_AMBIGUOUS: {
    family: 'usage',
    message: '{file} exports several workflows: {names}.',
    todo: 'Name one of them: {file}#{first}.',
  },

  // Store and surroundings
  ...storeCodes,
  NODE_TOO_OLD: {
    family: 'operational',
    message: 'Node {version} is too old.',
    todo: 'Use Node 22.18 or later.',
  },
  OUTPUT_LOST: {
    family: 'operational',
    message: 'Standard output cannot be written: {problem}.',
    todo: 'Make room for it, or send it elsewhere; what the command did stands.',
  },
  COMMAND_UNANSWERED: {
    family: 'operational',
    message: 'The process ended before the command had an answer.',
    todo: 'See whether a file ends the process, or waits for something at its top level.',
  },
  CODE_THREW: {
    family: 'operational',
    message: 'Code that runs outside of every step threw: {problem}.',
    todo: 'Mend it: it ended this process. What was recorded stays, and the next worker goes on.',
  },
  DEMO_FAILED: {
    family: 'operational',
    message: 'The demo failed: {problem}',
    todo: 'Run it again with --json and look at the run with `pawl show`.',
  },
  INVARIANT: {
    family: 'defect',
    message: 'Pawl broke its own rule: {rule}',
    todo: 'Please report this with the run id.',
  },

  // Workers outside, and their door
  ...doorCodes,

  // Failures of steps and runs: data in the journal
  STEP_THREW: {
    family: 'failure',
    message: '{problem}',
    todo: 'See the cause; an ordinary throw is retried, a TerminalError is not.',
  },
  STEP_TIMEOUT: {
    family: 'failure',
    message: 'The attempt took longer than {limit}.',
    todo: 'Raise `timeout`, or make the step shorter.',
  },
  STEP_HEARTBEAT: {
    family: 'failure',
    message: 'The attempt gave no sign of life for {limit}.',
    todo: 'Call `heartbeat()` more often, or raise `heartbeat`.',
  },
  STEP_DEADLINE: {
    family: 'failure',
    message: 'The step with all its attempts took longer than {limit}.',
    todo: 'Raise `deadline`.',
  },
  STEP_CANCELLED: { family: 'failure', message: 'The step was cancelled: {reason}.', todo: 'Nothing to do.' },
  STEP_VALUE_INVALID: {
    family: 'failure',
    message: 'What the step returned cannot be recorded: {path}: {problem}.',
    todo: 'Return plain JSON.',
  },
  STEP_PAYLOAD_TOO_LARGE: {
    family: 'failure',
    message: 'What the step returned is {bytes} bytes long; the limit is {limit}.',
    todo: 'Return a reference, or raise `limits.payloadBytes`.',
  },
  STEP_INPUT_INVALID: {
    family: 'failure',
    message: 'The input of the step does not fit its kind: {issues}.',
    todo: 'Correct the call.',
  },
  TASK_HOLDS_SECRET: {
    family: 'failure',
    message: 'The input of "{path}" holds the value of a secret, and would wait for its worker on the disk.',
    todo: 'Pass a reference: `secret(NAME)`, or let a worker that drives the run serve the queue of the step.',
  },
  COMMIT_REFUSED: {
    family: 'failure',
    message: 'The store refused the outcome: {problem}',
    todo: 'See the message; the run can go on without this step.',
  },
  EFFECT_UNKNOWN: {
    family: 'failure',
    message: 'Nobody knows whether "{path}" happened ({problem}).',
    todo: '`pawl retry RUN` if it did not, `pawl answer RUN STEP VALUE` if it did.',
  },
  RUN_DEADLINE: {
    family: 'failure',
    message: 'The run took longer than {limit}.',
    todo: 'Raise the deadline of the workflow.',
  },
  WORKFLOW_THREW: {
    family: 'failure',
    message: '{problem}',
    todo: 'The workflow function threw outside of steps; see the cause.',
  },
  FORGOTTEN_AWAIT: {
    family: 'failure',
    message: 'The function returned while nobody awaited {paths}.',
    todo: 'Await every ctx call, or race it with ctx.race.',
  },
  OUTPUT_INVALID: {
    family: 'failure',
    message: 'What the workflow returned cannot be recorded: {issues}.',
    todo: 'Return what the output schema says, as plain JSON.',
  },
  RUN_INPUT_INVALID: {
    family: 'failure',
    message: 'The input of the run does not fit the schema of the workflow: {issues}.',
    todo: 'Start it with a correct input.',
  },
  APPROVAL_REJECTED: {
    family: 'failure',
    message: '"{path}" was rejected by {by}{comment}.',
    todo: 'Catch it, or pass { onRejected: "return" }.',
  },
  APPROVAL_EXPIRED: {
    family: 'failure',
    message: 'Nobody decided "{path}" before its deadline.',
    todo: 'Catch it, or pass { onRejected: "return" }.',
  },
  INPUT_EXPIRED: {
    family: 'failure',
    message: 'Nobody answered "{path}" before its deadline.',
    todo: 'Catch it, or ask again.',
  },
  ANSWER_LABEL: {
    family: 'usage',
    message: 'The step "{path}" of kind "{kind}" {problem}.',
    todo: 'Say one of: {known} (`outcome`, or `--outcome LABEL` on the command line).',
  },
  ANSWER_INVALID: {
    family: 'usage',
    message: 'The value for "{path}" does not fit its schema: {issues}.',
    todo: 'Send a correct value; the question is still open.',
  },
  RECEIVED_INVALID: {
    family: 'failure',
    message: 'What "{path}" received does not fit its schema: {issues}.',
    todo: 'Catch it and ask again.',
  },
  CHILD_FAILED: {
    family: 'failure',
    message: 'The child run {childRunId} failed: {problem}',
    todo: 'See `pawl show {childRunId}`.',
  },
  CHILD_CANCELLED: {
    family: 'failure',
    message: 'The child run {childRunId} was cancelled.',
    todo: 'See `pawl show {childRunId}`.',
  },
  CHILD_TOO_DEEP: {
    family: 'failure',
    message: 'Child runs are nested deeper than {limit} levels.',
    todo: 'Flatten the workflows, or use continueAsNew.',
  },
  MAP_TOO_FEW: {
    family: 'failure',
    message: '"{path}": {succeeded} of {total} items succeeded, {needed} were needed.',
    todo: 'See the failed items.',
  },
  SHELL_EXIT: {
    family: 'failure',
    message: 'The command ended with exit code {exitCode}{detail}',
    todo: 'See stderr; `allowExit: [{exitCode}]` makes it data.',
  },
  SHELL_SIGNAL: {
    family: 'failure',
    message: 'The command was ended by {signal}.',
    todo: 'See who sent it.',
  },
  SHELL_START: {
    family: 'failure',
    message: 'The command could not be started: {problem}',
    todo: 'Check the program and the working folder.',
  },
  HTTP_STATUS: {
    family: 'failure',
    message: '{method} {url} answered {status}.',
    todo: '`allowStatus` makes a status data.',
  },
  HTTP_FAILED: {
    family: 'failure',
    message: '{method} {url} failed: {problem}',
    todo: 'Check the address and the service.',
  },
  HTTP_ADDRESS_DENIED: {
    family: 'failure',
    message: 'The host {host} has the address {address}, which is not public.',
    todo: 'Pass `allowPrivate: true` if this is meant.',
  },
  HTTP_BODY_TOO_LARGE: {
    family: 'failure',
    message: 'The answer is longer than {limit} bytes.',
    todo: 'Raise `maxBodyBytes`, or fetch less.',
  },
  SECRET_MISSING: {
    family: 'failure',
    message: 'The secret "{name}" is not set.',
    todo: 'Set the environment variable {name} for the worker.',
  },

  // Failures of the kinds that graphs are made of
  ...kindCodes,
} as const satisfies Record<string, Entry>;
