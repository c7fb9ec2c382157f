-- Claims of this file about events, with what is stored of them. A claim whose sponsor has become
-- known since is not the same, so that the order of files does not matter.
-- reads: ref_organization, stage_event, warehouse.event_source, warehouse.exercise
-- fills: source_claim
-- binds: source
select s.source_id, s.weight, s.source_row, t.event_id, null::bigint as split_from,
    null::float8 as similarity, case when t.event_id is not null then t.matched_by end as
    matched_by, t.event_id is not null as is_known, (t.content_hash = s.content_hash and not
        exists (select
        from ref_organization o
        join warehouse.exercise x on x.sponsor_organization_id = -1
        where o.ref = s.detail -> 'exercise' ->> 'sponsor' and o.organization_id > 0 and
            x.event_id = t.event_id)) or s.source_version < t.source_version as is_same
from stage_event s
left join warehouse.event_source t on t.source = $1 and t.source_id = s.source_id
