create function meta.time_zone() returns text
    language sql stable parallel safe security definer set search_path = pg_catalog
    as $$ select value ->> 'timeZone' from meta.setting where name = 'profile' $$;
comment on function meta.time_zone() is 'Time zone of this jurisdiction.';
