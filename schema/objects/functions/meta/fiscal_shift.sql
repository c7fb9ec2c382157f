create function meta.fiscal_shift() returns interval
    language sql stable parallel safe security definer set search_path = pg_catalog
    as $$
        select make_interval(months => (value ->> 'fiscalShift')::integer)
        from meta.setting
        where name = 'profile'
    $$;
comment on function meta.fiscal_shift() is
    'Time to add to a day so that its calendar year is the fiscal year of this jurisdiction.';
