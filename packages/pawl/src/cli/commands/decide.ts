/** `pawl approve` and `pawl reject`: a person's decision on an open approval. */
import { argumentAt, type Call, type Command, optionalArgument, textOption } from '../command.ts';
import { withClient } from '../engine-session.ts';
import { EXIT } from '../exit-code.ts';
import { BY_OPTION, requirePerson } from '../person.ts';
import { resolveRunId } from '../run-id.ts';
import { printJson, type Session } from '../session.ts';
import { RUN_ARGUMENT } from './show.ts';

const PATH_ARGUMENT = {
  syntax: '[path]',
  about: 'which approval; may be left out where one is open',
} as const;
const COMMENT_OPTION = { flags: '--comment <text>', about: 'recorded with the decision' } as const;

function decisionCommand(name: 'approve' | 'reject', decision: 'approved' | 'rejected'): Command {
  return {
    name,
    summary: `${name} what a run asks for`,
    arguments: [RUN_ARGUMENT, PATH_ARGUMENT],
    options: [BY_OPTION, COMMENT_OPTION],
    run: (session, call) => decide(session, call, { name, decision }),
  };
}

export const approveCommand = decisionCommand('approve', 'approved');
export const rejectCommand = decisionCommand('reject', 'rejected');

interface Deciding {
  readonly name: 'approve' | 'reject';
  readonly decision: 'approved' | 'rejected';
}

function decide(session: Session, call: Call, { name, decision }: Deciding): Promise<number> {
  const by = requirePerson(session, call, name);
  const comment = textOption(call, 'comment');
  const path = optionalArgument(call, 1);
  return withClient(session, async (engine) => {
    const runId = await resolveRunId(engine, argumentAt(call, 0));
    await engine[name](runId, path, { by, ...(comment === undefined ? {} : { comment }) });
    if (session.isJson) printJson(session, { runId, ...(path === undefined ? {} : { path }), decision, by });
    else session.screen.lines(`${decision}${path === undefined ? '' : ` ${path} of`} run ${runId}, by ${by}`);
    return EXIT.ok;
  });
}
