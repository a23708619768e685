/** `pawl cancel`, `pause`, `resume` and `retry`: the operator's verbs. */
import type { Engine } from '../../engine/index.ts';
import type { RunStatus } from '../../run/index.ts';
import { parseCount } from '../argument-values.ts';
import { argumentAt, type Call, type Command, textOption } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { BY_OPTION, optionalPerson } from '../person.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson, type Session } from '../session.ts';
import { RUN_ARGUMENT } from './show.ts';

interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly takesReason?: boolean;
  readonly takesMaxSteps?: boolean;
  /** Does it, and gives the run that goes on. */
  act(
    engine: Engine,
    runId: string,
    options: { readonly by?: string; readonly reason?: string; readonly maxSteps?: number },
  ): Promise<string>;
  /** What is said when it is done. */
  said(done: Done): string;
}

interface Done {
  readonly actedOn: string;
  /** The run that goes on: the same one, or the new one that tries it again. */
  readonly runId: string;
  readonly status: RunStatus;
}

const VERBS: readonly Verb[] = [
  {
    name: 'cancel',
    summary: 'cancel a run with everything below it',
    takesReason: true,
    act: async (engine, runId, options) => {
      await engine.cancel(runId, options);
      return runId;
    },
    said: ({ runId, status }) =>
      status === 'cancelled'
        ? `run ${runId} is cancelled`
        : `cancel of run ${runId} is recorded; the worker that serves it aborts what is open`,
  },
  {
    name: 'pause',
    summary: 'let a run start nothing new',
    act: async (engine, runId, options) => {
      await engine.pause(runId, options);
      return runId;
    },
    said: ({ runId }) => `run ${runId} is paused; what runs is finished`,
  },
  {
    name: 'resume',
    summary: 'let a paused or parked run go on',
    takesMaxSteps: true,
    act: async (engine, runId, options) => {
      await engine.resume(runId, options);
      return runId;
    },
    said: ({ runId }) => `run ${runId} goes on as soon as a worker takes it`,
  },
  {
    name: 'retry',
    summary: 'give a parked run new attempts, or start a failed one again as a new run',
    act: async (engine, runId, options) => (await engine.retry(runId, options)).id,
    said: ({ runId, actedOn }) =>
      runId === actedOn
        ? `run ${actedOn} has new attempts`
        : `run ${actedOn} is tried again as the new run ${runId}`,
  },
];

function commandOf(verb: Verb): Command {
  return {
    name: verb.name,
    summary: verb.summary,
    arguments: [RUN_ARGUMENT],
    options: [
      BY_OPTION,
      ...(verb.takesReason ? [{ flags: '--reason <text>', about: 'recorded with the request' }] : []),
      ...(verb.takesMaxSteps
        ? [{ flags: '--max-steps <n>', about: 'how many steps a graph may visit from here on, all in all' }]
        : []),
    ],
    run: (session, call) => perform(session, call, verb),
  };
}

function perform(session: Session, call: Call, verb: Verb): Promise<number> {
  const by = optionalPerson(session, call);
  const reason = textOption(call, 'reason');
  const maxSteps = maxStepsOf(call);
  return withClient(session, async (engine) => {
    const actedOn = await resolveRunId(engine, argumentAt(call, 0));
    const options = {
      ...(by === undefined ? {} : { by }),
      ...(reason === undefined ? {} : { reason }),
      ...(maxSteps === undefined ? {} : { maxSteps }),
    };
    const runId = await verb.act(engine, actedOn, options);
    const status = await engine.handle(runId).status();
    if (session.isJson)
      printJson(session, { runId, status, ...(runId === actedOn ? {} : { retriedFrom: actedOn }) });
    else session.screen.lines(verb.said({ runId, actedOn, status }));
    return EXIT.ok;
  });
}

function maxStepsOf(call: Call): number | undefined {
  const text = textOption(call, 'max-steps');
  if (text === undefined) return undefined;
  return parseCount(text, '--max-steps', { min: 1, max: Number.MAX_SAFE_INTEGER });
}

export const controlCommands: readonly Command[] = VERBS.map(commandOf);
