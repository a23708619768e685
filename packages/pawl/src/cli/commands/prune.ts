/** `pawl prune`: removes runs that ended long ago. */
import { pawlError } from '../../errors/index.ts';
import { type Command, textOption } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { printJson } from '../session.ts';

export const pruneCommand: Command = {
  name: 'prune',
  summary: 'remove runs that ended long ago, with all that is known of them',
  options: [
    {
      flags: '--older-than <age>',
      about: 'how long ago they must have ended, such as 30d; a family of runs goes when all of it has',
    },
  ],
  examples: ['pawl prune --older-than 30d'],
  run: (session, call) => {
    const olderThan = textOption(call, 'olderThan');
    if (olderThan === undefined)
      throw pawlError('ARGUMENT_INVALID', { argument: '--older-than', problem: 'say how old, such as 30d' });
    return withClient(session, async (engine) => {
      const removed = await engine.prune({ olderThan });
      if (session.isJson) printJson(session, { removed });
      else session.screen.lines(removed === 1 ? '1 run removed' : `${removed} runs removed`);
      return EXIT.ok;
    });
  },
};
