/** The function of the database that takes everything from a holder that is gone or leaves. */

/** Rows are locked in the order of all others: the worker's, the runs by number, then the tasks. */
export const freeFunction = `
create function pawl.free_1(p_holder text, p_now bigint, p_strike int, p_forget boolean) returns setof bigint
language plpgsql volatile as $fn$
declare
  v_holder bigint;
  v_strike int := p_strike;
begin
  if v_strike is null then
    select case when draining then 0 else 1 end into v_strike from pawl.workers where id = p_holder;
    v_strike := coalesce(v_strike, 1);
  end if;
  if p_forget then delete from pawl.workers where id = p_holder; end if;
  select num into v_holder from pawl.holders where id = p_holder;
  if v_holder is null then return; end if;
  perform num from pawl.runs where holder = v_holder order by num for no key update;
  return query
    update pawl.runs set holder = null, strikes = strikes + case when due_at <= p_now then v_strike else 0 end
    where holder = v_holder returning num;
  update pawl.tasks set holder = null, former_holder = v_holder where holder = v_holder;
end
$fn$;
`;
