/** Opens a lane for a tenant, workflow, version and priority. */
import { query } from '../query.ts';

export const insertLane = query<
  [tenant: number, workflow: string, version: string, priority: number, format: number],
  { num: number }
>('insert into lanes (tenant, workflow, version, priority, format) values (?, ?, ?, ?, ?) returning num');
