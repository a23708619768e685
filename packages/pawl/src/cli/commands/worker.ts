/** `pawl worker`: serves the workflows of files until it is stopped. */
import { existsSync } from 'node:fs';
import type { Engine } from '../../engine/index.ts';
import { pawlError } from '../../errors/index.ts';
import type { AnyKind, AnyWorkflow } from '../../index.ts';
import { argumentList, type Call, type Command, listOption } from '../command.ts';
import { withWorker } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { listenForInterrupts } from '../interrupts.ts';
import { printJson, type Session } from '../session.ts';
import { shownStore } from '../store-location.ts';
import { loadBeside, sayWarnings, WITH_OPTION } from '../with-files.ts';
import { loadWorkflows, pickWorkflow } from '../workflow-file.ts';
import { parseReference } from '../workflow-reference.ts';

const QUEUE_OPTION = {
  flags: '--queue <name>',
  about:
    'executes steps of this queue alone, also of runs that others drive; may be repeated (all when left out)',
  isRepeatable: true,
} as const;

export const workerCommand: Command = {
  name: 'worker',
  summary: 'serve the workflows of files, or the steps of queues, until it is stopped',
  arguments: [
    {
      syntax: '[files...]',
      about: 'files that export workflows (FILE#EXPORT for one of several), or graphs',
    },
  ],
  options: [WITH_OPTION, QUEUE_OPTION],
  examples: [
    'pawl worker flows/*.ts',
    'pawl worker review.yaml --with steps.ts',
    'pawl worker --queue gpu --with kinds.ts',
  ],
  run: async (session, call) => {
    const beside = await loadBeside(call);
    const workflows = await workflowsOf(call, beside.kinds);
    sayWarnings(session, workflows);
    const named = listOption(call, 'queue');
    const queues = named.length > 0 ? named : undefined;
    if (workflows.length + beside.workflows.length === 0 && !queues) throw nothingToServe();
    const interrupts = listenForInterrupts();
    try {
      return await withWorker(session, { workflows, isDriving: true, beside, queues }, async (engine) => {
        sayReady(session, engine, { workflows, queues });
        await interrupts.first;
        if (!session.isJson) session.screen.lines('draining: attempts may finish, runs are given back');
        return EXIT.ok;
      });
    } finally {
      interrupts.dispose();
    }
  },
};

/** All that the files export; a workflow that two files share is served once. */
async function workflowsOf(call: Call, kinds: readonly AnyKind[]): Promise<AnyWorkflow[]> {
  const found = new Set<AnyWorkflow>();
  for (const typed of argumentList(call, 0)) {
    const reference = parseReference(typed, existsSync);
    if (reference.kind === 'name')
      throw pawlError('FILE_UNREADABLE', { file: typed, problem: 'there is no such file.' });
    const exports = await loadWorkflows(reference.file, kinds);
    const wanted = reference.exportName === undefined ? exports.values() : [pickWorkflow(exports, reference)];
    for (const workflow of wanted) found.add(workflow);
  }
  return [...found];
}

function nothingToServe(): Error {
  return pawlError('ARGUMENT_INVALID', {
    argument: 'files',
    problem: 'name files with workflows, or a queue with --queue',
  });
}

interface Serving {
  readonly workflows: readonly AnyWorkflow[];
  readonly queues: readonly string[] | undefined;
}

function sayReady(session: Session, engine: Engine, { workflows, queues }: Serving): void {
  const all = [
    ...workflows.map((workflow) => `${workflow.name}@${workflow.version}`),
    ...(queues ?? []).map((queue) => `queue ${queue}`),
  ];
  const serves = workflows.map((workflow) => `${workflow.name}@${workflow.version}`);
  if (session.isJson)
    printJson(session, {
      workerId: engine.id,
      pid: process.pid,
      store: shownStore(session.store),
      serves,
      ...(queues ? { queues } : {}),
    });
  else
    session.screen.lines(
      `worker ${engine.id} (pid ${process.pid}) serves ${all.join(', ')} from ${shownStore(session.store)}; Ctrl-C drains and stops it`,
    );
}
