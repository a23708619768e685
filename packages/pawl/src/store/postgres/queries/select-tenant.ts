/** The number of a tenant. */
import { query } from '../query.ts';

/** Unique index on the id. */
export const selectTenant = query<[id: string], { num: number }>(
  'select num from pawl.tenants where id = $1',
);
