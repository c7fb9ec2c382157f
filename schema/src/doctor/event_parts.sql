-- Reads: warehouse.event, warehouse.incident, warehouse.exercise.
-- Counts: the events without the part that their kind requires.
select count(*) as broken
from warehouse.event e
where (kind = 'INCIDENT' and not exists (
    select
    from warehouse.incident i
    where i.event_id = e.event_id
))
    or (kind = 'EXERCISE' and not exists (
    select
    from warehouse.exercise x
    where x.event_id = e.event_id
))
