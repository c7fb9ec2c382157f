-- Counts hazards, counties, regions and exercise types that are not in the warehouse. Ids of events
-- and organizations were resolved or added in this transaction.
-- reads: merging, warehouse.county, warehouse.exercise_type, warehouse.hazard, warehouse.region
select (select count(*)
    from (select distinct unnest(hazards) as id
        from merging) s
    where not exists (select
        from warehouse.hazard h
        where h.hazard_id = s.id)) + (select count(*)
    from (select distinct unnest(counties) as id
        from merging) s
    where not exists (select
        from warehouse.county c
        where c.county_id = s.id)) + (select count(*)
    from (select distinct unnest(regions) as id
        from merging) s
    where not exists (select
        from warehouse.region r
        where r.region_id = s.id)) + (select count(*)
    from (select distinct coalesce((detail -> 'exercise' ->> 'type')::int, -1) as id
        from merging
        where kind = 'EXERCISE') s
    where not exists (select
        from warehouse.exercise_type t
        where t.exercise_type_id = s.id))
