/** The pipeline of every step, whatever wrote it: guard, execute, account, commit. Only the effect is waited for. */
import type { Execution } from '../execution.ts';
import { account } from './account.ts';
import { commit } from './commit.ts';
import { execute } from './execute.ts';
import { guard } from './guard.ts';

export async function runPipeline(execution: Execution): Promise<Execution> {
  return commit(account(await execute(guard(execution))));
}
