/** `pawl answer`: the value that an input waits for, or what a step of unknown fate returned. */
import { argumentAt, type Command, optionalArgument, textOption } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { readJson } from '../json-source.ts';
import { BY_OPTION, requirePerson } from '../person.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson } from '../session.ts';
import { RUN_ARGUMENT } from './show.ts';

export const answerCommand: Command = {
  name: 'answer',
  summary: 'answer what a run asks for',
  arguments: [
    RUN_ARGUMENT,
    { syntax: 'path-or-value', about: 'which question, where several are open; else the value' },
    { syntax: '[value]', about: 'JSON, @file, or - for standard input' },
  ],
  options: [
    {
      flags: '--outcome <label>',
      about: 'of a step of unknown fate: the label that it ended with, where its kind has several',
    },
    BY_OPTION,
  ],
  examples: [
    'pawl answer RUN \'"blue"\' --by ana',
    'pawl answer RUN review/score 7 --by ana',
    'pawl answer RUN @answer.json --by ana',
    'pawl answer RUN charge \'"receipt"\' --outcome paid --by ana',
  ],
  run: async (session, call) => {
    const by = requirePerson(session, call, 'answer');
    const last = optionalArgument(call, 2);
    const path = last === undefined ? undefined : argumentAt(call, 1);
    const value = await readJson(last ?? argumentAt(call, 1), 'the value');
    const outcome = textOption(call, 'outcome');
    return await withClient(session, async (engine) => {
      const runId = await resolveRunId(engine, argumentAt(call, 0));
      await engine.answer(runId, path, value, { by, ...(outcome === undefined ? {} : { outcome }) });
      if (session.isJson)
        printJson(session, {
          runId,
          ...(path === undefined ? {} : { path }),
          value,
          by,
          ...(outcome === undefined ? {} : { outcome }),
        });
      else
        session.screen.lines(
          `answered${path === undefined ? '' : ` ${path} of`} run ${runId}${outcome === undefined ? '' : ` as ${outcome}`}, by ${by}`,
        );
      return EXIT.ok;
    });
  },
};
