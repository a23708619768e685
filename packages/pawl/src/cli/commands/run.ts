/** `pawl run`: starts a run, or goes on with one, and follows it to its end. */
import { existsSync } from 'node:fs';
import type { Engine, RunView, StartOptions } from '../../engine/index.ts';
import { pawlError } from '../../errors/index.ts';
import type { AnyWorkflow, Workflow } from '../../index.ts';
import { isTerminal } from '../../run/index.ts';
import { parseLabels } from '../argument-values.ts';
import { argumentAt, type Call, type Command, listOption, switchOption, textOption } from '../command.ts';
import { withClient, withWorker } from '../engine-session.ts';
import { EXIT, exitCodeOfStatus } from '../exit-code.ts';
import { type Followed, followRun } from '../follow/follow-run.ts';
import { outcomeJson, outcomeLines } from '../follow/outcome-report.ts';
import { type Interrupts, listenForInterrupts } from '../interrupts.ts';
import { readJson } from '../json-source.ts';
import { BY_OPTION, optionalPerson } from '../person.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson, type Session } from '../session.ts';
import { shellWord } from '../../std/index.ts';
import { typedFor } from '../typed-command.ts';
import { loadBeside, sayWarnings, WITH_OPTION } from '../with-files.ts';
import { loadWorkflows, pickWorkflow } from '../workflow-file.ts';
import { parseReference } from '../workflow-reference.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'start a run and follow it to its end',
  arguments: [
    {
      syntax: 'workflow',
      about:
        'a file that exports one (FILE#EXPORT where several), a graph as YAML or JSON, or the name of one that a worker serves',
    },
  ],
  options: [
    { flags: '--input <json>', about: 'JSON, @file, or - for standard input (default {})' },
    { flags: '--id <id>', about: 'the id of the new run' },
    { flags: '--key <key>', about: 'idempotency key: the same key gives the same run' },
    {
      flags: '--label <key=value>',
      about: 'a label of the run; may be given several times',
      isRepeatable: true,
    },
    WITH_OPTION,
    BY_OPTION,
    { flags: '--detach', about: 'start the run and leave it to a worker' },
    { flags: '--resume <run>', about: 'go on with this run instead of starting one' },
  ],
  examples: [
    `pawl run examples/hello.ts --input '{ "who": "Ana" }'`,
    'pawl run flows.ts#nightly --detach',
    'pawl run review.yaml --with steps.ts',
    'pawl run hello.ts --resume RUN',
  ],
  run: async (session, call) => {
    checkOptions(call);
    const { output } = session.screen;
    const interrupts = listenForInterrupts(output.lost);
    try {
      const report = await withEngine(session, call, (performing) =>
        perform(session, call, { ...performing, interrupts }),
      );
      return report();
    } finally {
      interrupts.dispose();
    }
  },
};

/** Says how it went, once the engine is closed, and gives the exit code. */
type Report = () => number;

interface Opened {
  readonly engine: Engine;
  /** The name of one that a worker elsewhere serves. */
  readonly workflow: AnyWorkflow | string;
  /** The workflow as it can be typed again, with the files beside it. */
  readonly again: string;
}

interface Performing extends Opened {
  readonly interrupts: Interrupts;
}

/** A file is served by this process; a name is served by a worker elsewhere, or by nobody. */
async function withEngine<T>(session: Session, call: Call, act: (opened: Opened) => Promise<T>): Promise<T> {
  const given = argumentAt(call, 0);
  const again = [given, ...listOption(call, 'with').flatMap((file) => ['--with', file])]
    .map(shellWord)
    .join(' ');
  const reference = parseReference(given, existsSync);
  if (reference.kind === 'name')
    return await withClient(session, (engine) => act({ engine, workflow: reference.name, again }));
  const beside = await loadBeside(call, [reference.file]);
  const exports = await loadWorkflows(reference.file, beside.kinds);
  const workflow = pickWorkflow(exports, reference);
  if (textOption(call, 'resume') === undefined) sayWarnings(session, exports.values());
  const serving = { workflows: [...exports.values()], isDriving: !switchOption(call, 'detach'), beside };
  return await withWorker(session, serving, (engine) => act({ engine, workflow, again }));
}

