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
insert into "lanes" values (1, 1, 'line', '1', 0, 2);
insert into "lanes" values (2, 1, 'quorum', '1', 0, 2);
insert into "lanes" values (3, 1, 'rounds', '1', 0, 2);
insert into "lanes" values (4, 1, 'waits', '1', 0, 2);
insert into "lanes" values (5, 1, 'items', '1', 0, 2);
insert into "lanes" values (6, 1, 'judged', '1', 0, 2);
insert into "lanes" values (7, 1, 'family', '1', 0, 2);
insert into "lanes" values (8, 1, 'guardian', '1', 0, 2);
insert into "lanes" values (9, 1, 'child', '1', 0, 2);
insert into "lanes" values (10, 1, 'stubborn', '1', 0, 2);
insert into "lanes" values (11, 1, 'kid', '1', 0, 2);
insert into "lanes" values (12, 1, 'once', '1', 0, 2);
insert into "lanes" values (13, 1, 'clearing', '1', 0, 2);
insert into "lanes" values (14, 1, 'overdue', '1', 0, 2);
insert into "lanes" values (15, 1, 'limited', '1', 0, 2);
insert into "lanes" values (16, 1, 'draining', '1', 0, 2);
insert into "lanes" values (17, 1, 'failing', '1', 0, 2);
insert into "lanes" values (18, 1, 'mistaken', '1', 0, 2);
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
insert into "runs" values (1, 1, 'line', 1, 'completed', 2, null, 0, null, 1, 0, null, 6, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (2, 1, 'quorum', 2, 'completed', 2, null, 1, null, 1, 0, null, 10, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (3, 1, 'rounds', 3, 'waiting', 0, null, 1, null, 2, 0, null, 9, 6, 1767225600000, 1767225602000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (4, 1, 'waits', 4, 'waiting', 0, null, 1, null, 2, 0, 1767227400000, 12, 11, 1767225600000, 1767225602000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (5, 1, 'items', 5, 'running', 0, null, 0, 1, 1, 0, 1767225600000, 6, 0, 1767225600000, 1767225600025, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (6, 1, 'judged', 6, 'completed', 2, null, 0, null, 1, 0, null, 14, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (7, 1, 'family', 7, 'waiting', 0, null, 1, null, 2, 0, null, 7, 5, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (8, 1, 'guardian', 8, 'waiting', 0, null, 0, null, 1, 0, null, 4, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (9, 1, '00000000-000b-7000-8000-000000000001', 9, 'completed', 2, null, 0, null, 1, 0, null, 4, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, 'family', 'family', 'first', 1);
insert into "runs" values (10, 1, 'stubborn', 10, 'waiting', 0, null, 0, null, 1, 0, 1767229200000, 4, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (11, 1, '00000000-000d-7000-8000-000000000001', 11, 'waiting', 0, null, 1, null, 1, 0, null, 4, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, 'guardian', 'guardian', 'call', 1);
insert into "runs" values (12, 1, 'once', 12, 'running', 0, null, 0, 1, 1, 0, 1767225600000, 3, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (13, 1, 'clearing', 13, 'running', 0, null, 1, 1, 2, 0, 1767225602000, 9, 5, 1767225600000, 1767225602025, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (14, 1, 'overdue', 14, 'running', 0, null, 1, 1, 2, 0, 1767225601000, 8, 0, 1767225600000, 1767225601025, 1767225601000, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (15, 1, 'limited', 15, 'parked', 1, 'step_limit', 0, null, 1, 0, null, 6, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (16, 1, 'draining', 16, 'waiting', 0, null, 1, null, 1, 0, 1767229200000, 5, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (17, 1, 'failing', 17, 'failed', 3, null, 1, null, 1, 0, null, 7, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (18, 1, 'cancelled', 3, 'cancelled', 3, null, 1, null, 1, 0, null, 8, 8, 1767225600000, 1767225602000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (19, 1, 'paused', 3, 'paused', 1, null, 1, null, 2, 0, null, 6, 6, 1767225600000, 1767225602000, null, 0, 0, 0, null, null, null, null, 0);
insert into "runs" values (20, 1, 'mistaken', 18, 'waiting', 0, null, 1, null, 1, 0, null, 5, 0, 1767225600000, 1767225600000, null, 0, 0, 0, null, null, null, null, 0);
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
insert into "events" values (1, 1, 1767225600000, 1, null, null, '["line","1","477278a1791615a13525f7457ac019e5b7a5e95ab25fe09e502079ed1a4cd741","api"]', '{"n":20}', null, 594582094);
insert into "events" values (1, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, -2131081996);
insert into "events" values (2, 1, 1767225600000, 1, null, null, '["quorum","1","7b2c4e134ff56f6cef8e11133eefebe518f966f7c5fbc5d14778478aeed5eae4","api"]', '', null, 1074881413);
insert into "events" values (2, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 1522578389);
insert into "events" values (1, 3, 1767225600000, 21, 'one', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"note\",\"input\":20}"}}', '20', null, -825721737);
insert into "events" values (3, 1, 1767225600000, 1, null, null, '["rounds","1","a4dedcd09452ea5aa2f57bb6d26a751a41513508e93a8264c354e7b2902bd9f0","api"]', '', null, 1444111936);
insert into "events" values (3, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 321461962);
insert into "events" values (2, 3, 1767225600000, 40, 'slow', null, '{"name":"slow","after":{"n":0},"dueAt":1767232800000,"kind":"sleep"}', null, null, -1969728786);
insert into "events" values (2, 4, 1767225600000, 23, 'bad', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"decline\"}"}}', '{"class":"terminal","code":"CARD_DECLINED","message":"declined","name":"TerminalError","path":"bad"}', null, 882891460);
insert into "events" values (2, 5, 1767225600000, 21, 'a', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"a"', null, -690195740);
insert into "events" values (2, 6, 1767225600000, 21, 'b', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"b"', null, 697428842);
insert into "events" values (1, 4, 1767225600000, 21, 'choose', null, '{"endedAt":1767225600000,"durationMs":0,"outcome":"many","start":{"kind":"condition","after":{"n":1},"at":1767225600000,"input":"{\"branch\":\"many\"}"}}', '', null, -753686060);
insert into "events" values (4, 1, 1767225600000, 1, null, null, '["waits","1","fd355b57918e02c3c1b39439a3681edeaa4f55641853b324cde51c86d16e2144","api"]', '', null, 1627295618);
insert into "events" values (4, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 902061014);
insert into "events" values (3, 3, 1767225600000, 21, 'work', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"work"', null, 960496388);
insert into "events" values (2, 7, 1767225600000, 45, 'slow', null, '{"reason":"not needed any more","after":3}', null, null, 191964719);
insert into "events" values (2, 8, 1767225600000, 21, 'enough', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"join","after":{"n":3,"since":0},"at":1767225600000,"input":"{}"}}', '', null, -1806890013);
insert into "events" values (1, 5, 1767225600000, 21, 'two', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":2},"label":"The second","at":1767225600000,"input":"{\"function\":\"note\",\"input\":\"after 20\"}"}}', '"after 20"', null, 356033035);
insert into "events" values (5, 1, 1767225600000, 1, null, null, '["items","1","626b89aa114e803fc6e8a6f8140fe33fdf7eb077c6978a2bcf2b2180e50254be","api"]', '', null, 863134773);
insert into "events" values (5, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 2083387081);
insert into "events" values (4, 3, 1767225600000, 40, 'nap', null, '{"name":"nap","after":{"n":0},"dueAt":1767229200000,"kind":"sleep"}', null, null, 369020656);
insert into "events" values (4, 4, 1767225600000, 40, 'mail', null, '{"name":"mail","after":{"n":0},"dueAt":1767227400000,"kind":"signal"}', null, null, -230261689);
insert into "events" values (4, 5, 1767225600000, 40, 'early', null, '{"name":"early","after":{"n":0},"kind":"signal"}', null, null, 23394748);
insert into "events" values (4, 6, 1767225600000, 41, 'gate', null, '{"name":"gate","after":{"n":0},"message":"Ship?","reason":"workflow","approvers":["ada"]}', '{"to":"all"}', null, -1355064886);
insert into "events" values (4, 7, 1767225600000, 41, 'late', null, '{"name":"late","after":{"n":0},"dueAt":1767229200000,"message":"Now?","reason":"workflow","onTimeout":"reject"}', '', null, 1816912608);
insert into "events" values (4, 8, 1767225600000, 40, 'form', null, '{"name":"form","after":{"n":0},"schema":{"type":"object","required":["n"]},"message":"How many?","kind":"input"}', null, null, 1387571460);
insert into "events" values (4, 9, 1767225600000, 41, 'up', null, '{"name":"up","after":{"n":0},"message":"Help","reason":"workflow","approvers":["ada"]}', '', null, -32501338);
insert into "events" values (4, 10, 1767225600000, 3, null, null, '{"dueAt":1767227400000}', null, null, -872711818);
insert into "events" values (3, 4, 1767225600000, 40, 'ask', null, '{"name":"go","after":{"n":1},"kind":"signal"}', null, null, -1119887072);
insert into "events" values (3, 5, 1767225600000, 3, null, null, '{}', null, null, -573222385);
insert into "events" values (2, 9, 1767225600000, 21, 'after', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":5,"since":3},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"after"', null, -1109084762);
insert into "events" values (1, 6, 1767225600000, 9, null, null, '{}', '{"seen":[20,"after 20"],"sum":20}', null, -164245983);
insert into "events" values (6, 1, 1767225600000, 1, null, null, '["judged","1","fef685063cb33d82b38cbf4ea6f860542a73a1ea6f06d9d5dca4718ca2a05505","api"]', '', null, -1225555194);
insert into "events" values (6, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, -1508441624);
insert into "events" values (5, 3, 1767225600000, 70, 'each', null, '{"kind":"map","digest":"bb037af03d977ec8488207ae0d6362cf88fe3c93e1459b8435a47d04168549af","after":{"n":0}}', null, null, 1406255893);
insert into "events" values (5, 4, 1767225600000, 20, 'each/item:1/step', null, '{"kind":"function","after":{"n":0},"at":1767225600000}', '{"function":"stall","input":1}', null, -1971842426);
insert into "events" values (5, 5, 1767225600000, 21, 'each/item:0/step', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"stall\",\"input\":1}"}}', '0', null, -2144589325);
insert into "events" values (2, 10, 1767225600000, 9, null, null, '{}', '["completed","failed","pending","after"]', null, -1927354004);
insert into "events" values (7, 1, 1767225600000, 1, null, null, '["family","1","8cdcb6a18ba3e020c0c2f0d95607774ae77fc71fb9147dd7b156e4ee4084fc2a","api"]', '', null, 1214592477);
insert into "events" values (7, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, -268522249);
insert into "events" values (6, 3, 1767225600000, 70, 'sizes', null, '{"kind":"map","digest":"2f9231b0ff0967c03456958d7e1becf7326b7e8df70c95a1c71bc6c29c89a015","after":{"n":0}}', null, null, 387409895);
insert into "events" values (6, 4, 1767225600000, 70, 'some', null, '{"kind":"map","digest":"49a64717d5d4cb19952e6eac2946415cf6879adacf9908e7d872332d32c6e684","after":{"n":0}}', null, null, -410440045);
insert into "events" values (6, 5, 1767225600000, 21, 'none', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"map","after":{"n":0},"at":1767225600000,"input":"{}"}}', '[]', null, -878552645);
insert into "events" values (6, 6, 1767225600000, 23, 'some/item:0/step', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"decline\"}"}}', '{"class":"terminal","code":"CARD_DECLINED","message":"declined","name":"TerminalError","path":"some/item:0/step"}', null, -232939502);
insert into "events" values (6, 7, 1767225600000, 23, 'some/item:1/step', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"decline\"}"}}', '{"class":"terminal","code":"CARD_DECLINED","message":"declined","name":"TerminalError","path":"some/item:1/step"}', null, 1922240340);
insert into "events" values (6, 8, 1767225600000, 21, 'sizes/x/step', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"note\",\"input\":1}"}}', '1', null, 1919513856);
insert into "events" values (6, 9, 1767225600000, 21, 'sizes/yy/step', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"note\",\"input\":2}"}}', '2', null, 930095569);
insert into "events" values (8, 1, 1767225600000, 1, null, null, '["guardian","1","5379af72a9b846395df2c268bc0aee0d84c1a8e5c1935a2d67e443d6312e9ba0","api"]', '', null, 1249580394);
insert into "events" values (8, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, -338850864);
insert into "events" values (7, 3, 1767225600000, 60, 'first', null, '{"childRunId":"00000000-000b-7000-8000-000000000001","workflow":"child","version":"1","after":{"n":0}}', null, null, 1211177797);
insert into "events" values (9, 1, 1767225600000, 1, null, null, '{"workflow":"child","version":"1","digest":"c992849af331fa5f2fd603b25e05fcb69299256a2415bade60a4aee66af22b3b","trigger":{"kind":"child","ref":"family"},"parentRunId":"family","parentPath":"first","rootRunId":"family","depth":1,"unparsed":true}', '{"n":4}', null, 619515911);
insert into "events" values (7, 4, 1767225600000, 3, null, null, '{}', null, null, 1008664812);
insert into "events" values (6, 10, 1767225600000, 21, 'joined', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"reduce","after":{"n":5,"since":0},"at":1767225600000,"input":"{\"items\":[1,2],\"strategy\":\"expression\",\"expression\":{\"source\":\"items.size()\",\"value\":2}}"}}', '2', null, 177086704);
insert into "events" values (10, 1, 1767225600000, 1, null, null, '["stubborn","1","e830704bc25c04ddf488e96111d57b7b165e3a51a7b61c78a8e7c70aaee75cd4","api"]', '', null, 1144684958);
insert into "events" values (10, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 1246163964);
insert into "events" values (8, 3, 1767225600000, 60, 'call', null, '{"childRunId":"00000000-000d-7000-8000-000000000001","workflow":"kid","version":"1","after":{"n":0}}', null, null, 686488077);
insert into "events" values (11, 1, 1767225600000, 1, null, null, '{"workflow":"kid","version":"1","digest":"c59b87efcc291ca2f419f3168473e8b16fb5e180ee1dcd72a16080fa48570b2e","trigger":{"kind":"child","ref":"guardian"},"parentRunId":"guardian","parentPath":"call","rootRunId":"guardian","depth":1,"unparsed":true}', '', null, -2012964515);
insert into "events" values (8, 4, 1767225600000, 3, null, null, '{}', null, null, 901323607);
insert into "events" values (6, 11, 1767225600000, 21, 'good', null, '{"endedAt":1767225600000,"durationMs":0,"outcome":"passed","start":{"kind":"verify","after":{"n":6},"at":1767225600000,"input":"{\"clauses\":[{\"contains\":\"items\",\"text\":\"2 items\"},{\"expression\":{\"source\":\"state.n == 2\",\"value\":true}}]}"}}', '{"passed":true,"findings":[{"clause":"text","ok":true,"problem":null},{"clause":"expression state.n == 2","ok":true,"problem":null}]}', null, -1056922022);
insert into "events" values (12, 1, 1767225600000, 1, null, null, '["once","1","dd74eff43f6a6c4f2b72775c5d5f9569aee703e46d39bb6f316af7ac433389d2","api"]', '', null, 208208645);
insert into "events" values (12, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, -644503102);
insert into "events" values (10, 3, 1767225600000, 22, 'flaky', null, '{"endedAt":1767225600000,"durationMs":0,"dueAt":1767229200000,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"flaky\"}"}}', '{"class":"retryable","code":"STEP_THREW","message":"attempt 1","path":"flaky"}', null, -249024894);
insert into "events" values (9, 2, 1767225600000, 2, null, null, '{"workerId":"00000000-0001-7000-8000-000000000001","parsed":true}', '{"n":4,"by":2}', null, -2001376632);
insert into "events" values (9, 3, 1767225600000, 21, 'double', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"double\",\"input\":4}"}}', '8', null, 58452199);
insert into "events" values (6, 12, 1767225600000, 23, 'wrong', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"verify","after":{"n":7},"at":1767225600000,"input":"{\"clauses\":[{\"name\":\"size\",\"expression\":{\"source\":\"state.n > 2\",\"value\":false}}]}"}}', '{"class":"terminal","code":"VERIFICATION_FAILED","message":"1 of 1 clauses do not hold: size: gives false","data":{"passed":false,"findings":[{"clause":"size","ok":false,"problem":"gives false"}]},"path":"wrong"}', null, -1484141739);
insert into "events" values (13, 1, 1767225600000, 1, null, null, '["clearing","1","fbdcfddd108dde0f48948366dc7d46454694f858fad5333eb11f7343e3eba1a5","api"]', '', null, -33132544);
insert into "events" values (13, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, -1870920483);
insert into "events" values (12, 3, 1767225600000, 20, 'fax', null, '{"kind":"function","after":{"n":0},"at":1767225600000}', '{"function":"stall"}', null, 245623447);
insert into "events" values (11, 2, 1767225600000, 2, null, null, '{"workerId":"00000000-0001-7000-8000-000000000001","parsed":true}', '', null, 440145628);
insert into "events" values (11, 3, 1767225600000, 41, 'gate', null, '{"name":"gate","after":{"n":0},"message":"Go?","reason":"workflow"}', '', null, 168285873);
insert into "events" values (11, 4, 1767225600000, 3, null, null, '{}', null, null, -2119633913);
insert into "events" values (10, 4, 1767225600000, 3, null, null, '{"dueAt":1767229200000}', null, null, -383148401);
insert into "events" values (9, 4, 1767225600000, 9, null, null, '{}', '8', null, -1001342546);
insert into "events" values (7, 5, 1767225600000, 61, 'first', null, '{"childRunId":"00000000-000b-7000-8000-000000000001","status":"completed","durationMs":0}', '8', null, -850369949);
insert into "events" values (6, 13, 1767225600000, 21, 'repair', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":8},"at":1767225600000,"input":"{\"function\":\"note\",\"input\":\"VERIFICATION_FAILED\"}"}}', '"VERIFICATION_FAILED"', null, 129691992);
insert into "events" values (14, 1, 1767225600000, 1, null, null, '{"workflow":"overdue","version":"1","digest":"979c5728c672e03da9c085bfaff53a615d3a972d1a39cda1d8e5e60af4bb551b","trigger":{"kind":"api"},"deadlineAt":1767225601000}', '', null, -2011612701);
insert into "events" values (14, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, -1231994431);
insert into "events" values (13, 3, 1767225600000, 40, 'wait', null, '{"name":"go","after":{"n":0},"kind":"signal"}', null, null, 858491584);
insert into "events" values (13, 4, 1767225600000, 3, null, null, '{}', null, null, -2101146051);
insert into "events" values (6, 14, 1767225600000, 9, null, null, '{}', '{"sizes":[1,2],"n":2,"repaired":"VERIFICATION_FAILED"}', null, 1754432740);
insert into "events" values (15, 1, 1767225600000, 1, null, null, '["limited","1","9e29af655f02d5d533350c1eeb7cf58a2edd35c0fbb8e31ec3b8a43cca98f8c0","api"]', '', null, 1778907911);
insert into "events" values (15, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, -8852258);
insert into "events" values (14, 3, 1767225600000, 40, 'wait', null, '{"name":"go","after":{"n":0},"kind":"signal"}', null, null, 772051448);
insert into "events" values (14, 4, 1767225600000, 3, null, null, '{"dueAt":1767225601000}', null, null, 1484624438);
insert into "events" values (7, 6, 1767225600000, 40, 'go', null, '{"name":"go","after":{"n":1},"kind":"signal"}', null, null, 1845677074);
insert into "events" values (7, 7, 1767225600000, 3, null, null, '{}', null, null, -834081516);
insert into "events" values (16, 1, 1767225600000, 1, null, null, '["draining","1","8923120444b8080263607781896d98ce24709a64abb7ddec03d0faf85fe1b516","api"]', '', null, -173090711);
insert into "events" values (16, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 625089535);
insert into "events" values (15, 3, 1767225600000, 21, 'a', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"a"', null, 69356454);
insert into "events" values (17, 1, 1767225600000, 1, null, null, '["failing","1","82fa2ed97834c0aa97d09e9d6a9b75af6cdf9ad2510c59978155a6ee5e8e01c7","api"]', '', null, 1188979080);
insert into "events" values (17, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 1823192800);
insert into "events" values (16, 3, 1767225600000, 40, 'nap', null, '{"name":"nap","after":{"n":0},"dueAt":1767229200000,"kind":"sleep"}', null, null, 339211878);
insert into "events" values (16, 4, 1767225600000, 23, 'bad', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"decline\"}"}}', '{"class":"terminal","code":"CARD_DECLINED","message":"declined","name":"TerminalError","path":"bad"}', null, -103096095);
insert into "events" values (15, 4, 1767225600000, 21, 'a#2', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":1},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"a#2"', null, -271243467);
insert into "events" values (18, 1, 1767225600000, 1, null, null, '["rounds","1","a4dedcd09452ea5aa2f57bb6d26a751a41513508e93a8264c354e7b2902bd9f0","api"]', '', null, 163766764);
insert into "events" values (18, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 1754829255);
insert into "events" values (17, 3, 1767225600000, 40, 'nap', null, '{"name":"nap","after":{"n":0},"dueAt":1767229200000,"kind":"sleep"}', null, null, 1635930999);
insert into "events" values (17, 4, 1767225600000, 23, 'no', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"decline\"}"}}', '{"class":"terminal","code":"CARD_DECLINED","message":"declined","name":"TerminalError","path":"no"}', null, 464898698);
insert into "events" values (16, 5, 1767225600000, 3, null, null, '{"dueAt":1767229200000}', null, null, 358775554);
insert into "events" values (15, 5, 1767225600000, 21, 'a#3', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":2},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"a#3"', null, -1232072488);
insert into "events" values (19, 1, 1767225600000, 1, null, null, '["rounds","1","a4dedcd09452ea5aa2f57bb6d26a751a41513508e93a8264c354e7b2902bd9f0","api"]', '', null, -1080740639);
insert into "events" values (19, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 561069272);
insert into "events" values (18, 3, 1767225600000, 21, 'work', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"work"', null, -746657938);
insert into "events" values (17, 5, 1767225600000, 45, 'nap', null, '{"reason":"the run failed","after":1}', null, null, -1635267001);
insert into "events" values (15, 6, 1767225600000, 4, null, null, '{"reason":"step_limit","message":"The run has started more than 3 steps."}', null, null, 581006612);
insert into "events" values (20, 1, 1767225600000, 1, null, null, '["mistaken","1","d6926b6087fcb2bfa2531151b74add5a7c7a041c220293c57899d13f2430bf10","api"]', '', null, -1328445133);
insert into "events" values (20, 2, 1767225600000, 2, null, null, '["00000000-0001-7000-8000-000000000001"]', null, null, 116775253);
insert into "events" values (19, 3, 1767225600000, 21, 'work', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":0},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"work"', null, -1110806020);
insert into "events" values (19, 4, 1767225600000, 40, 'ask', null, '{"name":"go","after":{"n":1},"kind":"signal"}', null, null, -573378678);
insert into "events" values (18, 4, 1767225600000, 40, 'ask', null, '{"name":"go","after":{"n":1},"kind":"signal"}', null, null, 562833431);
insert into "events" values (18, 5, 1767225600000, 3, null, null, '{}', null, null, 1789871973);
insert into "events" values (17, 6, 1767225600000, 21, 'alarm', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"function","after":{"n":2,"since":0},"at":1767225600000,"input":"{\"function\":\"note\"}"}}', '"alarm"', null, -968345616);
insert into "events" values (20, 3, 1767225600000, 23, 'up', null, '{"endedAt":1767225600000,"durationMs":0,"start":{"kind":"escalate","after":{"n":0},"at":1767225600000,"input":"{}"}}', '{"class":"terminal","code":"EXPRESSION_FAILED","message":"up: with.message: {{ input.missing }}: No such key: missing.","path":"up"}', null, -1654369259);
insert into "events" values (17, 7, 1767225600000, 10, null, null, '{"failedSteps":["no"]}', '{"class":"terminal","code":"OUTCOME_UNHANDLED","message":"no ended as \"failed\", and no edge names that.","path":"no","cause":{"class":"terminal","code":"CARD_DECLINED","message":"declined","name":"TerminalError","path":"no"}}', null, 1224147103);
insert into "events" values (20, 4, 1767225600000, 40, 'hold', null, '{"name":"go","after":{"n":1},"kind":"signal"}', null, null, 730546028);
insert into "events" values (20, 5, 1767225600000, 3, null, null, '{}', null, null, -1039612703);
insert into "events" values (19, 5, 1767225600000, 3, null, null, '{}', null, null, 1796913784);
insert into "events" values (5, 6, 1767225600025, 20, 'each/item:2/step', null, '{"kind":"function","after":{"n":1},"at":1767225600000}', '{"function":"stall","input":1}', null, 940475724);
insert into "events" values (14, 5, 1767225601000, 70, ':deadline', null, '{"kind":"deadline","after":{"n":0}}', null, null, -619816597);
insert into "events" values (14, 6, 1767225601000, 45, 'wait', null, '{"reason":"The run took longer than 1.0 s.","after":0}', null, null, 564115326);
insert into "events" values (14, 7, 1767225601000, 21, 'alarm', null, '{"endedAt":1767225601000,"durationMs":0,"start":{"kind":"function","after":{"n":1},"at":1767225601000,"input":"{\"function\":\"note\"}"}}', '"alarm"', null, -1208418926);
insert into "events" values (14, 8, 1767225601025, 20, 'brake', null, '{"kind":"function","after":{"n":2},"at":1767225601000}', '{"function":"stall"}', null, 1190160587);
insert into "events" values (3, 6, 1767225602000, 46, null, null, '{"name":"go"}', '1', null, -41157533);
insert into "events" values (4, 11, 1767225602000, 46, null, null, '{"name":"early"}', '"bird"', null, 430960704);
insert into "events" values (3, 7, 1767225602000, 21, 'work#2', null, '{"endedAt":1767225602000,"durationMs":0,"start":{"kind":"function","after":{"n":2},"at":1767225602000,"input":"{\"function\":\"note\"}"}}', '"work#2"', null, 1254166754);
insert into "events" values (13, 5, 1767225602000, 7, null, 'ada', '{"reason":"not needed"}', null, null, -728669155);
insert into "events" values (3, 8, 1767225602000, 40, 'ask#2', null, '{"name":"go","after":{"n":3},"kind":"signal"}', null, null, -1368867686);
insert into "events" values (3, 9, 1767225602000, 3, null, null, '{}', null, null, 183392508);
insert into "events" values (4, 12, 1767225602000, 3, null, null, '{"dueAt":1767227400000}', null, null, -392576809);
insert into "events" values (18, 6, 1767225602000, 7, null, 'ada', '{}', null, null, -506129752);
insert into "events" values (18, 7, 1767225602000, 45, 'ask', null, '{"reason":"cancelled","after":1}', null, null, 2043432425);
insert into "events" values (18, 8, 1767225602000, 8, null, null, '{}', null, null, -1570172682);
insert into "events" values (13, 6, 1767225602000, 70, ':cancel', null, '{"kind":"cancel","after":{"n":0}}', null, null, -960690831);
insert into "events" values (13, 7, 1767225602000, 45, 'wait', null, '{"reason":"not needed","after":0}', null, null, -1622929149);
insert into "events" values (19, 6, 1767225602000, 5, null, 'ada', '{}', null, null, -1888596174);
insert into "events" values (13, 8, 1767225602000, 21, 'clean', null, '{"endedAt":1767225602000,"durationMs":0,"start":{"kind":"function","after":{"n":1},"at":1767225602000,"input":"{\"function\":\"note\"}"}}', '"clean"', null, -1658328098);
insert into "events" values (13, 9, 1767225602025, 20, 'settle', null, '{"kind":"function","after":{"n":2},"at":1767225602000}', '{"function":"stall"}', null, -566414722);
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
insert into "waits" values (3, 'ask#2', 1, 'signal', 'go', null, 8, 1767225602000, null);
insert into "waits" values (4, 'form', 1, 'input', 'form', 'How many?', 8, 1767225600000, null);
insert into "waits" values (4, 'gate', 1, 'approval', 'gate', 'Ship?', 6, 1767225600000, null);
insert into "waits" values (4, 'late', 1, 'approval', 'late', 'Now?', 7, 1767225600000, 1767229200000);
insert into "waits" values (4, 'mail', 1, 'signal', 'mail', null, 4, 1767225600000, 1767227400000);
insert into "waits" values (4, 'nap', 1, 'sleep', 'nap', null, 3, 1767225600000, 1767229200000);
insert into "waits" values (4, 'up', 1, 'approval', 'up', 'Help', 9, 1767225600000, null);
insert into "waits" values (7, 'go', 1, 'signal', 'go', null, 6, 1767225600000, null);
insert into "waits" values (11, 'gate', 1, 'approval', 'gate', 'Go?', 3, 1767225600000, null);
insert into "waits" values (16, 'nap', 1, 'sleep', 'nap', null, 3, 1767225600000, 1767229200000);
insert into "waits" values (19, 'ask', 1, 'signal', 'go', null, 4, 1767225600000, null);
insert into "waits" values (20, 'hold', 1, 'signal', 'go', null, 4, 1767225600000, null);
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
insert into "answers" values (1, '00000000-0002-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"line","num":1},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (2, '00000000-0003-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"quorum","num":2},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (3, '00000000-0004-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"rounds","num":3},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (4, '00000000-0005-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"waits","num":4},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (5, '00000000-0006-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"items","num":5},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (6, '00000000-0007-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"judged","num":6},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (7, '00000000-0008-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"family","num":7},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (8, '00000000-0009-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"guardian","num":8},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (10, '00000000-000a-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"stubborn","num":10},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (12, '00000000-000c-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"once","num":12},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (13, '00000000-000e-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"clearing","num":13},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (14, '00000000-000f-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"overdue","num":14},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (15, '00000000-0010-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"limited","num":15},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (16, '00000000-0011-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"draining","num":16},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (17, '00000000-0012-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"failing","num":17},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (18, '00000000-0013-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"cancelled","num":18},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (19, '00000000-0014-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"paused","num":19},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (20, '00000000-0015-7000-8000-000000000001', 1767225600000, '{"type":"committed","firstSeq":1,"lastSeq":2,"at":1767225600000,"status":"running","created":[{"run":{"tenant":"default","runId":"mistaken","num":20},"epoch":1,"lastSeq":2,"isNew":true}],"touched":[]}');
insert into "answers" values (3, '00000000-0016-7000-8000-000000000001', 1767225602000, '{"type":"committed","firstSeq":6,"lastSeq":6,"at":1767225602000,"status":"waiting","created":[],"touched":[]}');
insert into "answers" values (4, '00000000-0017-7000-8000-000000000001', 1767225602000, '{"type":"committed","firstSeq":11,"lastSeq":11,"at":1767225602000,"status":"waiting","created":[],"touched":[]}');
insert into "answers" values (13, '00000000-0018-7000-8000-000000000001', 1767225602000, '{"type":"committed","firstSeq":5,"lastSeq":5,"at":1767225602000,"status":"waiting","created":[],"touched":[]}');
insert into "answers" values (18, '00000000-0019-7000-8000-000000000001', 1767225602000, '{"type":"committed","firstSeq":6,"lastSeq":8,"at":1767225602000,"status":"cancelled","created":[],"touched":[]}');
insert into "answers" values (19, '00000000-001a-7000-8000-000000000001', 1767225602000, '{"type":"committed","firstSeq":6,"lastSeq":6,"at":1767225602000,"status":"paused","created":[],"touched":[]}');
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
insert into "workflows" values ('line', '1', '477278a1791615a13525f7457ac019e5b7a5e95ab25fe09e502079ed1a4cd741', '{"type":"object","properties":{"n":{"type":"number","default":20}}}', 0);
insert into "workflows" values ('quorum', '1', '7b2c4e134ff56f6cef8e11133eefebe518f966f7c5fbc5d14778478aeed5eae4', null, 0);
insert into "workflows" values ('rounds', '1', 'a4dedcd09452ea5aa2f57bb6d26a751a41513508e93a8264c354e7b2902bd9f0', null, 0);
insert into "workflows" values ('waits', '1', 'fd355b57918e02c3c1b39439a3681edeaa4f55641853b324cde51c86d16e2144', null, 0);
insert into "workflows" values ('items', '1', '626b89aa114e803fc6e8a6f8140fe33fdf7eb077c6978a2bcf2b2180e50254be', null, 0);
insert into "workflows" values ('judged', '1', 'fef685063cb33d82b38cbf4ea6f860542a73a1ea6f06d9d5dca4718ca2a05505', null, 0);
insert into "workflows" values ('family', '1', '8cdcb6a18ba3e020c0c2f0d95607774ae77fc71fb9147dd7b156e4ee4084fc2a', null, 0);
insert into "workflows" values ('guardian', '1', '5379af72a9b846395df2c268bc0aee0d84c1a8e5c1935a2d67e443d6312e9ba0', null, 0);
insert into "workflows" values ('stubborn', '1', 'e830704bc25c04ddf488e96111d57b7b165e3a51a7b61c78a8e7c70aaee75cd4', null, 0);
insert into "workflows" values ('once', '1', 'dd74eff43f6a6c4f2b72775c5d5f9569aee703e46d39bb6f316af7ac433389d2', null, 0);
insert into "workflows" values ('clearing', '1', 'fbdcfddd108dde0f48948366dc7d46454694f858fad5333eb11f7343e3eba1a5', null, 1);
insert into "workflows" values ('overdue', '1', '979c5728c672e03da9c085bfaff53a615d3a972d1a39cda1d8e5e60af4bb551b', null, 1);
insert into "workflows" values ('limited', '1', '9e29af655f02d5d533350c1eeb7cf58a2edd35c0fbb8e31ec3b8a43cca98f8c0', null, 0);
insert into "workflows" values ('draining', '1', '8923120444b8080263607781896d98ce24709a64abb7ddec03d0faf85fe1b516', null, 0);
insert into "workflows" values ('failing', '1', '82fa2ed97834c0aa97d09e9d6a9b75af6cdf9ad2510c59978155a6ee5e8e01c7', null, 0);
insert into "workflows" values ('mistaken', '1', 'd6926b6087fcb2bfa2531151b74add5a7c7a041c220293c57899d13f2430bf10', null, 0);
insert into "workflows" values ('child', '1', 'c992849af331fa5f2fd603b25e05fcb69299256a2415bade60a4aee66af22b3b', '{"type":"object","required":["n"],"properties":{"n":{"type":"number"},"by":{"type":"number","default":2}}}', 0);
insert into "workflows" values ('kid', '1', 'c59b87efcc291ca2f419f3168473e8b16fb5e180ee1dcd72a16080fa48570b2e', null, 0);
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
insert into "workers" values ('00000000-0001-7000-8000-000000000001', 'test', 1, 1767225600000, 1767225600000, 0, '["line@1","quorum@1","rounds@1","waits@1","items@1","judged@1","family@1","guardian@1","stubborn@1","once@1","clearing@1","overdue@1","limited@1","draining@1","failing@1","mistaken@1","child@1","kid@1"]', null, 0);
CREATE TABLE task_lanes (
  num integer primary key,
  tenant integer not null,
  queue text not null,
  kind text not null,
  priority integer not null,
  unique (tenant, queue, kind, priority)
);
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
CREATE UNIQUE INDEX tasks_by_step on tasks (run, path);
CREATE INDEX tasks_open on tasks (lane) where holder is null and has_begun = 0 and is_stopped = 0;
CREATE INDEX tasks_lost on tasks (has_begun) where holder is null and has_begun = 1;
CREATE INDEX tasks_held on tasks (holder) where holder is not null;
CREATE INDEX runs_by_root on runs (root_id) where root_id is not null;
CREATE INDEX run_keys_by_run on run_keys (run);
CREATE INDEX events_by_blob on events (blob) where blob is not null;
