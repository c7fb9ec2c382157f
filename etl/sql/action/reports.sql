-- Reports of the file, each with its action. Of several actions with one shared id, the first is
-- used. The `+ 0` keeps Postgres from scanning all actions in key order.
-- reads: {retained}, warehouse.corrective_action, warehouse.corrective_action_source
-- fills: report_corrective_action
-- binds: source
select {columns}, nullif(f.source_version, '')::date as reported_on, coalesce(k.id, x.id) as
    known_id, coalesce(k.id, x.id,
        nextval('warehouse.corrective_action_corrective_action_id_seq')) as id, case
        when k.id is not null then 'SOURCE_ID'
        when x.id is not null then 'EXTERNAL_ID'
        else 'NEW' end as matched_by, null::float8 as similarity, k.is_known
from {retained} f
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
