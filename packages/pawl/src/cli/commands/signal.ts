/** `pawl signal`: a named message to a run; kept until the run waits for it. */
import { argumentAt, type Command, optionalArgument } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { readJson } from '../json-source.ts';
import { BY_OPTION, optionalPerson } from '../person.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson } from '../session.ts';
import { RUN_ARGUMENT } from './show.ts';

export const signalCommand: Command = {
  name: 'signal',
  summary: 'send a named message to a run',
  arguments: [
    RUN_ARGUMENT,
    { syntax: 'name', about: 'the name of the signal' },
    { syntax: '[payload]', about: 'JSON, @file, or - for standard input' },
  ],
  options: [BY_OPTION],
  examples: ['pawl signal RUN paid \'{ "amount": 12 }\''],
  run: async (session, call) => {
    const name = argumentAt(call, 1);
    const source = optionalArgument(call, 2);
    const payload = source === undefined ? undefined : await readJson(source, 'the payload');
    const by = optionalPerson(session, call);
    return await withClient(session, async (engine) => {
      const runId = await resolveRunId(engine, argumentAt(call, 0));
      await engine.signal(runId, name, payload, by === undefined ? {} : { by });
      if (session.isJson) printJson(session, { runId, signal: name });
      else session.screen.lines(`sent ${name} to run ${runId}`);
      return EXIT.ok;
    });
  },
};
