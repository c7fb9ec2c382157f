//! Totals of an assessment: its overall risk and the rank of each hazard.

/// Ranks applicable hazards by risk, and computes the sheet's overall figure: mean probability/3 ×
/// mean severity/18 over all rows, including those that do not apply.
pub const FILL: &[&str] = &[
    "update warehouse.risk_score t set rank_in_assessment = r.place from ( \
         select s.risk_score_id, case when s.applicable and s.risk is not null then \
             rank() over (partition by s.risk_assessment_id, s.applicable and s.risk is not null \
             order by s.risk desc) end as place \
         from warehouse.risk_score s where s.risk_assessment_id in (select parent_id from \
         {merging})) r \
     where t.risk_score_id = r.risk_score_id and t.rank_in_assessment is distinct from r.place",
    "update warehouse.risk_assessment a set overall_risk = r.overall from ( \
         select s.risk_assessment_id, avg(s.probability)::float8 / 3 * avg(s.human_impact + \
         s.property_impact + s.business_impact \
             + s.preparedness + s.internal_response + s.external_response)::float8 / 18 as overall \
         from warehouse.risk_score s where s.risk_assessment_id in (select parent_id from \
         {merging}) group by 1) r \
     where a.risk_assessment_id = r.risk_assessment_id and a.overall_risk is distinct from \
     r.overall",
];
