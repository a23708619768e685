/** Subscribes the session to the commits of other processes. */
import { query } from '../query.ts';
import { CHANNEL } from './notify.ts';

export const listen = query<[]>(`listen ${CHANNEL}`);
