create view bi.fact_capability_rating with (security_invoker = true) as
select
    capability_rating.capability_rating_id,
    capability_rating.event_id,
    event.date_key,
    event.hazard_id,
    capability_rating.capability_id,
    capability_rating.organization_id,
    event.kind as event_kind,
    capability_rating.level,
    rating_scale.code as scale,
    capability_rating.rating,
    rating_value.ordinal as rating_ordinal,
    not rating_value.excluded as is_rated,
    (not rating_value.excluded)::integer as rated_count,
    (rating_value.counts_as_good and not rating_value.excluded)::integer as good_count,
    (rating_value.met_objective and not rating_value.excluded)::integer as met_objective_count
from warehouse.capability_rating
left join warehouse.event using (event_id)
left join warehouse.rating_scale using (rating_scale_id)
left join warehouse.rating_value
    on rating_value.rating_scale_id = capability_rating.rating_scale_id
    and rating_value.code = capability_rating.rating;

comment on view bi.fact_capability_rating is
    'One row a rating; filter level = CAPABILITY and is_rated for the headline share, sum(good_count) / '
    'sum(rated_count), a scale at a time.';
comment on column bi.fact_capability_rating.capability_rating_id is 'Key.';
comment on column bi.fact_capability_rating.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_capability_rating.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_capability_rating.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_capability_rating.capability_id is 'Joins dim_capability.';
comment on column bi.fact_capability_rating.organization_id is
    'Organization rated, -1 the whole event; joins dim_organization.';
comment on column bi.fact_capability_rating.event_kind is 'INCIDENT, EXERCISE or PLANNED_EVENT.';
comment on column bi.fact_capability_rating.level is 'CAPABILITY, TARGET or TASK.';
comment on column bi.fact_capability_rating.scale is 'Rating scale; never mix scales.';
comment on column bi.fact_capability_rating.rating is 'Value, e.g. P.';
comment on column bi.fact_capability_rating.rating_ordinal is
    'Rank on the scale, 1 the best; an order, not a number to average.';
comment on column bi.fact_capability_rating.is_rated is 'Counts in the denominator.';
comment on column bi.fact_capability_rating.rated_count is '1 when rated, to sum.';
comment on column bi.fact_capability_rating.good_count is '1 when P or S, to sum.';
comment on column bi.fact_capability_rating.met_objective_count is '1 when the objective was met, to sum.';
