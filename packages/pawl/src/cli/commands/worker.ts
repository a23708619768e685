/** `pawl worker`: serves the workflows of files until it is stopped. */
import { existsSync } from 'node:fs';
import type { Engine } from '../../engine/index.ts';
import { pawlError } from '../../errors/index.ts';
import type { AnyKind, AnyWorkflow } from '../../index.ts';
import { serve } from '../../http/index.ts';
import { withoutPassword } from '../../std/index.ts';
import { argumentList, type Call, type Command, listOption, textOption } from '../command.ts';
import { withWorker } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { listenForInterrupts } from '../interrupts.ts';
import { printJson, type Session } from '../session.ts';
import { loadBeside, sayWarnings, WITH_OPTION } from '../with-files.ts';
import { loadWorkflows, pickWorkflow } from '../workflow-file.ts';
import { parseReference } from '../workflow-reference.ts';

const QUEUE_OPTION = {
  flags: '--queue <name>',
  about:
    'executes steps of this queue alone, also of runs that others drive; may be repeated (all when left out)',
  isRepeatable: true,
} as const;

const HTTP_OPTION = {
  flags: '--http <address>',
  about:
    'opens a door by HTTP for workers in other languages: PORT, or HOST:PORT with a key in PAWL_HTTP_KEY; 0 for any port',
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
  options: [WITH_OPTION, QUEUE_OPTION, HTTP_OPTION],
  examples: [
    'pawl worker flows/*.ts',
    'pawl worker review.yaml --with steps.ts',
    'pawl worker --queue gpu --with kinds.ts',
    'pawl worker review.yaml --queue general --http 7070',
  ],
  run: async (session, call) => {
    const typed = argumentList(call, 0).map((one) => parseReference(one, existsSync));
    const own = typed.flatMap((one) => (one.kind === 'file' ? [one.file] : []));
    const beside = await loadBeside(call, own);
    const workflows = await workflowsOf(call, beside.kinds);
    sayWarnings(session, workflows);
    const named = listOption(call, 'queue');
    const queues = named.length > 0 ? named : undefined;
    const address = textOption(call, 'http');
    const door = address === undefined ? undefined : parseAddress(address);
    if (workflows.length + beside.workflows.length === 0 && !queues && !door) throw nothingToServe();
    const interrupts = listenForInterrupts();
    try {
      return await withWorker(session, { workflows, isDriving: true, beside, queues }, async (engine) => {
        const served = door && (await serve(engine, { ...door, ...keyOfDoor() }));
        try {
          sayReady(session, engine, { workflows, queues, url: served?.url });
          await interrupts.first;
          if (!session.isJson) session.screen.lines('draining: attempts may finish, runs are given back');
          return EXIT.ok;
        } finally {
          await served?.close();
        }
      });
    } finally {
      interrupts.dispose();
    }
  },
};

/** `PORT` or `HOST:PORT`; an IPv6 address stands in brackets. */
function parseAddress(text: string): { readonly host?: string; readonly port: number } {
  const found = /^(?:(?<host>[^:[\]]+|\[[^\]]+\]):)?(?<port>\d{1,5})$/.exec(text)?.groups;
  const port = Number(found?.['port'] ?? Number.NaN);
  if (!(port <= MAX_PORT))
    throw pawlError('ARGUMENT_INVALID', {
      argument: '--http',
      problem: `"${text}" is neither PORT nor HOST:PORT`,
    });
  const host = found?.['host']?.replace(/^\[|\]$/g, '');
  return host === undefined ? { port } : { host, port };
}

const MAX_PORT = 65_535;

function keyOfDoor(): { readonly key?: string } {
  const key = process.env['PAWL_HTTP_KEY'];
  return key === undefined || key === '' ? {} : { key };
}

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
    problem: 'name files with workflows, a queue with --queue, or a door with --http',
  });
}

interface Serving {
  readonly workflows: readonly AnyWorkflow[];
  readonly queues: readonly string[] | undefined;
  /** Of its door. */
  readonly url: string | undefined;
}

function sayReady(session: Session, engine: Engine, { workflows, queues, url }: Serving): void {
  const all = [
    ...workflows.map((workflow) => `${workflow.name}@${workflow.version}`),
    ...(queues ?? []).map((queue) => `queue ${queue}`),
    ...(url === undefined ? [] : [`workers at ${url}`]),
  ];
  const serves = workflows.map((workflow) => `${workflow.name}@${workflow.version}`);
  if (session.isJson)
    printJson(session, {
      workerId: engine.id,
      pid: process.pid,
      store: withoutPassword(session.store),
      serves,
      ...(queues ? { queues } : {}),
      ...(url === undefined ? {} : { url }),
    });
  else
    session.screen.lines(
      `worker ${engine.id} (pid ${process.pid}) serves ${all.join(', ')} from ${withoutPassword(session.store)}; Ctrl-C drains and stops it`,
    );
}
