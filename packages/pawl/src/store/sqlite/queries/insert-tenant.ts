/** Gives a tenant its number. */
import { query } from '../query.ts';

export const insertTenant = query<[id: string], { num: number }>(
  'insert into tenants (id) values (?) returning num',
);
