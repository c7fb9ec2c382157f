-- Deletes rows of changed events, which are stored again.
-- reads: merging
-- writes: warehouse.event_source_label
delete from warehouse.event_source_label c using merging m
where not m.is_new and c.event_id = m.event_id
