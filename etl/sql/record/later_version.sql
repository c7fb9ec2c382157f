-- Documents with a record `f` of which a later version is loaded.
-- reads: warehouse.{table}, document
-- binds: source
select
from document d
where f.event_id = d.event_id and d.is_old and exists (
    select
    from warehouse.{table} k
    where k.event_id = d.event_id and k.source = $1)
