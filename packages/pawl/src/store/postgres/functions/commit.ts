/** The function of the database that is a commit: it locks the rows first, judges after the lock, and writes the whole group. */

/**
 * What it is given is made in `plan.ts`: `p_plan` is the list of batches, each with its writes in their order; the events of all
 * of them stand in arrays of columns, and a write names its range there. `r` is the row of the run at hand, moved in memory and
 * written when another one is needed. Every statement here sees what was committed before it began, so that what is looked up
 * after a lock is not older than the lock (JOURNAL C).
 */
const PUT_RUN = `
      if v_is_new then
        insert into pawl.runs (num, tenant, lane, status, phase, strikes, depth, epoch, holder, due_at, deadline_at, created_at,
          updated_at, input_tokens, output_tokens, cost_nano_usd, last_seq, arrived_seq, has_waits, has_tasks, id, park_reason,
          labels, root_id, parent_id, parent_path)
        overriding system value
        values (r.num, r.tenant, r.lane, r.status, r.phase, r.strikes, r.depth, r.epoch, r.holder, r.due_at, r.deadline_at, v_now,
          v_now, r.input_tokens, r.output_tokens, r.cost_nano_usd, r.last_seq, r.arrived_seq, r.has_waits, r.has_tasks, r.id,
          r.park_reason, r.labels, r.root_id, r.parent_id, r.parent_path);
      elsif v_is_moved then
        update pawl.runs set status = r.status, phase = r.phase, strikes = r.strikes, holder = r.holder, due_at = r.due_at,
          updated_at = v_now, input_tokens = r.input_tokens, output_tokens = r.output_tokens, cost_nano_usd = r.cost_nano_usd,
          last_seq = r.last_seq, arrived_seq = r.arrived_seq, has_waits = r.has_waits, has_tasks = r.has_tasks,
          park_reason = r.park_reason
        where num = r.num;
      end if;
      v_is_new := false;
      v_is_moved := false;`;

/** The clock of the server, ms since 1970, unless the caller brings one. */
const CLOCK = `coalesce(p_now, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`;

/** Finds the run that \`v_ref\` names and locks its row; \`r.num\` is null where there is none. */
const TAKE_RUN = `
        v_num := (v_ref->>'n')::bigint;
        if v_num is null then
          select num into v_num from pawl.runs where tenant = (v_ref->>'t')::int and id = v_ref->>'i';
        end if;
        if v_num is null then
          r := null;
        elsif r.num is distinct from v_num then
          select * into r from pawl.runs where num = v_num for no key update;
        end if;
        if r.tenant is distinct from (v_ref->>'t')::int or r.id is distinct from v_ref->>'i' then r := null; end if;
        if v_now is null then v_now := ${CLOCK}; end if;`;

/** A new run that an idempotency key did not give before becomes \`r\`; else nothing is written, and the earlier one is answered. */
const CREATE_RUN = `
          v_is_found := false;
          if w ? 'y' then
            select x.num, x.id, x.epoch, x.last_seq, x.status, k.input_digest into v_found
            from pawl.run_keys k join pawl.runs x on x.num = k.run
            where k.tenant = (w->>'t')::int and k.workflow = w->>'wf' and k.key = w->>'y';
            v_is_found := found;
          end if;
          if v_is_found then
            v_created := v_created || jsonb_build_array(jsonb_build_array(
              w->>'tn', v_found.id, v_found.num, v_found.epoch, v_found.last_seq, 0, v_found.input_digest));
            if w ? 'own' then v_last := v_found.last_seq; v_status := v_found.status; v_is_kept := false; end if;
            continue;
          end if;
          r := null;
          v_is_new := true;
          r.num := nextval('pawl.runs_num_seq');
          r.tenant := (w->>'t')::int;
          r.id := w->>'i';
          r.lane := (w->>'lane')::int;
          r.status := 0;
          r.phase := 0;
          r.strikes := 0;
          r.depth := (w->>'depth')::int;
          r.holder := (w->>'h')::bigint;
          r.epoch := case when r.holder is null then 0 else 1 end;
          r.due_at := v_now;
          r.deadline_at := (w->>'dl')::bigint;
          r.input_tokens := 0;
          r.output_tokens := 0;
          r.cost_nano_usd := 0;
          r.last_seq := 0;
          r.arrived_seq := 0;
          r.has_waits := false;
          r.has_tasks := false;
          r.labels := w->>'labels';
          r.root_id := w->>'root';
          r.parent_id := w->>'pa';
          r.parent_path := w->>'pp';
          if w ? 'y' then
            insert into pawl.run_keys values (r.tenant, w->>'wf', w->>'y', r.num, w->>'dg');
          end if;`;

