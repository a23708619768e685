/** The function of the database that registers workflow definitions: all of them, or none. */
export const registerFunction = `
create function pawl.register_1(
  p_names text[], p_versions text[], p_digests text[], p_schemas text[], p_said_names text[], p_said_versions text[], p_said boolean[]
) returns table (name text, version text, digest text, input_schema text, has_on_cancel boolean) language plpgsql volatile as $fn$
#variable_conflict use_column
begin
  lock table pawl.workflows in share row exclusive mode;
  return query
    select w.name, w.version, w.digest, w.input_schema, w.has_on_cancel
    from unnest(p_names, p_versions, p_digests) with ordinality as u (n, v, d, place)
    join pawl.workflows w on w.name = u.n and w.version = u.v where w.digest <> u.d order by u.place;
  if found then return; end if;
  insert into pawl.workflows (name, version, digest, input_schema)
  select u.n, u.v, u.d, u.s from unnest(p_names, p_versions, p_digests, p_schemas) with ordinality as u (n, v, d, s, place)
  order by u.place on conflict do nothing;
  -- "has one" is never taken back
  update pawl.workflows w set has_on_cancel = coalesce(w.has_on_cancel, false) or u.said
  from (select n, v, bool_or(s) as said from unnest(p_said_names, p_said_versions, p_said) as x (n, v, s) group by n, v) u
  where w.name = u.n and w.version = u.v;
end
$fn$;
`;
