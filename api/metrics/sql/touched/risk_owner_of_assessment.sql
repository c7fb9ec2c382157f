-- Owners of new risk assessments.
select meta.risk_owner(t.organization_id, t.region_id)
from warehouse.risk_assessment t
where {new}
