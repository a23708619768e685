/** `pawl worker`: serves the workflows of files until it is stopped. */
import { existsSync } from 'node:fs';
import type { Engine } from '../../engine/index.ts';
import { pawlError } from '../../errors/index.ts';
import type { AnyKind, AnyWorkflow } from '../../index.ts';
import { argumentList, type Call, type Command } from '../command.ts';
import { withWorker } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { listenForInterrupts } from '../interrupts.ts';
import { printJson, type Session } from '../session.ts';
import { loadBeside, sayWarnings, WITH_OPTION } from '../with-files.ts';
import { loadWorkflows, pickWorkflow } from '../workflow-file.ts';
import { parseReference } from '../workflow-reference.ts';

export const workerCommand: Command = {
  name: 'worker',
  summary: 'serve the workflows of files until it is stopped',
  arguments: [
    { syntax: 'files...', about: 'files that export workflows (FILE#EXPORT for one of several), or graphs' },
  ],
  options: [WITH_OPTION],
  examples: ['pawl worker flows/*.ts', 'pawl worker review.yaml --with steps.ts'],
  run: async (session, call) => {
    const beside = await loadBeside(call);
    const workflows = await workflowsOf(call, beside.kinds);
    sayWarnings(session, workflows);
    const interrupts = listenForInterrupts();
    try {
      return await withWorker(session, { workflows, isDriving: true, beside }, async (engine) => {
        sayReady(session, engine, workflows);
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

function sayReady(session: Session, engine: Engine, workflows: readonly AnyWorkflow[]): void {
  const serves = workflows.map((workflow) => `${workflow.name}@${workflow.version}`);
  if (session.isJson)
    printJson(session, { workerId: engine.id, pid: process.pid, store: session.store, serves });
  else
    session.screen.lines(
      `worker ${engine.id} (pid ${process.pid}) serves ${serves.join(', ')} from ${session.store}; Ctrl-C drains and stops it`,
    );
}
