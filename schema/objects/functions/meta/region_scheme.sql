create function meta.region_scheme() returns text
    language sql stable parallel safe security definer set search_path = pg_catalog
    as $$ select value ->> 'regionScheme' from meta.setting where name = 'profile' $$;
comment on function meta.region_scheme() is 'Scheme of regions by which coalitions of this jurisdiction report.';