/** Moves \`r\` past the events of the write: their places, the status that they lead to, usage, waits, tasks, ledger. */
const APPEND = `
        v_first := r.last_seq;
        v_before := r.status;
        v_from := (w->>'f')::int;
        v_count := coalesce((w->>'c')::int, 0);
        if w ? 'x' then
          r.has_tasks := true;
          v_is_moved := true;
          insert into pawl.tasks (run, path, attempt, lane, created_at, is_stopped, holder, former_holder, epoch, has_begun, body)
          select r.num, t->>0, (t->>1)::int, (t->>2)::int, v_now, r.phase = 1, null, null, 0, false, t->>3
          from jsonb_array_elements(w->'x') as x(t)
          on conflict (run, path) do update set attempt = excluded.attempt, lane = excluded.lane, created_at = excluded.created_at,
            is_stopped = excluded.is_stopped, holder = null, former_holder = null, has_begun = false, body = excluded.body;
        end if;
        if v_count > 0 then
          v_is_moved := true;
          for i in v_from .. v_from + v_count - 1 loop
            r.last_seq := r.last_seq + 1;
            v_run[i] := r.num;
            v_seq[i] := r.last_seq;
          end loop;
          r.status := substr(w->>'m', r.status + 1, 1)::smallint;
          if w ? 'u' then
            r.input_tokens := r.input_tokens + (w->'u'->>0)::bigint;
            r.output_tokens := r.output_tokens + (w->'u'->>1)::bigint;
            r.cost_nano_usd := r.cost_nano_usd + (w->'u'->>2)::bigint;
          end if;
          if r.strikes <> 0 and w ? 's' then r.strikes := 0; end if;
          if r.status <> v_before or w ? 'r' then
            r.phase := case when r.status in (3, 4) then 1 when r.status = 5 then 2 when r.status >= 6 then 3 else 0 end;
            r.park_reason := case when r.status = 3 then coalesce(w->>'r', r.park_reason) end;
          end if;
          if w ? 'v' then
            r.has_waits := true;
            perform pawl.project_waits_1(r.num, r.tenant, v_first, v_now, w->'v');
          end if;
          if r.has_tasks then
            for i in v_from .. v_from + v_count - 1 loop
              if p_type[i] = 20 then
                update pawl.tasks set has_begun = true where run = r.num and path = p_path[i] and attempt = p_attempt[i];
              elsif p_type[i] between 21 and 26 then
                delete from pawl.tasks where run = r.num and path = p_path[i] and attempt <= p_attempt[i];
              end if;
            end loop;
            if w ? 'p' then update pawl.tasks set is_stopped = (r.phase = 1) where run = r.num; end if;
          end if;
          if r.status >= 5 then
            r.holder := null;
            r.strikes := 0;
            r.due_at := null;
            if r.has_waits then
              delete from pawl.waits where run = r.num;
              delete from pawl.buffered_signals where run = r.num;
            end if;
            if r.has_tasks then delete from pawl.tasks where run = r.num; end if;
          end if;
        end if;
        if w ? 'g' then
          insert into pawl.ledger
          select r.num, g->>0, (g->>1)::int, v_now, (g->>2)::bigint, (g->>3)::bigint, (g->>4)::bigint
          from jsonb_array_elements(w->'g') as x(g);
        end if;`;

/** An arrival holds back conclusions that have not seen it, and makes the run due by the rule of \`z\`. */
const ARRIVE = `
          if v_count > 0 then r.arrived_seq := r.last_seq; end if;
          if w ? 'z' and r.status < 5 and (w->>'z' = '2' or v_before <= 2) and (r.due_at is null or r.due_at > v_now) then
            r.due_at := v_now;
            v_is_moved := true;
          end if;`;

