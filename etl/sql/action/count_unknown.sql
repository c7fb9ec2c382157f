-- Counts references that are not in the warehouse. There are none, unless the
-- reference lists changed during the load.
-- reads: rebuilt_action, warehouse.capability, warehouse.element, warehouse.event,
--     warehouse.organization, warehouse.region
select (
    select count(*)
    from (
        select distinct event_id as id
        from rebuilt_action
        union
        select validated_event_id
        from rebuilt_action) s
    where s.id is not null and not exists (
        select
        from warehouse.event e
        where e.event_id = s.id)) + (
    select count(*)
    from (
        select distinct region_id as id
        from rebuilt_action) s
    where s.id is not null and not exists (
        select
        from warehouse.region r
        where r.region_id = s.id)) + (
    select count(*)
    from (
        select distinct capability_id as id
        from rebuilt_action) s
    where s.id is not null and not exists (
        select
        from warehouse.capability c
        where c.capability_id = s.id)) + (
    select count(*)
    from (
        select distinct owner_id as id
        from rebuilt_action) s
    where s.id is not null and not exists (
        select
        from warehouse.organization o
        where o.organization_id = s.id)) + (
    select count(*)
    from (
        select distinct unnest(elements) as id
        from rebuilt_action) s
    where not exists (
        select
        from warehouse.element e
        where e.element_id = s.id))
