-- Organizations that a document mentioned and that this file lists.
-- reads: stage_organization, warehouse.organization
-- fills: adopted_organization
-- binds: source
select distinct on (m.organization_id) m.organization_id, s.source_id
from stage_organization s
join warehouse.organization m on m.source = 'mention' and m.normalized_name =
    s.normalized_name and m.region_id in (s.region_id, -1)
where not exists (select
    from warehouse.organization k
    where k.source = $1 and k.source_id = s.source_id) and m.organization_id = (select
        c.organization_id
    from warehouse.organization c
    where c.source = 'mention' and c.normalized_name = s.normalized_name and c.region_id in (
            s.region_id, -1)
    order by c.region_id desc limit 1)
order by m.organization_id, s.source_id