/** Why the batch cannot be taken, as \`v_no\`: judged before anything of it is written. */
const JUDGE = `
      if b ? 'fe' then
        if r.status >= 5 then
          v_no := jsonb_build_array(0, 'run_terminal', r.status);
        elsif r.holder is null then
          v_no := jsonb_build_array(0, 'lease_lost', 'nobody holds the run');
        elsif r.holder is distinct from (b->>'h')::bigint then
          v_no := jsonb_build_array(0, 'lease_lost', 'another holder has the run');
        elsif r.epoch <> (b->>'e')::int then
          v_no := jsonb_build_array(0, 'lease_lost', format('the run is in epoch %s, the batch is of %s', r.epoch, b->>'e'));
        elsif (b->>'s')::int > r.last_seq then
          v_no := jsonb_build_array(0, 'lease_lost',
            format('history was set back: the log ends at %s, %s was read', r.last_seq, b->>'s'));
        end if;
      elsif not b ? 'own' and r.status >= 5 then
        v_no := jsonb_build_array(0, 'run_terminal', r.status);
      end if;
      if v_no is null and b ? 'q' then v_no := pawl.unmet_1(r, b->'q', v_now); end if;
      if v_no is null and b ? 'cr' then
        if b ? 'tw' then
          v_no := '[0, "conflict", "run_id_taken"]';
        elsif exists (
          select 1 from jsonb_array_elements(b->'w') as x(c) join pawl.runs t on t.tenant = (c->>'t')::int and t.id = c->>'i'
          where c->>'k' = '1' and (v_is_concluding or not c ? 'o')
            and not exists (
              select 1 from pawl.run_keys k where k.tenant = t.tenant and k.workflow = c->>'wf' and k.key = c->>'y'))
        then
          v_no := '[0, "conflict", "run_id_taken"]';
        end if;
      end if;`;

/** What a run becomes behind the events of a batch that touches nothing else. */
const BEHIND = `substr(v_moves, status + 1, 1)::smallint`;

/**
 * One update judges the row and moves it; where it finds none, the batch goes the long way, and hears why. Only the number is
 * compared in a way that an index could serve: the planner must not come by another one.
 */
const TRY_SIMPLE = `
      w := b->'z';
      v_num := (b->>'n')::bigint;
      v_moves := w->>'m';
      v_count := (w->>'c')::int;
      v_is_given := w ? 'l';
      if v_now is null then v_now := ${CLOCK}; end if;
      update pawl.runs set
        status = ${BEHIND},
        phase = case when ${BEHIND} <= 2 then 0 when ${BEHIND} <= 4 then 1 when ${BEHIND} = 5 then 2 else 3 end,
        park_reason = case when ${BEHIND} = 3 then park_reason end,
        holder = case when v_is_given or ${BEHIND} >= 5 then null else holder end,
        strikes = case when w ? 's' or ${BEHIND} >= 5 then 0 else strikes end,
        due_at = case when ${BEHIND} >= 5 then null when w ? 'due' then (w->>'due')::bigint else due_at end,
        last_seq = last_seq + v_count,
        updated_at = case when v_count > 0 then v_now else updated_at end,
        input_tokens = input_tokens + (w->'u'->>0)::bigint,
        output_tokens = output_tokens + (w->'u'->>1)::bigint,
        cost_nano_usd = cost_nano_usd + (w->'u'->>2)::bigint
      where num = v_num and tenant is not distinct from (b->>'t')::int and id is not distinct from b->>'i' and status < 5
        and holder is not null and holder is not distinct from (b->>'h')::bigint and epoch = (b->>'e')::int and last_seq >= (b->>'s')::int and not has_tasks
        and (not b ? 'seen' or arrived_seq <= (b->>'seen')::int) and (not has_waits or ${BEHIND} < 5)
      returning last_seq, status into v_last, v_status;
      if found then
        v_from := (w->>'f')::int;
        v_first := v_last - v_count;
        for i in 1 .. v_count loop
          v_run[v_from + i - 1] := v_num;
          v_seq[v_from + i - 1] := v_first + i;
        end loop;
        if r.num = v_num then r := null; end if;
        v_out := v_out || format('[1,%s,%s,%s,%s,[],[]]', v_first + 1, v_last, v_status, v_now);
        continue batches;
      end if;`;

