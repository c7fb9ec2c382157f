-- Scores, with the days of the same organization's next two assessments. They decide which
-- assessment is the latest on a day. Assessment and hazard are also one number: grouping by one key
-- is fast.
with assessment as (
    select a.risk_assessment_id, a.assessed_on, a.region_id, a.sensitivity,
        meta.risk_owner(a.organization_id, a.region_id) as owner,
        case when a.organization_id > 0 then d.code else 'unmapped' end as discipline,
        lead(a.assessed_on) over w as next_on, lead(a.assessed_on, 2) over w as second_on
    from warehouse.risk_assessment a
    join warehouse.organization o using (organization_id)
    join warehouse.discipline d using (discipline_id)
    where {meta.risk_owner(a.organization_id, a.region_id)} and exists (
            select from warehouse.risk_score s
            where s.risk_assessment_id = a.risk_assessment_id)
    window w as (
        partition by meta.risk_owner(a.organization_id, a.region_id)
        order by a.assessed_on, a.risk_assessment_id)
)
select a.risk_assessment_id, a.owner, a.region_id, a.region_id, a.discipline, a.assessed_on,
    a.next_on, a.second_on, s.hazard_id, s.applicable, s.risk, s.inherent_risk,
    s.rank_in_assessment, s.risk_assessment_id * 65536 + s.hazard_id + 1, a.sensitivity = 'PUBLIC'
from warehouse.risk_score s
join assessment a using (risk_assessment_id)
