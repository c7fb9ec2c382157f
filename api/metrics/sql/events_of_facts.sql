-- Events, from which facts take their day, kind, hazard, source and regions.
select e.event_id, e.local_date, coalesce(e.end_local_date, e.local_date), e.hazard_id, e.kind,
    e.source, e.status,
    case when e.sensitivity = 'PUBLIC' or e.statewide then 'PUBLIC' else 'RESTRICTED' end
from warehouse.event e
where {e.event_id}