/** A start that nobody can have asked for before: one insert creates the run as its first events leave it, or finds its id taken. */
const TRY_START = `
      w := b->'zs';
      v_count := (w->>'c')::int;
      v_from := (w->>'f')::int;
      v_status := (w->>'st')::int;
      if v_now is null then v_now := ${CLOCK}; end if;
      insert into pawl.runs (tenant, lane, status, phase, strikes, depth, epoch, holder, due_at, deadline_at, created_at, updated_at,
        input_tokens, output_tokens, cost_nano_usd, last_seq, arrived_seq, has_waits, has_tasks, id, labels, root_id, parent_id,
        parent_path)
      values ((w->>'t')::int, (w->>'lane')::int, v_status, (w->>'ph')::int, 0, (w->>'depth')::int, (w->>'e')::int,
        (w->>'h')::bigint, case when v_status < 5 then v_now end, (w->>'dl')::bigint, v_now, v_now, (w->'u'->>0)::bigint,
        (w->'u'->>1)::bigint, (w->'u'->>2)::bigint, v_count, 0, false, false, w->>'i', w->>'labels', w->>'root', w->>'pa',
        w->>'pp')
      on conflict (tenant, id) do nothing returning num into v_num;
      if found then
        for i in 1 .. v_count loop
          v_run[v_from + i - 1] := v_num;
          v_seq[v_from + i - 1] := i;
        end loop;
        v_out := v_out || format('[1,1,%s,%s,%s,[%s],[]]', v_count, v_status, v_now,
          jsonb_build_array(w->>'tn', w->>'i', v_num, (w->>'e')::int, v_count, 1));
      else
        v_out := v_out || '[0,"conflict","run_id_taken"]'::text;
      end if;
      continue batches;`;

