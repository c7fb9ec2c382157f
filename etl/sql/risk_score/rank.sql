-- Ranks the applicable hazards of each assessment by risk.
-- reads: merging_risk_score, warehouse.risk_score
-- writes: warehouse.risk_score
update warehouse.risk_score t
set rank_in_assessment = r.place
from (
    select s.risk_score_id, case when s.applicable and s.risk is not null
        then rank() over (partition by s.risk_assessment_id, s.applicable and s.risk is not null
            order by s.risk desc) end as place
    from warehouse.risk_score s
    where s.risk_assessment_id in (
        select parent_id
        from merging_risk_score)) r
where t.risk_score_id = r.risk_score_id and t.rank_in_assessment is distinct from r.place
