/** Takes the lock of a worker for the life of the session. */
import { query } from '../query.ts';
import { LOCK_WORKER } from './select-life.ts';

export const lockWorker = query<[id: string]>(LOCK_WORKER);
