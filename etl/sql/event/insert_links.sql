-- Stores links between events.
-- reads: merging_link
-- writes: warehouse.event_link
insert into warehouse.event_link (event_id, linked_event_id, relation)
select distinct event_id, linked_event_id, relation
from merging_link
where linked_event_id is not null and linked_event_id <> event_id
order by 1, 2
on conflict do nothing
