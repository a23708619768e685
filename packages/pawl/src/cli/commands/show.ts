/** `pawl show`: everything about one run. */
import type { Engine, RunGraphOptions } from '../../engine/index.ts';
import { pawlError } from '../../errors/index.ts';
import { isGraphWorkflow } from '../../graph/index.ts';
import { argumentAt, type Call, type Command, listOption, switchOption } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson, type Session } from '../session.ts';
import { typedFor } from '../typed-command.ts';
import { graphTable, graphTree } from '../view/graph-lines.ts';
import { runPage } from '../view/run-page.ts';
import { whyJson } from '../view/why-lines.ts';
import { loadBeside, WITH_OPTION } from '../with-files.ts';

export const RUN_ARGUMENT = {
  syntax: 'run',
  about: 'the id of a run, or its first characters (at least six)',
} as const;

export const showCommand: Command = {
  name: 'show',
  summary: 'show a run: its status, its steps, what came out',
  arguments: [RUN_ARGUMENT],
  options: [
    { flags: '--full', about: 'every input and output in full' },
    { flags: '--graph', about: 'its steps, and what each of them followed' },
    {
      ...WITH_OPTION,
      about:
        'with --graph: the graph that it runs, for its steps that did not run, or a module with its kinds',
    },
  ],
  run: (session, call) => {
    checkSwitches(call);
    return withClient(session, async (engine) => {
      const runId = await resolveRunId(engine, argumentAt(call, 0));
      if (switchOption(call, 'graph')) return await showGraph(session, call, { engine, runId });
      const [run, why] = [await engine.runs.get(runId), await engine.why(runId)];
      const typed = typedFor(session);
      if (session.isJson) printJson(session, { ...run, why: whyJson(why, typed) });
      else {
        const { style, size, isTerminal } = session.screen;
        const columns = isTerminal ? size().columns : Number.POSITIVE_INFINITY;
        const isFull = switchOption(call, 'full');
        const now = session.platform.clock.now();
        session.screen.lines(...runPage(run, why, { style, columns, now, isFull, typed }));
      }
      return EXIT.ok;
    });
  },
};

function checkSwitches(call: Call): void {
  const isGraph = switchOption(call, 'graph');
  const refuse = (argument: string, problem: string): never => {
    throw pawlError('ARGUMENT_INVALID', { argument, problem });
  };
  if (isGraph && switchOption(call, 'full')) refuse('--full', '--graph shows no inputs and outputs');
  if (!isGraph && listOption(call, 'with').length > 0) refuse('--with', 'it is for --graph');
}

interface Shown {
  readonly engine: Engine;
  readonly runId: string;
}

async function showGraph(session: Session, call: Call, { engine, runId }: Shown): Promise<number> {
  const graph = await engine.runs.graph(runId, await graphGiven(call, { engine, runId }));
  const { screen, platform } = session;
  const { style } = screen;
  if (session.isJson) printJson(session, graph);
  else if (screen.isTerminal)
    screen.lines(...graphTree(graph, { style, columns: screen.size().columns, now: platform.clock.now() }));
  else screen.lines(...graphTable(graph));
  if (graph.omittedEdges !== undefined) screen.notes(`${graph.omittedEdges} more edges are not listed`);
  return EXIT.ok;
}

/** The graph of the run among the files that were given. */
async function graphGiven(call: Call, { engine, runId }: Shown): Promise<RunGraphOptions> {
  if (listOption(call, 'with').length === 0) return {};
  const { workflow, version } = await engine.runs.get(runId);
  const { workflows } = await loadBeside(call);
  const found = workflows
    .filter(isGraphWorkflow)
    .find((one) => one.name === workflow && one.version === version);
  if (found) return { workflow: found };
  throw pawlError('ARGUMENT_INVALID', {
    argument: '--with',
    problem: `no file holds the graph ${workflow}@${version}`,
  });
}
