//! Risk scores, and the totals of an assessment: its overall risk and the rank of each hazard.

/// Columns of the score.
pub const COLUMNS: &[(&str, &str)] = &[
    ("risk_assessment_id", "f.parent_id"),
    ("hazard_id", "f.hazard_id"),
    ("label", "f.label"),
    ("category", "f.category"),
    ("probability", "f.probability"),
    ("human_impact", "f.human_impact"),
    ("property_impact", "f.property_impact"),
    ("business_impact", "f.business_impact"),
    ("preparedness", "f.preparedness"),
    ("internal_response", "f.internal_response"),
    ("external_response", "f.external_response"),
    ("alerts", "f.alerts"),
    ("activations", "f.activations"),
    ("applicable", "f.applicable"),
    ("risk_printed", "f.risk_printed"),
    ("score_printed", "f.score_printed"),
    ("rank_printed", "f.rank_printed"),
    ("risk", "f.risk"),
    ("inherent_risk", "f.inherent_risk"),
];

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
