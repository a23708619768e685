/** `pawl show`: everything about one run. */
import { argumentAt, type Command, switchOption } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson } from '../session.ts';
import { typedFor } from '../typed-command.ts';
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
  options: [{ flags: '--full', about: 'every input and output in full' }],
  run: (session, call) =>
    withClient(session, async (engine) => {
      const runId = await resolveRunId(engine, argumentAt(call, 0));
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
    }),
};
