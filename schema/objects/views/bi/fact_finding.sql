create view bi.fact_finding with (security_invoker = true) as
select
    finding.finding_id,
    finding.event_id,
    event.date_key,
    event.hazard_id,
    finding.capability_id,
    finding.organization_id,
    finding.kind,
    finding.text as finding,
    (finding.kind = 'STRENGTH')::integer as strength_count,
    (finding.kind = 'AREA_FOR_IMPROVEMENT')::integer as area_count,
    (select count(*) from warehouse.corrective_action a where a.finding_id = finding.finding_id)::integer as action_count
from warehouse.finding
left join warehouse.event using (event_id);

comment on view bi.fact_finding is 'One row a strength or area for improvement.';
comment on column bi.fact_finding.finding_id is 'Key.';
comment on column bi.fact_finding.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_finding.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_finding.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_finding.capability_id is 'Joins dim_capability.';
comment on column bi.fact_finding.organization_id is
    'Organization it is about, -1 the whole event; joins dim_organization.';
comment on column bi.fact_finding.kind is 'STRENGTH or AREA_FOR_IMPROVEMENT.';
comment on column bi.fact_finding.finding is 'The observation, redacted.';
comment on column bi.fact_finding.strength_count is '1 for a strength, to sum.';
comment on column bi.fact_finding.area_count is '1 for an area for improvement, to sum.';
comment on column bi.fact_finding.action_count is 'Corrective actions answering it, to sum.';
