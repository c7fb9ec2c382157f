create view bi.fact_risk_score with (security_invoker = true) as
select
    s.risk_score_id,
    s.risk_assessment_id,
    a.organization_id,
    a.region_id,
    s.hazard_id,
    (date_part('year', a.assessed_on) * 10000 + date_part('month', a.assessed_on) * 100
        + date_part('day', a.assessed_on))::integer as date_key,
    m.code as method,
    a.assessed_on = max(a.assessed_on) over (partition by a.organization_id, a.assessment_method_id) as is_latest,
    s.applicable,
    s.risk,
    s.inherent_risk,
    s.rank_in_assessment,
    s.probability,
    s.alerts,
    s.activations
from warehouse.risk_score s
join warehouse.risk_assessment a using (risk_assessment_id)
left join warehouse.assessment_method m using (assessment_method_id);

comment on view bi.fact_risk_score is
    'One row a hazard of a risk assessment; 0 probability means not applicable, so average over '
    'applicable rows only.';
comment on column bi.fact_risk_score.risk_score_id is 'Key.';
comment on column bi.fact_risk_score.risk_assessment_id is 'The assessment.';
comment on column bi.fact_risk_score.organization_id is 'Organization that assessed; joins dim_organization.';
comment on column bi.fact_risk_score.region_id is 'Its region; joins dim_region.';
comment on column bi.fact_risk_score.hazard_id is 'Joins dim_hazard.';
comment on column bi.fact_risk_score.date_key is 'Day of the assessment; joins dim_date.';
comment on column bi.fact_risk_score.method is 'Method; compare scores of one method only.';
comment on column bi.fact_risk_score.is_latest is 'Of the organization''s latest assessment by the method.';
comment on column bi.fact_risk_score.applicable is 'The hazard applies.';
comment on column bi.fact_risk_score.risk is
    'Risk by the formula, 0 to 1, to average over the latest assessments of one method; empty where the '
    'hazard does not apply.';
comment on column bi.fact_risk_score.inherent_risk is
    'Risk without the readiness self-scores, 0 to 1, to average over the latest assessments of one '
    'method; empty where the hazard does not apply.';
comment on column bi.fact_risk_score.rank_in_assessment is 'Rank by risk, 1 the highest.';
comment on column bi.fact_risk_score.probability is 'Likelihood, 0 to 3.';
comment on column bi.fact_risk_score.alerts is
    'Alerts in the year of the assessment; never add it up over assessments of several years.';
comment on column bi.fact_risk_score.activations is
    'Activations in the year of the assessment; never add it up over assessments of several years.';
