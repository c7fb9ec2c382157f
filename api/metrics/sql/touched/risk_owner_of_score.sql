-- Owners of risk assessments with new scores.
select meta.risk_owner(a.organization_id, a.region_id)
from warehouse.risk_score t
join warehouse.risk_assessment a using (risk_assessment_id)
where {new}
