/** Whether the session of a worker can be seen: it holds an advisory lock of the worker's name. */
import { query } from '../query.ts';

export interface Life {
  /** Whether it is seen by its lock at all; behind a pooler it is not. */
  readonly has_lock: boolean;
  readonly is_locked: boolean;
  /** Whether the server has run for so long that every worker that lives has come back to it. */
  readonly is_settled: boolean;
}

/** Takes the lock of a worker, in a session of its own; more than one session may have it while a broken line lingers. */
export const LOCK_WORKER = 'select pg_advisory_lock_shared(hashtextextended($1, 7061776))';

/** Primary key of `workers`; a lock of 64 bits stands in `pg_locks` as its two halves. */
export const selectLife = query<[id: string], Life>(
  `select w.has_lock, exists (
       select from pg_locks k
       where k.locktype = 'advisory' and k.objsubid = 1 and k.granted
         and k.database = (select oid from pg_database where datname = current_database())
         and (k.classid::bigint << 32 | k.objid::bigint) = hashtextextended(w.id, 7061776)) as is_locked,
     now() - pg_postmaster_start_time() > interval '5 s' as is_settled
   from pawl.workers w where w.id = $1`,
);
