-- Stores withdrawals, and marks their actions as touched.
-- reads: touched_action, {found}
-- writes: touched_action, warehouse.corrective_action_source
-- binds: source, batch, file
with noted as (
    insert into warehouse.corrective_action_source (source, source_id, corrective_action_id,
        matched_by, reported_on, report, batch_id, file_id, source_row, content_hash)
    select $1, f.source_id, f.corrective_action_id, 'SOURCE_ID', f.reported_on,
        jsonb_build_object('event_ref', f.event_ref, 'withdrawn', true), $2, $3, 0, '\x'::bytea
    from {found} f
    returning corrective_action_id)
insert into touched_action
select distinct corrective_action_id
from noted n
where not exists (
    select
    from touched_action t
    where t.id = n.corrective_action_id)
