-- Splits claims from events that they were matched to by mistake.
-- reads: warehouse.event_source
-- writes: source_claim
-- binds: source, ids
update source_claim t
set split_from = event_id, event_id = nextval('warehouse.event_event_id_seq'), matched_by =
    'APART', is_same = false
where t.source_id = any($2) and t.is_known and exists (select
    from warehouse.event_source o
    where o.event_id = t.event_id and o.source <> $1)
