/** `pawl parked`: the runs that need a person's or an operator's act, each with its reason and the command. */
import type { Engine, RunSummary, Why } from '../../engine/index.ts';
import type { Command } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { printJson, type Session } from '../session.ts';
import { typedFor } from '../typed-command.ts';
import { indented } from '../view/value-text.ts';
import { whyJson, whyLines } from '../view/why-lines.ts';
import { LIMIT_OPTION, limitOf } from './runs.ts';

interface Parked {
  readonly run: RunSummary;
  readonly why: Why;
}

export const parkedCommand: Command = {
  name: 'parked',
  summary: 'list the runs that somebody has to move',
  options: [LIMIT_OPTION],
  run: (session, call) => {
    const limit = limitOf(call);
    return withClient(session, async (engine) => {
      const parked = await parkedRuns(engine, limit);
      if (session.isJson)
        printJson(session, {
          parked: parked.map(({ run, why }) => ({ ...run, why: whyJson(why, typedFor(session)) })),
        });
      else
        session.screen.lines(
          ...(parked.length === 0 ? ['no parked runs'] : parked.flatMap((one) => parkedLines(one, session))),
        );
      return EXIT.ok;
    });
  },
};

async function parkedRuns(engine: Engine, limit: number): Promise<Parked[]> {
  const found: Parked[] = [];
  for (const run of await engine.runs.list({ status: ['parked'], limit })) {
    found.push({ run, why: await engine.why(run.runId) });
  }
  return found;
}

function parkedLines({ run, why }: Parked, session: Session): string[] {
  const { style } = session.screen;
  const head = `${run.runId}  ${run.workflow}@${run.version}  ${style.yellow(run.parkReason ?? 'parked')}`;
  return [head, ...indented(whyLines(why, style, typedFor(session)))];
}
