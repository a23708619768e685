/** Migration 4: what finds the runs that go together, and what refers to a run or a blob. */
export const retention = `
create index runs_by_root on runs (root_id) where root_id is not null;
create index run_keys_by_run on run_keys (run);
create index events_by_blob on events (blob) where blob is not null;
`;
