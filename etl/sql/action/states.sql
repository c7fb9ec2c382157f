-- Rebuilt actions with the columns of the warehouse.
-- reads: rebuilt_action, warehouse.event_region, warehouse.finding, warehouse.organization
select m.id, m.event_id, (
        select n.finding_id
        from warehouse.finding n
        where n.source = m.finding_source and n.source_id = m.finding_source_id) as finding_id,
    coalesce(m.region_id, nullif((
        select o.region_id
        from warehouse.organization o
        where o.organization_id = m.owner_id), -1), (
        select r.region_id
        from warehouse.event_region r
        where r.event_id = m.event_id
        order by r.allocation_weight desc, r.region_id
        limit 1), -1) as region_id, m.region_id is null and not exists (
        select
        from warehouse.organization o
        where o.organization_id = m.owner_id and o.region_id > 0) as region_from_event,
    coalesce(m.capability_id, -1) as capability_id,
    coalesce(m.owner_id, -1) as owner_organization_id, m.external_id, m.issue, m.text, m.priority,
    m.status, m.opened_on, m.start_on, m.due_original_on, m.due_current_on, m.due_precision,
    m.due_text, m.completed_on, m.cancelled_on, m.validated_on, m.validated_event_id,
    m.sensitivity, m.source, m.source_id, m.batch_id, m.file_id, m.source_row, m.content_hash
from rebuilt_action m
