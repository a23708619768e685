/** Functions of the database that a commit calls: what must hold of a run, its open waits, and the place in a checksum. */

/** Why a requirement does not hold, or null. The deadline of a wait is judged by the store's clock, even where nobody has written the expiry yet. */
export const unmetFunction = `
create function pawl.unmet_1(r pawl.runs, q jsonb, p_now bigint) returns jsonb language plpgsql volatile as $fn$
declare
  t jsonb := q->'k';
  v_task record;
  v_wait record;
begin
  if q ? 's' and not q->'s' @> to_jsonb(r.status) then return jsonb_build_array(0, 'conflict', r.status); end if;
  if q ? 'u' then
    if r.holder is not null then return '[0, "conflict", "the run is held"]'; end if;
    if r.last_seq <> (q->>'u')::int then
      return jsonb_build_array(0, 'conflict', format('the log ends at %s, not at %s', r.last_seq, q->>'u'));
    end if;
  end if;
  if t is not null then
    select attempt, holder, epoch into v_task from pawl.tasks where run = r.num and path = t->>'p' for update;
    if not found or v_task.attempt <> (t->>'a')::int then
      return jsonb_build_array(0, 'conflict', format('attempt %s of "%s" is no task any more', t->>'a', t->>'p'));
    end if;
    if v_task.holder is null or v_task.holder is distinct from (t->>'h')::bigint then
      return jsonb_build_array(0, 'conflict', format('another holder has the task of "%s"', t->>'p'));
    end if;
    if v_task.epoch <> (t->>'e')::int then
      return jsonb_build_array(0, 'conflict',
        format('the task of "%s" is in epoch %s, the batch is of %s', t->>'p', v_task.epoch, t->>'e'));
    end if;
  end if;
  if q ? 'w' then
    select due_at into v_wait from pawl.waits where run = r.num and path = q->>'w';
    if not found then return jsonb_build_array(0, 'conflict', format('"%s" is not open', q->>'w')); end if;
    if v_wait.due_at <= p_now then
      return jsonb_build_array(0, 'conflict', format('the deadline of "%s" has passed', q->>'w'), true);
    end if;
  end if;
  return null;
end
$fn$;
`;

/**
 * Rows of open waits follow the events: \`o\` opens one, \`c\` closes one, \`s\` is a signal. The count of buffered signals is advisory:
 * a signal that went back to the buffer when its scope was sealed is not counted again (the fold is the truth).
 */
export const projectWaitsFunction = `
create function pawl.project_waits_1(p_run bigint, p_tenant int, p_first int, p_now bigint, p_moves jsonb) returns void
language plpgsql volatile as $fn$
declare
  o jsonb;
  v_path text;
begin
  for o in select value from jsonb_array_elements(p_moves) loop
    if o->>0 = 'c' then
      delete from pawl.waits where run = p_run and path = o->>1;
    elsif o->>0 = 's' then
      select path into v_path from pawl.waits
      where run = p_run and kind = 'signal' and name = o->>1 order by opened_seq limit 1;
      if found then
        delete from pawl.waits where run = p_run and path = v_path;
      else
        insert into pawl.buffered_signals values (p_run, o->>1, 1)
        on conflict (run, name) do update set count = buffered_signals.count + 1;
      end if;
    else
      if o->>2 = 'signal' then
        update pawl.buffered_signals set count = count - 1 where run = p_run and name = o->>3 and count > 0;
        if found then continue; end if;
      end if;
      insert into pawl.waits values
        (p_run, o->>1, p_tenant, o->>2, o->>3, o->>4, p_first + (o->>6)::int, p_now, (o->>5)::bigint)
      on conflict (run, path) do nothing;
    end if;
  end loop;
end
$fn$;
`;

/** What the place of an event does to its checksum (\`checksum.ts\` takes it off again): a row in the wrong place is found. */
export const placeFunction = `
create function pawl.place_1(p_run bigint, p_seq int, p_at bigint) returns int language sql immutable as $fn$
  select ((mod(mod(p_run, 4294967296) * 1000003 + p_seq::bigint * 7919 + p_at, 4294967296)) - 2147483648)::int
$fn$;
`;
