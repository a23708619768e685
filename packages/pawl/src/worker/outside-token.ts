/** What a worker outside shows of its task: enough to find it again from any engine of the store. Secret to nobody, and no right by itself. */
import { z } from 'zod';
import { pawlError } from '../errors/index.ts';
import type { ClaimedTask } from '../store/index.ts';

const tokenSchema = z.strictObject({
  /** The holder: one for each claim. */
  holder: z.string(),
  tenant: z.string(),
  run: z.string(),
  num: z.int(),
  path: z.string(),
  attempt: z.int(),
  epoch: z.int(),
  /** When the attempt began, ms since 1970. */
  at: z.number(),
});
export type OutsideToken = z.infer<typeof tokenSchema>;

/** Longer ones are not looked at. A path is as long as its scopes are deep. */
const MAX_LENGTH = 65_536;

export function writeToken({ run, path, attempt, epoch }: ClaimedTask, holder: string, at: number): string {
  const token: OutsideToken = {
    holder,
    tenant: run.tenant,
    run: run.runId,
    num: run.num,
    path,
    attempt,
    epoch,
    at,
  };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** @throws `TASK_TOKEN_INVALID` */
export function readToken(text: unknown): OutsideToken {
  if (typeof text !== 'string') throw pawlError('TASK_TOKEN_INVALID', { problem: 'it is no text' });
  if (text.length > MAX_LENGTH) throw pawlError('TASK_TOKEN_INVALID', { problem: 'it is too long' });
  try {
    return tokenSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw pawlError('TASK_TOKEN_INVALID', { problem: 'it cannot be read' });
  }
}