export const commitFunction = `
create function pawl.commit_1(
  p_now bigint, p_nums bigint[], p_tenants int[], p_ids text[], p_plan jsonb, p_type smallint[], p_path text[], p_actor text[],
  p_data text[], p_payload text[], p_blob text[], p_crc int[], p_attempt int[], p_bodies text[], p_bytes int[]
) returns text language plpgsql volatile as $fn$
declare
  b jsonb;
  w jsonb;
  v_ref jsonb;
  v_no jsonb;
  r pawl.runs;
  v_found record;
  v_now bigint;
  v_num bigint;
  v_own bigint;
  v_is_new boolean := false;
  v_is_moved boolean := false;
  v_is_concluding boolean;
  v_is_kept boolean;
  v_is_found boolean;
  v_is_given boolean;
  v_moves text;
  v_first int;
  v_from int;
  v_count int;
  v_before smallint;
  v_first_own int;
  v_last int;
  v_status int;
  v_facts_last int;
  v_behind_seq int;
  v_created jsonb;
  v_touched jsonb;
  v_answer text;
  v_out text[] := '{}';
  v_run bigint[];
  v_seq int[];
  v_pruned boolean := false;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a commit of Pawl needs the isolation level read committed';
  end if;
  if current_setting('synchronous_commit') in ('off', 'local') then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  if p_nums is not null then
    perform num from pawl.runs
    where num = any (array(
      select unnest(p_nums) union select x.num from unnest(p_tenants, p_ids) as u (t, i) join pawl.runs x on x.tenant = u.t and x.id = u.i))
    order by num for no key update;
    v_now := ${CLOCK};
  end if;
  v_run := array_fill(null::bigint, array[coalesce(array_length(p_type, 1), 0)]);
  v_seq := array_fill(null::int, array[coalesce(array_length(p_type, 1), 0)]);
  <<batches>>
  for b in select value from jsonb_array_elements(p_plan) loop
    if b ? 'zs' then${TRY_START}
    end if;
    if b ? 'z' then${TRY_SIMPLE}
    end if;
    v_no := null;
    v_answer := null;
    v_created := '[]';
    v_touched := '[]';
    v_is_kept := true;
    v_is_concluding := false;
    if b ? 'own' and not b ? 'd' then
      r := null;
      if v_now is null then v_now := ${CLOCK}; end if;
    else
      v_ref := b;${TAKE_RUN}
      if r.num is not null and b ? 'd' then
        select coalesce(answer, '[0,"conflict","sent before"]') into v_answer from pawl.answers where run = r.num and id = b->>'d';
        if v_answer is not null then
          v_out := v_out || v_answer;
          continue batches;
        end if;
      end if;
    end if;
    if b ? 'own' and b ? 'no' then
      v_no := b->'no';
    elsif not b ? 'own' and r.num is null then
      v_no := jsonb_build_array(0, 'not_found', format('there is no run %s', b->>'i'));
    else
      v_is_concluding := b ? 'seen' and r.arrived_seq <= (b->>'seen')::int;${JUDGE}
    end if;
    if v_no is not null then
      v_out := v_out || v_no::text;
      continue batches;
    end if;
    v_own := r.num;
    v_first_own := case when b ? 'own' then 1 else r.last_seq + 1 end;
    v_facts_last := r.last_seq;
    v_behind_seq := r.arrived_seq;
    v_last := r.last_seq;
    v_status := r.status;
    <<writes>>
    for w in select value from jsonb_array_elements(b->'w') loop
      if w ? 'o' and not v_is_concluding then continue writes; end if;
      if w->>'k' = '1' then${PUT_RUN}${CREATE_RUN}
      elsif w->>'k' = '2' then
        if r.num is distinct from (w->>'n')::bigint or not w ? 'n' then${PUT_RUN}
        end if;
        v_ref := w;${TAKE_RUN}
        if r.num is null or r.status >= 5 then continue writes; end if;
        if w ? 'd' and exists (select 1 from pawl.answers where run = r.num and id = w->>'d') then continue writes; end if;
        if w ? 'q' and pawl.unmet_1(r, w->'q', v_now) is not null then continue writes; end if;
      elsif r.num is distinct from v_own then${PUT_RUN}
        select * into r from pawl.runs where num = v_own for no key update;
      end if;${APPEND}
      case w->>'k'
        when '0' then
          if w ? 'a' then${ARRIVE}
          end if;
          v_facts_last := r.last_seq;
          v_behind_seq := r.arrived_seq;
          v_last := r.last_seq;
          v_status := r.status;
        when '1' then
          v_created := v_created || jsonb_build_array(jsonb_build_array(w->>'tn', r.id, r.num, r.epoch, r.last_seq, 1));
          if w ? 'own' then
            v_own := r.num;
            v_last := r.last_seq;
            v_status := r.status;
          end if;
        when '2' then${ARRIVE}
          if w ? 'd' then insert into pawl.answers (run, id, at, answer) values (r.num, w->>'d', v_now, null); end if;
          v_touched := v_touched || jsonb_build_array(jsonb_build_array(w->>'tn', r.id, r.num));
        else
          if r.status < 5 then
            if w ? 'due' and r.due_at is distinct from (w->>'due')::bigint then
              r.due_at := (w->>'due')::bigint;
              v_is_moved := true;
            end if;
            if w ? 'l' and (r.holder is not null or r.strikes <> 0) then
              r.holder := null;
              r.strikes := 0;
              v_is_moved := true;
            end if;
          end if;
          v_last := r.last_seq;
          v_status := r.status;
      end case;
    end loop writes;${PUT_RUN}
    if b ? 'seen' and not v_is_concluding then
      v_answer := format('[2,%s,%s,%s,%s,%s,%s]', v_first_own, v_facts_last, v_behind_seq, v_now, v_created, v_touched);
    else
      v_answer := format('[1,%s,%s,%s,%s,%s,%s]', v_first_own, v_last, v_status, v_now, v_created, v_touched);
    end if;
    if b ? 'd' and v_is_kept then
      insert into pawl.answers (run, id, at, answer) values (v_own, b->>'d', v_now, v_answer);
      if not v_pruned then
        v_pruned := true;
        delete from pawl.answers where (run, id) in (
          select run, id from pawl.answers where at < v_now - 86400000 order by at limit 10 for update skip locked);
      end if;
    end if;
    v_out := v_out || v_answer;
  end loop batches;
  if p_bodies is not null then
    insert into pawl.blobs (digest, body, bytes, used_at)
    select distinct on (u.digest) u.digest, u.body, u.bytes, v_now
    from unnest(v_run, p_blob, p_bodies, p_bytes) as u (run, digest, body, bytes)
    where u.run is not null and u.digest is not null order by u.digest
    on conflict (digest) do update set used_at = excluded.used_at where excluded.used_at > blobs.used_at + 3600000;
  end if;
  if array_length(p_type, 1) > 0 then
    insert into pawl.events (run, seq, crc, at, type, path, actor, data, payload, blob)
    select u.run, u.seq, u.crc # pawl.place_1(u.run, u.seq, v_now), v_now, u.type, u.path, u.actor, u.data, u.payload, u.blob
    from unnest(v_run, v_seq, p_type, p_path, p_actor, p_data, p_payload, p_blob, p_crc)
      as u (run, seq, type, path, actor, data, payload, blob, crc)
    where u.run is not null;
  end if;
  return '[' || array_to_string(v_out, ',') || ']';
end
$fn$;
`;
