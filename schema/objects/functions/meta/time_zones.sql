create function meta.time_zones() returns text[]
    language sql stable parallel safe security definer set search_path = pg_catalog
    as $$
        select array(select jsonb_array_elements_text(value -> 'timeZones'))
        from meta.setting
        where name = 'profile'
    $$;
comment on function meta.time_zones() is 'Time zones of this jurisdiction and its counties.';
