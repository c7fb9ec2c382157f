-- Computes the overall risk of each assessment. It is mean probability/3 × mean severity/18
-- over all rows, including those that do not apply.
-- reads: merging_risk_score, warehouse.risk_score
-- writes: warehouse.risk_assessment
update warehouse.risk_assessment a
set overall_risk = r.overall
from (
    select s.risk_assessment_id, avg(s.probability)::float8 / 3 * avg(s.human_impact +
        s.property_impact + s.business_impact + s.preparedness + s.internal_response +
        s.external_response)::float8 / 18 as overall
    from warehouse.risk_score s
    where s.risk_assessment_id in (
        select parent_id
        from merging_risk_score)
    group by 1) r
where a.risk_assessment_id = r.risk_assessment_id and a.overall_risk is distinct from r.overall
