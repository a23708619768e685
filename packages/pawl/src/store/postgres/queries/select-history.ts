/** Which history a server tells: its number grows with every failover, and each cluster has an identity of its own. */
import { query } from '../query.ts';

/** `timeline` is null on a standby: it may become another one. */
export const selectHistory = query<[], { system: string; timeline: string | null }>(
  `select system_identifier::text as system,
     case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline
   from pg_control_system()`,
);
