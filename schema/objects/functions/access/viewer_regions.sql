-- requires: functions/access/owns_warehouse
-- requires: functions/meta/region_scheme

create function access.viewer_regions() returns integer[]
    language sql stable parallel safe security definer set search_path = pg_catalog
    as $$
        select coalesce(array_agg(region.region_id), '{}')
        from warehouse.region
        join warehouse.region_scheme using (region_scheme_id)
        where region_scheme.code = meta.region_scheme()
          and region.region_id > 0
          and region.code = any (coalesce(
              (select region_codes from access.bi_login where login = session_user),
              case when access.owns_warehouse()
                   then string_to_array(nullif(current_setting('hotwash.viewer_regions', true), ''), ',') end,
              '{}'))
    $$;
comment on function access.viewer_regions() is 'Ids of the regions whose detail the viewer may read.';
