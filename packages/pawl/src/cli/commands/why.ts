/** `pawl why`: what a run waits for, and the command that moves it. */
import { argumentAt, type Command } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson, storeFlag } from '../session.ts';
import { statusText } from '../view/status-text.ts';
import { indented } from '../view/value-text.ts';
import { whyLines } from '../view/why-lines.ts';
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
      if (session.isJson) printJson(session, why);
      else
        session.screen.lines(
          `run ${runId} is ${statusText(why, style)}`,
          ...indented(whyLines(why, style, storeFlag(session))),
        );
      return EXIT.ok;
    }),
};
