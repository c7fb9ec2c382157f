-- New and changed organizations.
-- reads: stage_organization, warehouse.organization
-- fills: merging_organization
-- binds: source
select s.*, coalesce(o.organization_id, nextval(pg_get_serial_sequence(
                'warehouse.organization', 'organization_id'))) as organization_id,
    o.organization_id is null as is_new, o.organization_id is null or (o.name, o.region_id,
        o.discipline_id) is distinct from (s.name, s.region_id, s.discipline_id) as is_version,
    o.normalized_name as former_name, o.region_id as former_region_id
from stage_organization s
left join warehouse.organization o on o.source = $1 and o.source_id = s.source_id
where o.organization_id is null or o.content_hash is distinct from s.content_hash
