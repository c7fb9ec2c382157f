-- Reports of the file, each with its action. An answer to a sent tracker belongs to the action of its
-- request alone. Of several actions with one shared id, the first is used. The `+ 0` keeps Postgres
-- from scanning all actions in key order.
-- reads: {retained}, warehouse.corrective_action, warehouse.corrective_action_source,
--     warehouse.tracker_request
-- fills: report_corrective_action
-- binds: source
select {columns}, nullif(f.source_version, '')::date as reported_on,
    coalesce(q.id, k.id, x.id) as known_id, coalesce(q.id, k.id, x.id,
        nextval('warehouse.corrective_action_corrective_action_id_seq')) as id, case
        when q.id is not null then 'REQUEST'
        when k.id is not null then 'SOURCE_ID'
        when x.id is not null then 'EXTERNAL_ID'
        else 'NEW' end as matched_by, null::float8 as similarity, k.is_known
from {retained} f
left join lateral (
    select t.corrective_action_id as id
    from warehouse.tracker_request t
    where t.source_id = f.request_id
    order by t.source = 'hotwash' desc
    limit 1) q on true
cross join lateral (
    select min(s.corrective_action_id) as id, coalesce(bool_or(s.content_hash = f.content_hash and
        s.reported_on is not distinct from nullif(f.source_version, '')::date and
        (f.organization_id is null or s.report ->> 'owner_id' is not null)), false) as is_known
    from warehouse.corrective_action_source s
    where s.source = $1 and s.source_id = f.source_id) k
cross join lateral (
    select min(a.corrective_action_id + 0) as id
    from warehouse.corrective_action a
    where k.id is null and a.external_id = f.external_id) x
where f.request_id is null or q.id is not null
