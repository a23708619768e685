/** What time it is on the server: ms since 1970, with fractions. */
import { query } from '../query.ts';

export const SERVER_NOW = 'extract(epoch from clock_timestamp())::float8 * 1000';

export const selectNow = query<[], { now: number }>(`select ${SERVER_NOW} as now`);