const ONLY_FOR_NEW_RUNS = ['input', 'id', 'key', 'label', 'detach'];

function checkOptions(call: Call): void {
  if (textOption(call, 'resume') === undefined) return;
  const given = ONLY_FOR_NEW_RUNS.filter((name) => call.options[name] !== undefined);
  if (given.length > 0)
    throw pawlError('ARGUMENT_INVALID', {
      argument: `--${given.join(', --')}`,
      problem: 'it is for new runs and does not go with --resume',
    });
}

async function perform(session: Session, call: Call, performing: Performing): Promise<Report> {
  const runId = await startOrFind(session, call, performing);
  if (switchOption(call, 'detach')) return () => detached(session, runId);
  const run = await performing.engine.runs.get(runId);
  if (!(await isServed(performing.engine, run))) return () => unserved(session, run);
  const followed = await followRun(session, { ...performing, runId });
  if (followed.end === 'interrupted' && !session.isJson)
    session.screen.lines('stopping: what executes may finish; once more leaves at once');
  return () => report(session, followed, performing);
}

async function startOrFind(session: Session, call: Call, { engine, workflow }: Performing): Promise<string> {
  const resumed = textOption(call, 'resume');
  if (resumed !== undefined) return await resolveRunId(engine, resumed);
  const input = await readJson(textOption(call, 'input') ?? '{}', '--input');
  const by = optionalPerson(session, call);
  const [id, idempotencyKey] = [textOption(call, 'id'), textOption(call, 'key')];
  const options: StartOptions = {
    trigger: 'cli',
    labels: parseLabels(listOption(call, 'label')),
    ...(id === undefined ? {} : { id }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(by === undefined ? {} : { by }),
  };
  const handle =
    typeof workflow === 'string'
      ? await engine.start(workflow, input, options)
      : await engine.start(workflow as Workflow, input, options);
  return handle.id;
}

function detached(session: Session, runId: string): number {
  if (session.isJson) printJson(session, { runId, status: 'queued' });
  else
    session.screen.lines(`run ${runId} is queued`, `  ${typedFor(session)(`pawl events ${runId} --follow`)}`);
  return EXIT.ok;
}

function report(session: Session, result: Followed, { again, interrupts }: Performing): number {
  const { screen } = session;
  const typed = typedFor(session);
  const options = {
    style: screen.style,
    typed,
    goOn: typed(`pawl run ${again} --resume ${result.state.runId}`),
  };
  if (session.isJson) printJson(session, outcomeJson(result, options));
  else screen.lines(...outcomeLines(result, options));
  return result.end === 'interrupted' ? interrupts.exitCode() : exitCodeOfStatus(result.state.status);
}

/** Whether a live worker serves the run, this process or another; one that has ended needs none. */
async function isServed(engine: Engine, { workflow, version, status }: RunView): Promise<boolean> {
  if (isTerminal(status)) return true;
  const workers = await engine.workers();
  return workers.some(
    (worker) => worker.isAlive && !worker.draining && worker.serves.includes(`${workflow}@${version}`),
  );
}

function unserved(session: Session, { runId, status, workflow, version }: RunView): number {
  const typed = typedFor(session);
  const goOn = typed('pawl worker FILE');
  if (session.isJson) printJson(session, { runId, status, waits: [], heldBack: [], goOn });
  else
    session.screen.lines(
      `run ${runId} is ${status}, and no live worker serves ${workflow}@${version}:`,
      `  ${goOn}`,
      `  ${typed(`pawl events ${runId} --follow`)}`,
    );
  return EXIT.waiting;
}
