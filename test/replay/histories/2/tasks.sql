pragma application_id = 1348564844;
pragma user_version = 4;
CREATE TABLE migrations (version integer primary key, hash text not null, applied_at integer not null);
insert into "migrations" values (1, 'af96228810f5b5df678d1595a45f481c629bbe705a36b54eccb44a57b21b9e28', 1767225600000);
insert into "migrations" values (2, '1f661b236499d4a52a01dffeeff74620b1ae928c080547b24be89d3abcfe325d', 1767225600000);
insert into "migrations" values (3, '7fe11ddeb360486fe660264c4b83105ed9b4b338ce9cb2b8c8cdeeda333894bc', 1767225600000);
insert into "migrations" values (4, '6aeaaecb5cb092fb00f7852f8154ac78cfd48267976075d56cd010bf6fc2057d', 1767225600000);
CREATE TABLE tenants (num integer primary key, id text not null unique);
insert into "tenants" values (1, 'default');
CREATE TABLE holders (num integer primary key autoincrement, id text not null unique);
insert into "holders" values (1, '00000000-0001-7000-8000-000000000001');
CREATE TABLE lanes (
  num integer primary key,
  tenant integer not null,
  workflow text not null,
  version text not null,
  priority integer not null,
  format integer not null,
  unique (tenant, workflow, version, priority, format)
);
insert into "lanes" values (1, 1, 'sent', '1', 0, 2);
insert into "lanes" values (2, 1, 'begun', '1', 0, 2);
insert into "lanes" values (3, 1, 'undone', '1', 0, 2);
CREATE TABLE runs (
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
insert into "runs" values (1, 1, 'sent', 1, 'completed', 2, null, 0, null, 7, 0, null, 22, 20, 1767225600000, 1767225600030, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (2, 1, 'begun', 2, 'running', 0, null, 0, null, 1, 0, null, 5, 5, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (3, 1, 'undone', 3, 'cancelled', 3, null, 0, null, 2, 0, null, 9, 6, 1767225600000, 1767225602000, null, 0, 0, 0, null, null, null, null, 0);
CREATE UNIQUE INDEX runs_by_id on runs (tenant, id);
CREATE INDEX runs_by_lane on runs (lane);
CREATE INDEX runs_due on runs (lane, due_at) where holder is null and due_at is not null and strikes < 2;
CREATE INDEX runs_quarantined on runs (lane, due_at) where holder is null and due_at is not null and strikes >= 2;
CREATE INDEX runs_held on runs (holder) where holder is not null;
CREATE INDEX runs_unfinished on runs (lane) where phase <= 1;
CREATE INDEX runs_stopped on runs (lane) where phase = 1;
CREATE INDEX runs_undone on runs (lane) where phase = 3;
CREATE INDEX runs_by_parent on runs (parent_id) where parent_id is not null;
CREATE TABLE events (
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
insert into "events" values (1, 1, 1767225600000, 1, null, null, '["sent","1","395dd6a1449c8c9729bc0c39f74aa90bf3332dc74579ff452ac57a72efb7dbbb","api"]', '', null, -1983771214);
insert into "events" values (1, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, -2131081996);
insert into "events" values (2, 1, 1767225600000, 1, null, null, '["begun","1","55db26bf9858dd6e838cb7c532a3125ad88fcc4e8061d5fa627642e2f27c948d","api"]', '', null, -306476517);
insert into "events" values (2, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 1522578389);
insert into "events" values (1, 3, 1767225600000, 28, 'one', null, '{"at":1767225600000,"kind":"function","after":{"n":0},"queue":"gpu","needs":"function:note"}', '{"function":"note","input":1}', null, -192495641);
insert into "events" values (1, 4, 1767225600000, 3, null, null, '{}', null, null, 966987426);
insert into "events" values (3, 1, 1767225600000, 1, null, null, '["undone","1","d00bec09185c552de84526dff64ada5b4030e1c1ba809a11190153dd79205e4a","api"]', '', null, 1093106844);
insert into "events" values (3, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 321461962);
insert into "events" values (2, 3, 1767225600000, 28, 'out', null, '{"at":1767225600000,"kind":"function","after":{"n":0},"queue":"general","needs":"function:stall"}', '{"function":"stall"}', null, -58359783);
insert into "events" values (2, 4, 1767225600000, 3, null, null, '{}', null, null, 998050181);
insert into "events" values (3, 3, 1767225600000, 28, 'out', null, '{"at":1767225600000,"kind":"function","after":{"n":0},"queue":"general","needs":"function:stall"}', '{"function":"stall"}', null, 696688607);
insert into "events" values (3, 4, 1767225600000, 3, null, null, '{}', null, null, 986248344);
insert into "events" values (1, 5, 1767225600000, 20, 'one', null, '{"kind":"function","queue":"gpu","workerId":"00000000-0001-7000-8000-000000000001","at":1767225600000}', null, null, 1729081270);
insert into "events" values (1, 6, 1767225600000, 21, 'one', null, '[1767225600000,0]', '1', null, -211994893);
insert into "events" values (2, 5, 1767225600000, 20, 'out', null, '{"kind":"function","queue":"general","workerId":"00000000-0001-7000-8000-000000000001","at":1767225600000}', null, null, 884491699);
insert into "events" values (3, 5, 1767225600000, 20, 'out', null, '{"kind":"function","queue":"general","workerId":"00000000-0001-7000-8000-000000000001","at":1767225600000}', null, null, 200895945);
insert into "events" values (1, 7, 1767225600000, 28, 'two', null, '{"at":1767225600000,"kind":"function","after":{"n":1},"queue":"general","needs":"function:flaky"}', '{"function":"flaky"}', null, -1226513086);
insert into "events" values (1, 8, 1767225600000, 3, null, null, '{}', null, null, 1176417728);
insert into "events" values (1, 9, 1767225600000, 20, 'two', null, '{"kind":"function","queue":"general","workerId":"00000000-0001-7000-8000-000000000001","at":1767225600000}', null, null, -941441668);
insert into "events" values (1, 10, 1767225600000, 22, 'two', null, '{"endedAt":1767225600000,"durationMs":0,"dueAt":1767225600010}', '{"class":"retryable","code":"STEP_THREW","message":"attempt 1","path":"two"}', null, 1905254779);
insert into "events" values (1, 11, 1767225600000, 3, null, null, '{"dueAt":1767225600010}', null, null, 1283971054);
insert into "events" values (1, 12, 1767225600010, 28, 'two', null, '{"attempt":2,"at":1767225600010,"kind":"function","queue":"general","needs":"function:flaky"}', null, null, -309323324);
insert into "events" values (1, 13, 1767225600010, 3, null, null, '{}', null, null, -1360016771);
insert into "events" values (1, 14, 1767225600010, 20, 'two', null, '{"attempt":2,"kind":"function","queue":"general","workerId":"00000000-0001-7000-8000-000000000001","at":1767225600010}', null, null, 703325058);
insert into "events" values (1, 15, 1767225600010, 22, 'two', null, '{"attempt":2,"endedAt":1767225600010,"durationMs":0,"dueAt":1767225600030}', '{"class":"retryable","code":"STEP_THREW","message":"attempt 2","path":"two"}', null, 1262005914);
insert into "events" values (1, 16, 1767225600010, 3, null, null, '{"dueAt":1767225600030}', null, null, -673455166);
insert into "events" values (1, 17, 1767225600030, 28, 'two', null, '{"attempt":3,"at":1767225600030,"kind":"function","queue":"general","needs":"function:flaky"}', null, null, -1702926482);
insert into "events" values (1, 18, 1767225600030, 3, null, null, '{}', null, null, 1775091570);
insert into "events" values (1, 19, 1767225600030, 20, 'two', null, '{"attempt":3,"kind":"function","queue":"general","workerId":"00000000-0001-7000-8000-000000000001","at":1767225600030}', null, null, 881302233);
insert into "events" values (1, 20, 1767225600030, 21, 'two', null, '{"attempt":3,"endedAt":1767225600030,"durationMs":0}', '3', null, 57966736);
insert into "events" values (1, 21, 1767225600030, 21, 'three', null, '{"endedAt":1767225600030,"durationMs":0,"start":{"kind":"function","after":{"n":2},"at":1767225600030,"input":"{\"function\":\"note\",\"input\":3}"}}', '3', null, 417495981);
insert into "events" values (1, 22, 1767225600030, 9, null, null, '{}', '[1,3,3]', null, -1610572326);
insert into "events" values (3, 6, 1767225602000, 7, null, 'ada', '{}', null, null, 602940127);
insert into "events" values (3, 7, 1767225602000, 70, ':cancel', null, '{"kind":"cancel","after":{"n":0}}', null, null, -989362358);
insert into "events" values (3, 8, 1767225602000, 26, 'out', null, '{"reason":"cancelled"}', null, null, -939357471);
insert into "events" values (3, 9, 1767225602000, 8, null, null, '{}', null, null, -233921781);
CREATE UNIQUE INDEX events_by_run on events (run, seq);
CREATE TABLE blobs (digest text primary key, body text not null, bytes integer not null, used_at integer not null) without rowid;
CREATE TABLE waits (
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
CREATE INDEX waits_by_tenant on waits (tenant, kind, opened_at);
CREATE TABLE buffered_signals (run integer not null, name text not null, count integer not null, primary key (run, name)) without rowid;
CREATE TABLE run_keys (
  tenant integer not null,
  workflow text not null,
  key text not null,
  run integer not null,
  input_digest text,
  primary key (tenant, workflow, key)
) without rowid;
CREATE TABLE answers (run integer not null, id text not null, at integer not null, answer text);
insert into "answers" values (1, '00000000-0002-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"sent","num":1},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (2, '00000000-0003-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"begun","num":2},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (3, '00000000-0004-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"undone","num":3},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (1, '00000000-0005-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":5,"lastSeq":5,"at":1767225600000,"status":"running","created":[],"touched":[]}');
insert into "answers" values (1, '00000000-0006-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":6,"lastSeq":6,"at":1767225600000,"status":"running","created":[],"touched":[]}');
insert into "answers" values (2, '00000000-0007-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":5,"lastSeq":5,"at":1767225600000,"status":"running","created":[],"touched":[]}');
insert into "answers" values (3, '00000000-0008-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":5,"lastSeq":5,"at":1767225600000,"status":"running","created":[],"touched":[]}');
insert into "answers" values (1, '00000000-0009-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":9,"lastSeq":9,"at":1767225600000,"status":"running","created":[],"touched":[]}');
insert into "answers" values (1, '00000000-000a-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":10,"lastSeq":10,"at":1767225600000,"status":"running","created":[],"touched":[]}');
insert into "answers" values (1, '00000000-000b-7000-8000-000000000001', 1767225600010, '{"type":"committed","firstSeq":14,"lastSeq":14,"at":1767225600010,"status":"running","created":[],"touched":[]}');
insert into "answers" values (1, '00000000-000c-7000-8000-000000000001', 1767225600010, '{"type":"committed","firstSeq":15,"lastSeq":15,"at":1767225600010,"status":"running","created":[],"touched":[]}');
insert into "answers" values (1, '00000000-000d-7000-8000-000000000001', 1767225600030, '{"type":"committed","firstSeq":19,"lastSeq":19,"at":1767225600030,"status":"running","created":[],"touched":[]}');
insert into "answers" values (1, '00000000-000e-7000-8000-000000000001', 1767225600030, '{"type":"committed","firstSeq":20,"lastSeq":20,"at":1767225600030,"status":"running","created":[],"touched":[]}');
insert into "answers" values (3, '00000000-000f-7000-8000-000000000001', 1767225602000, '{"type":"committed","firstSeq":6,"lastSeq":6,"at":1767225602000,"status":"running","created":[],"touched":[]}');
CREATE UNIQUE INDEX answers_by_id on answers (run, id);
CREATE TABLE ledger (
  run integer not null,
  path text not null,
  attempt integer not null,
  at integer not null,
  input_tokens integer not null,
  output_tokens integer not null,
  cost_nano_usd integer not null
);
CREATE INDEX ledger_by_run on ledger (run);
CREATE TABLE workflows (name text not null, version text not null, digest text not null, input_schema text, has_on_cancel integer);
insert into "workflows" values ('sent', '1', '395dd6a1449c8c9729bc0c39f74aa90bf3332dc74579ff452ac57a72efb7dbbb', null, 0);
insert into "workflows" values ('begun', '1', '55db26bf9858dd6e838cb7c532a3125ad88fcc4e8061d5fa627642e2f27c948d', null, 0);
insert into "workflows" values ('undone', '1', 'd00bec09185c552de84526dff64ada5b4030e1c1ba809a11190153dd79205e4a', null, 0);
CREATE UNIQUE INDEX workflows_by_name on workflows (name, version);
CREATE TABLE workers (
  id text primary key,
  hostname text not null,
  pid integer not null,
  started_at integer not null,
  beat_at integer not null,
  draining integer not null,
  serves text not null
, queues text, is_outside integer not null default 0) without rowid;
insert into "workers" values ('00000000-0001-7000-8000-000000000001', 'test', 1, 1767225600000, 1767225600000, 0, '["sent@1","begun@1","undone@1"]', null, 0);
CREATE TABLE task_lanes (
  num integer primary key,
  tenant integer not null,
  queue text not null,
  kind text not null,
  priority integer not null,
  unique (tenant, queue, kind, priority)
);
insert into "task_lanes" values (1, 1, 'gpu', 'function:note', 0);
insert into "task_lanes" values (2, 1, 'general', 'function:stall', 0);
insert into "task_lanes" values (3, 1, 'general', 'function:flaky', 0);
CREATE TABLE tasks (
  num integer primary key autoincrement,
  run integer not null,
  path text not null,
  attempt integer not null,
  lane integer not null,
  created_at integer not null,
  is_stopped integer not null, -- its run is parked or paused: nobody begins it
  holder integer,
  former_holder integer,
  epoch integer not null,
  has_begun integer not null,
  body text not null
);
insert into "tasks" values (2, 2, 'out', 1, 2, 1767225600000, 0, 1, null, 1, 1, '{"input":"{\"function\":\"stall\"}","used":0,"timeoutMs":7200000,"heartbeatMs":3600000}');
CREATE UNIQUE INDEX tasks_by_step on tasks (run, path);
CREATE INDEX tasks_open on tasks (lane) where holder is null and has_begun = 0 and is_stopped = 0;
CREATE INDEX tasks_lost on tasks (has_begun) where holder is null and has_begun = 1;
CREATE INDEX tasks_held on tasks (holder) where holder is not null;
CREATE INDEX runs_by_root on runs (root_id) where root_id is not null;
CREATE INDEX run_keys_by_run on run_keys (run);
CREATE INDEX events_by_blob on events (blob) where blob is not null;
