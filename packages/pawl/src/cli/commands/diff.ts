/** `pawl diff`: whether two runs did the same, and where they did not. */
import { argumentAt, type Command } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson } from '../session.ts';
import { diffLines } from '../view/diff-lines.ts';
import { RUN_ARGUMENT } from './show.ts';

export const diffCommand: Command = {
  name: 'diff',
  summary: 'compare two runs by what they did, whenever and wherever they did it',
  arguments: [
    { syntax: 'a', about: RUN_ARGUMENT.about },
    { syntax: 'b', about: 'the run that it is compared with' },
  ],
  run: (session, call) =>
    withClient(session, async (engine) => {
      const a = await resolveRunId(engine, argumentAt(call, 0));
      const b = await resolveRunId(engine, argumentAt(call, 1));
      const diff = await engine.runs.diff(a, b);
      const { screen } = session;
      const columns = screen.isTerminal ? screen.size().columns : Number.POSITIVE_INFINITY;
      if (session.isJson) printJson(session, diff);
      else screen.lines(...diffLines(diff, { style: screen.style, columns }));
      return diff.isEqual ? EXIT.ok : EXIT.different;
    }),
};
