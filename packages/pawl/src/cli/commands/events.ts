/** `pawl events`: the log of a run, as it stands or as it grows. */
import { parseCount } from '../argument-values.ts';
import { argumentAt, type Call, type Command, switchOption, textOption } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { listenForInterrupts } from '../interrupts.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson } from '../session.ts';
import { eventJson, eventLine } from '../view/event-line.ts';
import { RUN_ARGUMENT } from './show.ts';

export const eventsCommand: Command = {
  name: 'events',
  summary: 'print the log of a run, one event a line',
  arguments: [RUN_ARGUMENT],
  options: [
    { flags: '--follow', about: 'go on until the run has ended' },
    { flags: '--after <n>', about: 'only events behind this number' },
  ],
  run: (session, call) => {
    const after = afterOf(call);
    const follow = switchOption(call, 'follow');
    return withClient(session, async (engine) => {
      const runId = await resolveRunId(engine, argumentAt(call, 0));
      await engine.why(runId); // an unknown run is an error, not an empty log
      const { screen } = session;
      const interrupts = listenForInterrupts(screen.output.lost);
      const columns = screen.isTerminal ? screen.size().columns : Number.POSITIVE_INFINITY;
      try {
        for await (const event of engine.handle(runId).events({ after, follow, signal: interrupts.signal })) {
          if (session.isJson) printJson(session, eventJson(event));
          else screen.lines(eventLine(event, { style: screen.style, columns }));
        }
      } catch (error) {
        if (!interrupts.signal.aborted) throw error;
      } finally {
        interrupts.dispose();
      }
      if (screen.output.lost.aborted) return EXIT.ok; // `events | head` has what it wanted
      return interrupts.signal.aborted ? interrupts.exitCode() : EXIT.ok;
    });
  },
};

function afterOf(call: Call): number {
  return parseCount(textOption(call, 'after') ?? '0', '--after', { min: 0, max: Number.MAX_SAFE_INTEGER });
}
