/** The pipeline of every step, whatever wrote it: guard, execute, account, commit. */
import type { Execution } from '../execution.ts';
import { account } from './account.ts';
import { commit } from './commit.ts';
import { execute } from './execute.ts';
import { guard } from './guard.ts';

export async function runPipeline(execution: Execution): Promise<Execution> {
  return await commit(await account(await execute(await guard(execution))));
}
