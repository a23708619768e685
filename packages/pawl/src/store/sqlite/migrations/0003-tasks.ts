/** Migration 3: attempts of steps that wait for a worker of their queue, and the queues that a worker serves. */
export const tasks = `
create table task_lanes (
  num integer primary key,
  tenant integer not null,
  queue text not null,
  kind text not null,
  priority integer not null,
  unique (tenant, queue, kind, priority)
);

create table tasks (
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
create unique index tasks_by_step on tasks (run, path);
create index tasks_open on tasks (lane) where holder is null and has_begun = 0 and is_stopped = 0;
create index tasks_lost on tasks (has_begun) where holder is null and has_begun = 1;
create index tasks_held on tasks (holder) where holder is not null;

alter table workers add column queues text; -- JSON; null: all
alter table workers add column is_outside integer not null default 0; -- no process of Pawl: it has no lock, and is judged by its silence
`;
