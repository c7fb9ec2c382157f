create function meta.core_disciplines() returns text[]
    language sql stable parallel safe security definer set search_path = pg_catalog
    as $$
        select array(select jsonb_array_elements_text(value -> 'coreDisciplines'))
        from meta.setting
        where name = 'profile'
    $$;
comment on function meta.core_disciplines() is 'Codes of the disciplines that this jurisdiction counts as core.';
