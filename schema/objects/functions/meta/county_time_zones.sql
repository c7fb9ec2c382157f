create function meta.county_time_zones() returns jsonb
    language sql stable parallel safe security definer set search_path = pg_catalog
    as $$ select value -> 'countyTimeZones' from meta.setting where name = 'profile' $$;
comment on function meta.county_time_zones() is
    'Time zones of counties that differ from the jurisdiction''s, by FIPS code.';
