/** Migration 1: the journal, the rows projected from it, and the indexes that claims and lists are served by. */
export const journal = `
create table pawl.tenants (num integer generated always as identity primary key, id text not null unique);
-- A number is never given again: a fence compares it.
create table pawl.holders (num bigint generated always as identity primary key, id text not null unique);

-- A lane is what runs queue in: claims take lanes in turn, so that no run is found by scanning others.
create table pawl.lanes (
  num integer generated always as identity primary key,
  tenant integer not null,
  workflow text not null,
  version text not null,
  priority integer not null,
  format integer not null,
  unique (tenant, workflow, version, priority, format)
);

-- Half of each page is left free: the row of a run that works is written anew beside its old one, and no index is touched.
create table pawl.runs (
  num bigint generated always as identity primary key,
  tenant integer not null,
  lane integer not null,
  status smallint not null, -- status-codes.ts
  phase smallint not null, -- 0 live, 1 stopped (parked, paused), 2 completed, 3 failed or cancelled: what indexes know of the status
  strikes smallint not null,
  depth smallint not null,
  epoch integer not null,
  last_seq integer not null,
  holder bigint,
  due_at bigint,
  deadline_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cost_nano_usd bigint not null,
  arrived_seq integer not null,
  has_waits boolean not null, -- whether it ever opened a wait or got a signal
  has_tasks boolean not null, -- whether it ever had a task
  id text not null,
  park_reason text,
  labels text,
  root_id text,
  parent_id text,
  parent_path text
) with (fillfactor = 50);
create unique index runs_by_id on pawl.runs (tenant, id);
create index runs_due on pawl.runs (lane, due_at, num) where holder is null and due_at is not null and strikes < 2;
create index runs_quarantined on pawl.runs (lane, due_at, num) where holder is null and due_at is not null and strikes >= 2;
create index runs_held on pawl.runs (holder, num) where holder is not null;
create index runs_unfinished on pawl.runs (lane, num) where phase <= 1;
create index runs_stopped on pawl.runs (lane, num) where phase = 1;
create index runs_completed on pawl.runs (lane, num) where phase = 2;
create index runs_undone on pawl.runs (lane, num) where phase = 3;
create index runs_by_parent on pawl.runs (parent_id, num) where parent_id is not null;
create index runs_by_root on pawl.runs (root_id, num) where root_id is not null;

create table pawl.events (
  run bigint not null,
  seq integer not null,
  crc integer not null, -- checksum.ts
  at bigint not null,
  type smallint not null, -- store/codec/event-codes.ts
  path text,
  actor text,
  data text not null,
  payload text,
  blob text,
  primary key (run, seq)
);

create index events_by_blob on pawl.events (blob) where blob is not null;

create table pawl.blobs (digest text primary key, body text not null, bytes integer not null, used_at bigint not null);

create table pawl.waits (
  run bigint not null,
  path text not null,
  tenant integer not null,
  kind text not null,
  name text not null,
  message text,
  opened_seq integer not null,
  opened_at bigint not null,
  due_at bigint,
  primary key (run, path)
);
create index waits_by_tenant on pawl.waits (tenant, kind, opened_at, run, opened_seq);
create table pawl.buffered_signals (run bigint not null, name text not null, count integer not null, primary key (run, name));

create table pawl.run_keys (
  tenant integer not null,
  workflow text not null,
  key text not null,
  run bigint not null,
  input_digest text,
  primary key (tenant, workflow, key)
);
create index run_keys_by_run on pawl.run_keys (run);
create table pawl.answers (run bigint not null, id text not null, at bigint not null, answer text, primary key (run, id));
create index answers_by_age on pawl.answers (at);
create table pawl.ledger (
  run bigint not null,
  path text not null,
  attempt integer not null,
  at bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cost_nano_usd bigint not null
);
create index ledger_by_run on pawl.ledger (run);

create table pawl.workflows (
  num integer generated always as identity primary key,
  name text not null,
  version text not null,
  digest text not null,
  input_schema text,
  has_on_cancel boolean,
  unique (name, version)
);
create table pawl.workers (
  id text primary key,
  hostname text not null,
  pid integer not null,
  started_at bigint not null,
  beat_at bigint not null,
  draining boolean not null,
  has_lock boolean not null, -- whether its life can be seen from its session's lock
  is_outside boolean not null, -- no process of Pawl: it has no lock, and is judged by its silence
  serves text not null, -- JSON
  queues text -- JSON; null: all
) with (fillfactor = 50);

create table pawl.task_lanes (
  num integer generated always as identity primary key,
  tenant integer not null,
  queue text not null,
  kind text not null,
  priority integer not null,
  unique (tenant, queue, kind, priority)
);
create table pawl.tasks (
  num bigint generated always as identity primary key,
  run bigint not null,
  lane integer not null,
  attempt integer not null,
  epoch integer not null,
  created_at bigint not null,
  holder bigint,
  former_holder bigint,
  is_stopped boolean not null, -- its run is parked or paused: nobody begins it
  has_begun boolean not null,
  path text not null,
  body text not null
);
create unique index tasks_by_step on pawl.tasks (run, path);
create index tasks_open on pawl.tasks (lane, num) where holder is null and not has_begun and not is_stopped;
create index tasks_lost on pawl.tasks (num) where holder is null and has_begun;
create index tasks_held on pawl.tasks (holder, num) where holder is not null;
`;
