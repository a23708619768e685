/** `pawl why`: what a run waits for, and the command that moves it. */
import { argumentAt, type Command } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson } from '../session.ts';
import { typedFor } from '../typed-command.ts';
import { statusText } from '../view/status-text.ts';
import { indented } from '../view/value-text.ts';
import { whyJson, whyLines } from '../view/why-lines.ts';
import { RUN_ARGUMENT } from './show.ts';

export const whyCommand: Command = {
  name: 'why',
  summary: 'say why a run does not move, and what moves it',
  arguments: [RUN_ARGUMENT],
  run: (session, call) =>
    withClient(session, async (engine) => {
      const runId = await resolveRunId(engine, argumentAt(call, 0));
      const why = await engine.why(runId);
      const { style } = session.screen;
      const typed = typedFor(session);
      if (session.isJson) printJson(session, { ...why, reasons: whyJson(why, typed) });
      else
        session.screen.lines(
          `run ${runId} is ${statusText(why, style)}`,
          ...indented(whyLines(why, style, typed)),
        );
      return EXIT.ok;
    }),
};
