-- Linked events that are not in the warehouse.
-- reads: merging_link
select shown, min(source_row), count(*)
from merging_link
where linked_event_id is null
group by 1
order by 2 limit 100
