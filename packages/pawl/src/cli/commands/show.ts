/** `pawl show`: everything about one run. */
import type { Engine } from '../../engine/index.ts';
import { pawlError } from '../../errors/index.ts';
import { argumentAt, type Command, switchOption } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson, type Session } from '../session.ts';
import { typedFor } from '../typed-command.ts';
import { graphTable, graphTree } from '../view/graph-lines.ts';
import { runPage } from '../view/run-page.ts';
import { whyJson } from '../view/why-lines.ts';

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
  ],
  run: (session, call) => {
    const isGraph = switchOption(call, 'graph');
    if (isGraph && switchOption(call, 'full'))
      throw pawlError('ARGUMENT_INVALID', {
        argument: '--full',
        problem: '--graph shows no inputs and outputs',
      });
    return withClient(session, async (engine) => {
      const runId = await resolveRunId(engine, argumentAt(call, 0));
      if (isGraph) return await showGraph(session, engine, runId);
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

async function showGraph(session: Session, engine: Engine, runId: string): Promise<number> {
  const graph = await engine.runs.graph(runId);
  const { screen, platform } = session;
  const { style } = screen;
  if (session.isJson) printJson(session, graph);
  else if (screen.isTerminal)
    screen.lines(...graphTree(graph, { style, columns: screen.size().columns, now: platform.clock.now() }));
  else screen.lines(...graphTable(graph));
  if (graph.omittedEdges !== undefined) screen.notes(`${graph.omittedEdges} more edges are not listed`);
  return EXIT.ok;
}
