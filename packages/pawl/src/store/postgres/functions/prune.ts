/** The function of the database that removes runs which ended long ago. */

/**
 * Whole families, the root last: it finds the others. What ended is never written again, so that nobody waits for these rows.
 * Answers how many went, and where to go on (null: everything was looked at).
 */
export const pruneFunction = `
create function pawl.prune_1(
  p_ended_before bigint, p_tenant int, p_after bigint, p_limit int, p_window bigint, p_blob_before bigint,
  out removed int, out next bigint
)
language plpgsql volatile as $fn$
declare
  v_newest record;
  v_last bigint;
  v_root record;
  v_family bigint[];
  v_seen int := 0;
  v_blobs int;
begin
  removed := 0;
  select num, tenant, coalesce(root_id, id) as root into v_newest from pawl.runs order by num desc limit 1;
  v_last := least(p_after + p_window, coalesce(v_newest.num, 0));
  for v_root in
    select num, tenant, id from pawl.runs
    where num > p_after and num <= v_last and root_id is null and phase >= 2 and updated_at < p_ended_before
      and tenant = coalesce(p_tenant, tenant)
    order by num limit p_limit
  loop
    v_seen := v_seen + 1;
    next := v_root.num;
    continue when v_root.id = v_newest.root and v_root.tenant = v_newest.tenant;
    continue when exists (
      select from pawl.runs where root_id = v_root.id and tenant = v_root.tenant
        and (phase <= 1 or updated_at >= p_ended_before));
    select coalesce(array_agg(f.num), '{}') into v_family from (
      select num from pawl.runs where root_id = v_root.id and tenant = v_root.tenant order by num limit p_limit - removed) f;
    removed := removed + cardinality(v_family);
    if removed >= p_limit then
      next := v_root.num - 1;
    else
      v_family := v_family || v_root.num;
      removed := removed + 1;
    end if;
    delete from pawl.events where run = any (v_family);
    delete from pawl.waits where run = any (v_family);
    delete from pawl.buffered_signals where run = any (v_family);
    delete from pawl.tasks where run = any (v_family);
    delete from pawl.answers where run = any (v_family);
    delete from pawl.ledger where run = any (v_family);
    delete from pawl.run_keys where run = any (v_family);
    delete from pawl.runs where num = any (v_family);
    if removed >= p_limit then return; end if;
  end loop;
  if v_seen = p_limit then return; end if;
  next := null;
  if v_last < coalesce(v_newest.num, 0) then
    next := v_last;
    return;
  end if;
  delete from pawl.blobs where digest in (
    select b.digest from pawl.blobs b
    where b.used_at < p_blob_before and not exists (select from pawl.events e where e.blob = b.digest)
    limit 1000 for update skip locked);
  get diagnostics v_blobs = row_count;
  if v_blobs = 1000 then next := v_last; end if; -- there may be more
end
$fn$;
`;
