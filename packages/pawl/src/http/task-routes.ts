/** Attempts of steps for workers outside: claim with a long poll, heartbeat that tells of a cancel, complete, fail. */
import type { OutsideTasks } from '../engine/index.ts';
import { pawlError } from '../errors/index.ts';
import { checkOptions } from '../std/index.ts';
import type { Body } from './read-body.ts';

/** What a route answers; undefined: nothing, with status 204. */
export type Route = (body: Body, signal: AbortSignal) => Promise<unknown>;

/** By path. The fields of a body are the arguments of the call of the same name, by their names. */
export function taskRoutes(tasks: OutsideTasks): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    [
      '/api/v1/tasks/claim',
      (body, signal) => {
        checkOptions(body, { where: 'claim', known: ['worker', 'kinds', 'queues', 'wait'] });
        return tasks.claim({ ...(body as unknown as Claim), signal });
      },
    ],
    [
      '/api/v1/tasks/heartbeat',
      (body, signal) => {
        checkOptions(body, { where: 'heartbeat', known: ['token', 'wait'] });
        const { token, ...options } = body;
        return tasks.heartbeat(token as string, { ...options, signal });
      },
    ],
    [
      '/api/v1/tasks/complete',
      async (body) => {
        checkOptions(body, { where: 'complete', known: ['token', 'output', 'outcome', 'usage'] });
        const { token, output, ...options } = body;
        await tasks.complete(token as string, output, options);
      },
    ],
    [
      '/api/v1/tasks/fail',
      async (body) => {
        checkOptions(body, { where: 'fail', known: ['token', 'failure', 'usage'] });
        const { token, failure, ...options } = body;
        if (failure === undefined)
          throw pawlError('OPTION_INVALID', { where: 'fail.failure', problem: 'say what went wrong' });
        await tasks.fail(token as string, failure as never, options);
      },
    ],
  ]);
}

type Claim = Parameters<OutsideTasks['claim']>[0];
