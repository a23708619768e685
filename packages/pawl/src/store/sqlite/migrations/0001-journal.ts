/** Migration 1: the journal, the rows projected from it, and the indexes that claims and lists are served by. */
export const journal = `
create table tenants (num integer primary key, id text not null unique);
create table holders (num integer primary key autoincrement, id text not null unique);

-- A lane is what runs queue in: claims take lanes in turn, so that no run is found by scanning others.
create table lanes (
  num integer primary key,
  tenant integer not null,
  workflow text not null,
  version text not null,
  priority integer not null,
  format integer not null,
  unique (tenant, workflow, version, priority, format)
);

create table runs (
  num integer primary key,
  tenant integer not null,
  id text not null,
  lane integer not null,
  status text not null,
  phase integer not null, -- 0 live, 1 stopped (parked, paused), 2 completed, 3 failed or cancelled: what indexes know of the status
  park_reason text,
  has_waits integer not null, -- whether it ever opened a wait or got a signal
  holder integer,
  epoch integer not null,
  strikes integer not null,
  due_at integer,
  last_seq integer not null,
  arrived_seq integer not null,
  created_at integer not null,
  updated_at integer not null,
  deadline_at integer,
  input_tokens integer not null,
  output_tokens integer not null,
  cost_nano_usd integer not null,
  labels text,
  root_id text,
  parent_id text,
  parent_path text,
  depth integer not null
);
create unique index runs_by_id on runs (tenant, id);
create index runs_by_lane on runs (lane);
create index runs_due on runs (lane, due_at) where holder is null and due_at is not null and strikes < 2;
create index runs_quarantined on runs (lane, due_at) where holder is null and due_at is not null and strikes >= 2;
create index runs_held on runs (holder) where holder is not null;
create index runs_unfinished on runs (lane) where phase <= 1;
create index runs_stopped on runs (lane) where phase = 1;
create index runs_undone on runs (lane) where phase = 3;
create index runs_by_parent on runs (parent_id) where parent_id is not null;

-- In order of arrival and not clustered by run: a group of runs then writes a few full pages instead of one page each.
create table events (
  run integer not null,
  seq integer not null,
  at integer not null,
  type integer not null, -- store/codec/event-codes.ts
  path text,
  actor text,
  data text not null,
  payload text,
  blob text,
  crc integer not null
);
create unique index events_by_run on events (run, seq);

create table blobs (digest text primary key, body text not null, bytes integer not null, used_at integer not null) without rowid;

create table waits (
  run integer not null,
  path text not null,
  tenant integer not null,
  kind text not null,
  name text not null,
  message text,
  opened_seq integer not null,
  opened_at integer not null,
  due_at integer,
  primary key (run, path)
) without rowid;
create index waits_by_tenant on waits (tenant, kind, opened_at);
create table buffered_signals (run integer not null, name text not null, count integer not null, primary key (run, name)) without rowid;

create table run_keys (
  tenant integer not null,
  workflow text not null,
  key text not null,
  run integer not null,
  input_digest text,
  primary key (tenant, workflow, key)
) without rowid;
create table answers (run integer not null, id text not null, at integer not null, answer text);
create unique index answers_by_id on answers (run, id);
create table ledger (
  run integer not null,
  path text not null,
  attempt integer not null,
  at integer not null,
  input_tokens integer not null,
  output_tokens integer not null,
  cost_nano_usd integer not null
);
create index ledger_by_run on ledger (run);

create table workflows (name text not null, version text not null, digest text not null, input_schema text);
create unique index workflows_by_name on workflows (name, version);
create table workers (
  id text primary key,
  hostname text not null,
  pid integer not null,
  started_at integer not null,
  beat_at integer not null,
  draining integer not null,
  serves text not null
) without rowid;
`;
