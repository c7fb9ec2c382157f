-- Stores the labels in the source of events.
-- reads: merging
-- writes: warehouse.event_source_label
insert into warehouse.event_source_label (event_id, field, label)
select distinct m.event_id, l.field, l.label
from merging m
cross join lateral unnest(m.label_fields, m.labels) as l(field, label)
order by 1
