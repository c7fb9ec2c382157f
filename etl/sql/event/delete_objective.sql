-- Deletes rows of changed events, which are stored again.
-- reads: merging
-- writes: warehouse.objective
delete from warehouse.objective c using merging m
where not m.is_new and c.event_id = m.event_id
